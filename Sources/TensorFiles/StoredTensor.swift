/// A tensor and the precision that it is to be stored in.
public enum StoredTensor: Sendable, Equatable {
    /// 4 bytes a value, exact.
    case float32(Tensor)
    /// 2 bytes a value: rounded to 11 bits of precision (to nearest, ties to even), magnitudes up to 65504.
    case float16(Tensor)
    /// 2 bytes a value: rounded to 8 bits of precision (to nearest, ties to even), the range of float32.
    case bfloat16(Tensor)
    /// 8 bytes a value; the values are as many as the product of the dimensions.
    case int64(shape: [Int], values: [Int])

    /// The type of the stored elements.
    public var dataType: TensorDataType {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .int64: .int64
        }
    }

    /// The dimensions, outermost first.
    public var shape: [Int] {
        switch self {
        case .float32(let tensor), .float16(let tensor), .bfloat16(let tensor): tensor.shape
        case .int64(let shape, _): shape
        }
    }

    var count: Int {
        switch self {
        case .float32(let tensor), .float16(let tensor), .bfloat16(let tensor): tensor.values.count
        case .int64(_, let values): values.count
        }
    }
}
