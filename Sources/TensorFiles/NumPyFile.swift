import Foundation

/// NumPy's format for one array (`numpy.save`, `numpy.load`): float32, little-endian, row-major.
///
/// The file is the magic `\x93NUMPY`, the version in two bytes, the length of the header (2 bytes in version 1, else
/// 4; little-endian), a Python dictionary in plain text, and the elements. Format: NumPy's `numpy.lib.format`.
public enum NumPyFile {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Writes a tensor of any rank as version 1.0; an older file of this name is replaced when the new one is complete.
    /// - Throws: ``TensorFileError``.
    public static func write(_ tensor: Tensor, to path: String) throws {
        // NumPy itself reads up to 64 dimensions, and a header of version 1 is counted in 16 bits.
        guard tensor.shape.count <= NumPyHeader.rankLimit else {
            throw TensorFileError.cannotHold(
                path: path,
                reason: "NumPy knows \(NumPyHeader.rankLimit) dimensions, and the tensor has \(tensor.shape.count)")
        }
        let dimensions = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(dimensions)), }"
        // The elements begin at a multiple of 64 bytes, so that they can be mapped.
        let prefix = magic.count + 4
        header += String(repeating: " ", count: 63 - (prefix + header.utf8.count) % 64) + "\n"
        try AtomicFile.write(to: path) { file in
            try file.append(magic + [1, 0])
            try file.append(words: [UInt16(header.utf8.count)])
            try file.append(header.utf8)
            try file.append(floats: tensor.values)
        }
    }

    /// Reads an array of `<f4` in C order, of whatever rank, in versions 1 to 3 of the format.
    /// - Throws: ``TensorFileError``; arrays of other types or in Fortran order are named as such.
    public static func read(path: String) throws -> Tensor {
        let file = try MappedFile(path: path)
        func malformed(_ reason: String) -> TensorFileError { .malformed(path: path, reason: reason) }

        let start = file.copy(0..<12)
        guard start.starts(with: magic), start.count == 12 else { throw malformed("it begins as no NumPy file does") }
        guard (1...3).contains(start[6]), start[7] == 0 else {
            throw malformed("its version is \(start[6]).\(start[7]), and 1.0 to 3.0 are known")
        }
        let lengthSize = start[6] == 1 ? 2 : 4
        let length = start[8..<8 + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
        let dataStart = 8 + lengthSize + length
        guard dataStart <= file.count else {
            throw malformed("its header would have \(length) bytes, and \(file.count - 8 - lengthSize) follow")
        }
        // A header of megabytes would be parsed for nothing: NumPy's have hundreds of bytes.
        guard length <= 65_535 else { throw malformed("its header has \(length) bytes, and 65535 are allowed") }
        let shape: [Int]
        do {
            shape = try NumPyHeader.shape(file.copy(8 + lengthSize..<dataStart))
        } catch let broken as NumPyHeader.Broken {
            throw malformed(broken.rule)
        }
        guard let count = Tensor.count(of: shape), count <= Int.max / 4 - dataStart else {
            throw malformed("its shape asks for more bytes than can be counted")
        }
        let expected = dataStart + 4 * count
        guard file.count >= expected else {
            throw TensorFileError.truncated(path: path, expected: expected, actual: file.count)
        }
        guard file.count == expected else { throw malformed("\(file.count - expected) bytes follow the array") }
        let values = file.withBytes(dataStart..<expected) { Elements.floats($0, .float32) }
        return Tensor(checkedShape: shape, values: values ?? [])
    }
}

/// The dictionary at the start of a NumPy file: a Python literal with three keys, in any order.
enum NumPyHeader {
    static let rankLimit = 64

    struct Broken: Error { let rule: String }

    /// The shape, where the rest says float32, little-endian and C order.
    static func shape(_ bytes: [UInt8]) throws -> [Int] {
        var tokens = try tokens(bytes)[...]
        var (descr, order, shape): (String?, String?, [Int]?)
        try expect("{", &tokens)
        while tokens.first != "}" {
            let key = tokens.popFirst()
            try expect(":", &tokens)
            switch (key, tokens.first) {
            case ("'descr'", let value?) where descr == nil: descr = value
            case ("'fortran_order'", let value?) where order == nil: order = value
            case ("'shape'", "(") where shape == nil: shape = try tuple(&tokens)
            default: throw Broken(rule: "its header has an unknown key, a key twice or no value")
            }
            tokens = tokens.dropFirst()
            guard tokens.first != "," else {
                tokens = tokens.dropFirst()
                continue
            }
            guard tokens.first == "}" else { throw Broken(rule: "its header has no comma where one belongs") }
        }
        guard tokens.count == 1 else { throw Broken(rule: "something follows the dictionary in its header") }
        guard let descr else { throw Broken(rule: "its header has no 'descr'") }
        guard let order else { throw Broken(rule: "its header has no 'fortran_order'") }
        guard let shape else { throw Broken(rule: "its header has no 'shape'") }
        guard descr == "'<f4'" else {
            throw Broken(rule: "it holds elements of the type \(descr), not '<f4' (save array.astype('<f4') instead)")
        }
        guard order == "False" else {
            throw Broken(rule: "it is not in C order (save numpy.ascontiguousarray(array) instead)")
        }
        return shape
    }

    /// The numbers between parentheses, the closing one left in place.
    private static func tuple(_ tokens: inout ArraySlice<String>) throws -> [Int] {
        var dimensions: [Int] = []
        try expect("(", &tokens)
        while tokens.first != ")" {
            guard let number = tokens.popFirst(), number.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let dimension = Int(number)
            else { throw Broken(rule: "its shape holds something other than numbers from 0 to \(Int.max)") }
            guard dimensions.count < rankLimit else {
                throw Broken(rule: "its shape has more than \(rankLimit) numbers")
            }
            dimensions.append(dimension)
            if tokens.first == "," {
                tokens = tokens.dropFirst()
            } else if tokens.first != ")" {
                throw Broken(rule: "its shape has no comma where one belongs")
            }
        }
        return dimensions
    }

    private static func expect(_ token: String, _ tokens: inout ArraySlice<String>) throws {
        guard tokens.popFirst() == token else { throw Broken(rule: "its header has no '\(token)' where one belongs") }
    }

    /// Punctuation, words and numbers, and strings with single quotation marks around them.
    private static func tokens(_ bytes: [UInt8]) throws -> [String] {
        var tokens: [String] = []
        var rest = bytes[...]
        while let byte = rest.first {
            switch byte {
            case 0x20, 0x0a:
                rest = rest.dropFirst()
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                let content = rest.dropFirst().prefix { $0 != byte }
                guard content.endIndex < rest.endIndex else {
                    throw Broken(rule: "its header holds a string without end")
                }
                tokens.append("'\(String(decoding: content, as: UTF8.self))'")
                rest = rest[(content.endIndex + 1)...]
            case let byte where isWord(byte):
                tokens.append(String(decoding: rest.prefix(while: isWord), as: UTF8.self))
                rest = rest.drop(while: isWord)
            default:
                tokens.append(String(decoding: [byte], as: UTF8.self))
                rest = rest.dropFirst()
            }
        }
        return tokens
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
    }
}
