import Files

/// A safetensors file, open for reading: named tensors and a table of strings.
///
///     let file = try SafetensorsFile(path: "model.safetensors")
///     for name in file.names { print(name, file.shape(of: name) ?? []) }
///     let weights = try file.tensor("head.weight")
///
/// Opening checks the whole header and touches no data; these are mapped and read tensor by tensor. Nothing in a file
/// can make the program trap: what is wrong is thrown. The format is that of
/// <https://github.com/huggingface/safetensors>; its rules are told at ``SafetensorsWriter``.
public struct SafetensorsFile: Sendable {
    /// The table of strings that the file carries beside its tensors; empty where it has none.
    public let metadata: [String: String]
    /// The names of all tensors, sorted.
    public let names: [String]

    private let path: String
    private let file: MappedFile
    private let dataStart: Int
    private let entries: [String: SafetensorsHeader.Entry]

    /// Opens a file and checks its header.
    /// - Throws: ``TensorFileError``: the file cannot be opened, is cut short, or is malformed in a way that the
    ///   description names.
    public init(path: String) throws {
        file = try MappedFile(path: path)
        let header = try SafetensorsHeader(file, path: path)
        self.path = path
        metadata = header.metadata
        names = header.entries.keys.sorted()
        dataStart = header.dataStart
        entries = header.entries
    }

    /// The size of the file in bytes.
    public var byteCount: Int { file.count }

    /// The dimensions of a tensor, outermost first; nil where there is none of the name.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// How the elements of a tensor are stored; nil where there is none of the name.
    public func dataType(of name: String) -> TensorDataType? { entries[name]?.type }

    /// A tensor of floats. F16, BF16 and F32 are converted exactly; F64 is rounded to nearest, and infinite where
    /// float32 ends.
    /// - Throws: ``TensorFileError/noSuchTensor(path:name:)`` or
    ///   ``TensorFileError/notFloatingPoint(path:name:type:)``.
    public func tensor(_ name: String) throws -> Tensor {
        let entry = try entry(name)
        guard let values = bytes(of: entry, { Elements.floats($0, entry.type) }) else {
            throw TensorFileError.notFloatingPoint(path: path, name: name, type: entry.type)
        }
        return Tensor(checkedShape: entry.shape, values: values)
    }

    /// The values of a tensor of integers or truth values (as 0 and 1), in row-major order.
    /// - Throws: ``TensorFileError/noSuchTensor(path:name:)``, ``TensorFileError/notIntegers(path:name:type:)`` or
    ///   ``TensorFileError/integerTooLarge(path:name:index:)``.
    public func integers(_ name: String) throws -> [Int] {
        let entry = try entry(name)
        if entry.type == .uint64 {
            return try bytes(of: entry, Elements.unsigned).enumerated().map { index, value in
                guard let integer = Int(exactly: value) else {
                    throw TensorFileError.integerTooLarge(path: path, name: name, index: index)
                }
                return integer
            }
        }
        guard let values = bytes(of: entry, { Elements.integers($0, entry.type) }) else {
            throw TensorFileError.notIntegers(path: path, name: name, type: entry.type)
        }
        return values
    }

    private func entry(_ name: String) throws -> SafetensorsHeader.Entry {
        guard let entry = entries[name] else { throw TensorFileError.noSuchTensor(path: path, name: name) }
        return entry
    }

    private func bytes<Result>(
        of entry: SafetensorsHeader.Entry, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        // The header was checked against the file's size: neither sum is beyond it.
        try file.withBytes(dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound, body)
    }
}
