/// How the elements of a stored tensor are written, by the names of the safetensors format.
///
/// The cases stand in the format's own order of rising alignment, by which writers arrange their tensors.
public enum TensorDataType: String, Sendable, CaseIterable {
    /// A truth value, one byte.
    case bool = "BOOL"
    /// An unsigned integer of 8 bits.
    case uint8 = "U8"
    /// A signed integer of 8 bits.
    case int8 = "I8"
    /// A signed integer of 16 bits.
    case int16 = "I16"
    /// An unsigned integer of 16 bits.
    case uint16 = "U16"
    /// IEEE 754 half precision: 11 bits of precision, magnitudes up to 65504.
    case float16 = "F16"
    /// The upper half of a float32: 8 bits of precision, the range of float32.
    case bfloat16 = "BF16"
    /// A signed integer of 32 bits.
    case int32 = "I32"
    /// An unsigned integer of 32 bits.
    case uint32 = "U32"
    /// IEEE 754 single precision.
    case float32 = "F32"
    /// IEEE 754 double precision.
    case float64 = "F64"
    /// A signed integer of 64 bits.
    case int64 = "I64"
    /// An unsigned integer of 64 bits.
    case uint64 = "U64"

    /// The size of one element in bytes.
    public var byteCount: Int {
        switch self {
        case .bool, .uint8, .int8: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int32, .uint32, .float32: 4
        case .float64, .int64, .uint64: 8
        }
    }

    /// Whether ``SafetensorsFile/tensor(_:)`` reads it; ``SafetensorsFile/integers(_:)`` reads the others.
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// Where the type stands in the order of rising alignment.
    var alignmentRank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
