/// A message of Protocol Buffers, written field by field (<https://protobuf.dev/programming-guides/encoding>).
///
/// ONNX needs a dozen messages, written and never read, of numbers, strings and messages: that is this file. The
/// library (swift-protobuf) would be a dependency of everybody who builds Utter, with generated code many times as
/// long.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// What stands in the low three bits of a field's key.
    private enum WireType: UInt64 {
        case variableLength = 0
        case lengthDelimited = 2
    }

    private mutating func append(variable value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append(key field: Int, _ type: WireType) {
        append(variable: UInt64(field) << 3 | type.rawValue)
    }

    /// An integer or an enumeration's value; negative ones take ten bytes.
    mutating func add(_ field: Int, _ value: Int) {
        append(key: field, .variableLength)
        append(variable: UInt64(bitPattern: Int64(value)))
    }

    /// Integers as one packed field.
    mutating func add(_ field: Int, packed values: [Int]) {
        var packed = ProtobufMessage()
        for value in values { packed.append(variable: UInt64(bitPattern: Int64(value))) }
        add(field, packed)
    }

    /// A string, in UTF-8.
    mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

    /// A message.
    mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, bytes: message.bytes) }

    /// Bytes.
    mutating func add(_ field: Int, bytes content: [UInt8]) {
        append(key: field, .lengthDelimited)
        append(variable: UInt64(content.count))
        bytes += content
    }
}
