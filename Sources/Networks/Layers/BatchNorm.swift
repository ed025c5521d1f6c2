/// Batch normalisation with the statistics of training, as recognition has it (Ioffe and Szegedy 2015; PyTorch's
/// BatchNorm1d and BatchNorm2d in `eval`): y = (x - mean) / sqrt(variance + epsilon) * weight + bias, feature by feature.
///
/// For models of other programs. No recipe trains it.
public struct BatchNorm: Sendable {
    /// The scale of each feature.
    public var weight: [Float]
    /// The shift of each feature.
    public var bias: [Float]
    /// The mean of each feature in training.
    public var runningMean: [Float]
    /// The variance of each feature in training.
    public var runningVariance: [Float]
    /// Added to the variance.
    public var epsilon: Float

    /// Takes scales, shifts and statistics, one of each for each feature.
    public init(
        weight: [Float], bias: [Float], runningMean: [Float], runningVariance: [Float], epsilon: Float = 1e-5
    ) {
        precondition([bias.count, runningMean.count, runningVariance.count].allSatisfy { $0 == weight.count })
        (self.weight, self.bias, self.epsilon) = (weight, bias, epsilon)
        (self.runningMean, self.runningVariance) = (runningMean, runningVariance)
    }

    /// weight / sqrt(variance + epsilon) of each feature.
    var scale: [Float] { zip(weight, runningVariance).map { $0 / ($1 + epsilon).squareRoot() } }

    /// - Parameter x: [rows, features].
    /// - Returns: [rows, features].
    public func forward(_ x: Matrix) -> Matrix {
        precondition(x.columns == weight.count)
        let (features, scale) = (x.columns, scale)
        return Matrix(rows: x.rows, columns: features) { y in
            x.withUnsafeBufferPointer { x in
                for row in stride(from: 0, to: y.count, by: max(features, 1)) {
                    for column in 0..<features {
                        y[row + column] = (x[row + column] - runningMean[column]) * scale[column] + bias[column]
                    }
                }
            }
        }
    }
}
