import Files
import Foundation
import Messages

/// What the start of a safetensors file says of the rest, checked to the last byte.
///
/// The file is 8 bytes (the header's length n, unsigned, little-endian), n bytes of JSON that begin with `{` and may
/// end in spaces, then the data. The ranges of the tensors must cover the data without overlap, hole or rest: so no
/// byte is read as two tensors, and no bytes travel along unseen.
struct SafetensorsHeader {
    struct Entry {
        let type: TensorDataType
        let shape: [Int]
        /// Where the bytes are, counted from the end of the header.
        let range: Range<Int>
    }

    private(set) var metadata: [String: String] = [:]
    private(set) var entries: [String: Entry] = [:]
    /// Where in the file the data begin.
    let dataStart: Int

    /// The longest header, as the reference implementation has it.
    static let byteLimit = 100_000_000
    /// NumPy's limit is 64 dimensions.
    private static let rankLimit = 64
    static let metadataKey = "__metadata__"

    private struct Broken: Error { let rule: String }

    init(_ file: MappedFile, path: String) throws {
        do {
            let length = try Self.length(file)
            dataStart = 8 + length
            let bytes = file.copy(8..<dataStart)
            guard bytes.first == UInt8(ascii: "{") else { throw Broken(rule: "its header does not begin with {") }
            guard String(bytes: bytes, encoding: .utf8) != nil else { throw Broken(rule: "its header is not UTF-8") }
            try parse(JSONScanner(bytes))
            try checkCover(path: path, fileSize: file.count)
        } catch let broken as Broken {
            throw TensorFileError.malformed(path: path, reason: broken.rule)
        } catch let failure as JSONScanner.Failure {
            throw TensorFileError.malformed(path: path, reason: "its header is no lawful JSON: \(failure.reason)")
        }
    }

    private static func length(_ file: MappedFile) throws -> Int {
        guard file.count >= 8 else {
            throw Broken(rule: "it has \(file.count) bytes, and a safetensors file has 8 at least")
        }
        let stated = file.copy(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard stated <= byteLimit else {
            throw Broken(
                rule: "its header would have \(stated) bytes, and \(byteLimit) are allowed (perhaps it is no"
                    + " safetensors file)")
        }
        let length = Int(stated)
        guard length <= file.count - 8 else {
            throw Broken(rule: "its header would have \(length) bytes, and \(file.count - 8) follow")
        }
        return length
    }

    private mutating func parse(_ scanner: JSONScanner) throws {
        var scanner = scanner
        var metadata: [String: String] = [:]
        var entries: [String: Entry] = [:]
        try scanner.object { key, json in
            if key == Self.metadataKey {
                metadata = try Self.metadata(&json)
            } else {
                entries[key] = try Self.entry("the tensor \(OneLine.quoted(key))", &json)
            }
        }
        try scanner.end()
        (self.metadata, self.entries) = (metadata, entries)
    }

    private static func metadata(_ json: inout JSONScanner) throws -> [String: String] {
        guard json.next() == UInt8(ascii: "{") else {
            throw Broken(rule: "its \(metadataKey) is no object of strings")
        }
        var metadata: [String: String] = [:]
        try json.object { key, json in
            guard json.next() == UInt8(ascii: "\"") else {
                throw Broken(rule: "its \(metadataKey) holds no string under \(OneLine.quoted(key))")
            }
            metadata[key] = try json.string()
        }
        return metadata
    }

    private static func entry(_ tensor: String, _ json: inout JSONScanner) throws -> Entry {
        guard json.next() == UInt8(ascii: "{") else { throw Broken(rule: "\(tensor) is not described by an object") }
        var (typeName, shape, offsets): (String?, [Int]?, [Int]?)
        try json.object { key, json in
            switch key {
            case "dtype":
                guard json.next() == UInt8(ascii: "\"") else {
                    throw Broken(rule: "the dtype of \(tensor) is no string")
                }
                typeName = try json.string()
            case "shape": shape = try naturals(&json, "the shape of \(tensor)")
            case "data_offsets": offsets = try naturals(&json, "the data_offsets of \(tensor)")
            default: try json.skip()
            }
        }
        guard let typeName else { throw Broken(rule: "\(tensor) has no dtype") }
        guard let shape else { throw Broken(rule: "\(tensor) has no shape") }
        guard let offsets else { throw Broken(rule: "\(tensor) has no data_offsets") }
        guard let type = TensorDataType(rawValue: typeName) else {
            throw Broken(rule: "\(tensor) has the unknown dtype \(OneLine.quoted(typeName))")
        }
        guard offsets.count == 2 else {
            throw Broken(rule: "the data_offsets of \(tensor) are \(offsets.count) numbers, not 2")
        }
        guard offsets[0] <= offsets[1] else {
            throw Broken(rule: "\(tensor) begins at \(offsets[0]) and ends before that, at \(offsets[1])")
        }
        guard let count = Tensor.count(of: shape),
            case let (size, overflow) = count.multipliedReportingOverflow(by: type.byteCount), !overflow
        else { throw Broken(rule: "the shape of \(tensor) asks for more bytes than can be counted") }
        guard size == offsets[1] - offsets[0] else {
            throw Broken(
                rule: "\(tensor) has \(offsets[1] - offsets[0]) bytes, and its shape and dtype \(typeName) ask for"
                    + " \(size)")
        }
        return Entry(type: type, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// An array of numbers from 0 on.
    private static func naturals(_ json: inout JSONScanner, _ what: String) throws -> [Int] {
        guard json.next() == UInt8(ascii: "[") else { throw Broken(rule: "\(what) is no array of numbers") }
        var values: [Int] = []
        try json.array { json in
            guard let first = json.next(), first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
                throw Broken(rule: "\(what) holds something other than a number")
            }
            let number = try json.number()
            guard !number.isNegative else { throw Broken(rule: "\(what) holds a negative number") }
            guard number.isWhole else { throw Broken(rule: "\(what) holds a number with a fraction or an exponent") }
            guard let value = number.integer else { throw Broken(rule: "\(what) holds a number that is too large") }
            guard values.count < rankLimit else { throw Broken(rule: "\(what) has more than \(rankLimit) numbers") }
            values.append(value)
        }
        return values
    }

    private func checkCover(path: String, fileSize: Int) throws {
        let dataSize = fileSize - dataStart
        let sorted = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }
        var covered = 0
        for (name, entry) in sorted {
            let start = entry.range.lowerBound
            if start > covered {
                throw Broken(rule: "a hole of \(start - covered) bytes lies before the tensor \(OneLine.quoted(name))")
            }
            if start < covered {
                throw Broken(rule: "the tensor \(OneLine.quoted(name)) overlaps the one before it")
            }
            covered = entry.range.upperBound
        }
        if covered > dataSize {
            // The sum may be beyond Int where the header lies about sizes that no disk has.
            let (expected, overflow) = dataStart.addingReportingOverflow(covered)
            throw TensorFileError.truncated(path: path, expected: overflow ? .max : expected, actual: fileSize)
        }
        if covered < dataSize {
            throw Broken(rule: "\(dataSize - covered) bytes follow the last tensor")
        }
    }
}
