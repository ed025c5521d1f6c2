import Files

/// A block of numbers with a shape, in row-major order: the last dimension varies fastest.
///
/// A features matrix of 98 frames with 80 coefficients each has the shape `[98, 80]`; a scalar has the shape `[]` and
/// one value; a shape with a zero in it has no values. Two tensors are equal where shapes and values are, by the rule
/// of floating point: one that holds a NaN equals none.
public struct Tensor: Sendable, Equatable {
    /// The dimensions, outermost first.
    public let shape: [Int]
    /// The values, as many as the product of the dimensions.
    public let values: [Float]

    /// Checks that there are as many values as the shape asks for.
    /// - Throws: ``TensorFileError/invalidShape(shape:values:)``, also where a dimension is negative.
    public init(shape: [Int], values: [Float]) throws {
        guard Self.count(of: shape) == values.count else {
            throw TensorFileError.invalidShape(shape: shape, values: values.count)
        }
        self.shape = shape
        self.values = values
    }

    /// For readers that have compared shape and size already.
    init(checkedShape shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }

    /// The product of the dimensions; nil where one is negative or `Int` cannot hold the product.
    static func count(of shape: [Int]) -> Int? {
        var product = 1
        for dimension in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            product = next
        }
        return product
    }
}
