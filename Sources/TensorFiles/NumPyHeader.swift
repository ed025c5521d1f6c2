/// The dictionary at the start of a NumPy file: a Python literal with three keys, in any order.
enum NumPyHeader {
    static let rankLimit = 64

    struct Broken: Error {
        let rule: String
        /// How to store the array instead, where the file is lawful and only of another kind.
        var mend: String?
    }

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
            throw Broken(
                rule: "it holds elements of the type \(descr), not '<f4'", mend: "save array.astype('<f4') instead")
        }
        guard order == "False" else {
            throw Broken(rule: "it is not in C order", mend: "save numpy.ascontiguousarray(array) instead")
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
