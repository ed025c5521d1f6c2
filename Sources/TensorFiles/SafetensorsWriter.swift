import Files
import Messages

/// Writes safetensors files.
///
/// The file is 8 bytes (the length of the header, little-endian), a JSON object, and the elements, little-endian and
/// row-major. The object names for each tensor its dtype, its shape and the range of its bytes, counted from the end
/// of the header; `__metadata__` holds strings. Equal input gives equal bytes: types stand in the order of falling
/// alignment, as the reference implementation arranges them, equal types by name, metadata by key. Spaces fill the
/// header so that the elements begin at a multiple of 8 bytes and each is aligned to its size.
public enum SafetensorsWriter {
    /// Writes tensors and metadata to a file; an older file of this name is replaced when the new one is complete.
    ///
    ///     try SafetensorsWriter.write(["head.weight": .float16(weight)], metadata: ["utter": json], to: path)
    ///
    /// Infinities and NaNs stay what they are.
    /// - Throws: `FileError` where it cannot be written, ``TensorFileError/overflows(path:name:value:type:)`` where a finite
    ///   value is beyond the precision asked for.
    public static func write(
        _ tensors: [String: StoredTensor], metadata: [String: String] = [:], to path: String
    ) throws {
        let ordered = tensors.sorted {
            let (a, b) = ($0.value.dataType.alignmentRank, $1.value.dataType.alignmentRank)
            return a == b ? $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) : a > b
        }
        let header = try header(ordered, metadata, path: path)
        try AtomicFile.write(to: path) { file in
            try file.append(words: [UInt64(header.count)])
            try file.append(header)
            for (name, tensor) in ordered { try append(tensor, name, to: file, path: path) }
        }
    }

    private static func header(
        _ tensors: [(key: String, value: StoredTensor)], _ metadata: [String: String], path: String
    ) throws -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
            members.append("\(JSONText.quoted(SafetensorsHeader.metadataKey)):{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in tensors {
            guard name != SafetensorsHeader.metadataKey else {
                throw TensorFileError.cannotHold(path: path, reason: "no tensor may have the name \(name)")
            }
            guard Tensor.count(of: tensor.shape) == tensor.count else {
                throw TensorFileError.cannotHold(
                    path: path,
                    reason: "the tensor \(OneLine.quoted(name)) has \(tensor.count) values, not those of its shape")
            }
            let end = offset + tensor.count * tensor.dataType.byteCount
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(JSONText.quoted(name)):{\"dtype\":\"\(tensor.dataType.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        guard header.count <= SafetensorsHeader.byteLimit else {
            throw TensorFileError.cannotHold(
                path: path,
                reason: "its header would have \(header.count) bytes, and \(SafetensorsHeader.byteLimit) are allowed")
        }
        return header
    }

    private static func append(_ tensor: StoredTensor, _ name: String, to file: AtomicFile, path: String) throws {
        func words(_ values: [Float], _ word: (Float) -> UInt16?) throws -> [UInt16] {
            try values.map { value in
                guard let word = word(value) else {
                    throw TensorFileError.overflows(path: path, name: name, value: value, type: tensor.dataType)
                }
                return word
            }
        }
        switch tensor {
        case .float32(let tensor): try file.append(floats: tensor.values)
        case .float16(let tensor): try file.append(words: words(tensor.values, ReducedPrecision.half))
        case .bfloat16(let tensor): try file.append(words: words(tensor.values, ReducedPrecision.bfloat))
        case .int64(_, let values): try file.append(words: values.map(Int64.init))
        }
    }
}
