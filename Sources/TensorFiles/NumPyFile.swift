import Files
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
            guard let mend = broken.mend else { throw malformed(broken.rule) }
            throw TensorFileError.unsupported(path: path, reason: broken.rule, mend: mend)
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
