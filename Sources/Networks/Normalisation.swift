/// Layer normalisation: each row to mean 0 and variance 1, then scaled and shifted.
///
/// y = (x - E[x]) / sqrt(Var[x] + epsilon) * weight + bias, with the biased variance (Ba et al. 2016; PyTorch's LayerNorm).
public struct LayerNorm: Sendable {
    /// The scale of each feature.
    public var weight: [Float]
    /// The shift of each feature.
    public var bias: [Float]
    /// Added to the variance.
    public var epsilon: Float

    /// Takes scales and shifts, one for each feature.
    public init(weight: [Float], bias: [Float], epsilon: Float = 1e-5) {
        precondition(weight.count == bias.count)
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    /// - Parameter x: [rows, features].
    /// - Returns: [rows, features].
    public func forward(_ x: Matrix) -> Matrix {
        precondition(x.columns == weight.count)
        let features = x.columns
        return Matrix(rows: x.rows, columns: features) { y in
            x.withUnsafeBufferPointer { x in
                for row in stride(from: 0, to: y.count, by: features) {
                    var sum: Float = 0
                    for column in 0..<features { sum += x[row + column] }
                    let mean = sum / Float(features)
                    var squares: Float = 0
                    for column in 0..<features {
                        let difference = x[row + column] - mean
                        squares += difference * difference
                    }
                    let scale = 1 / (squares / Float(features) + epsilon).squareRoot()
                    for column in 0..<features {
                        y[row + column] = (x[row + column] - mean) * scale * weight[column] + bias[column]
                    }
                }
            }
        }
    }
}

/// Batch normalisation with the statistics of training: y = (x - mean) / sqrt(variance + epsilon) * weight + bias
/// (Ioffe and Szegedy 2015; PyTorch's BatchNorm1d in evaluation).
public struct BatchNorm: Sendable {
    /// The scale of each feature.
    public var weight: [Float]
    /// The shift of each feature.
    public var bias: [Float]
    /// The running mean of each feature.
    public var runningMean: [Float]
    /// The running variance of each feature.
    public var runningVariance: [Float]
    /// Added to the variance.
    public var epsilon: Float

    /// Takes scales, shifts and statistics, one of each for each feature.
    public init(
        weight: [Float], bias: [Float], runningMean: [Float], runningVariance: [Float], epsilon: Float = 1e-5
    ) {
        precondition([bias.count, runningMean.count, runningVariance.count].allSatisfy { $0 == weight.count })
        self.weight = weight
        self.bias = bias
        self.runningMean = runningMean
        self.runningVariance = runningVariance
        self.epsilon = epsilon
    }

    /// - Parameter x: [rows, features]; a row is one sample, or one step of one sequence.
    /// - Returns: [rows, features].
    public func forward(_ x: Matrix) -> Matrix {
        precondition(x.columns == weight.count)
        let features = x.columns
        let scale = (0..<features).map { weight[$0] / (runningVariance[$0] + epsilon).squareRoot() }
        let shift = (0..<features).map { bias[$0] - runningMean[$0] * scale[$0] }
        return Matrix(rows: x.rows, columns: features) { y in
            x.withUnsafeBufferPointer { x in
                for row in stride(from: 0, to: y.count, by: features) {
                    for column in 0..<features { y[row + column] = x[row + column] * scale[column] + shift[column] }
                }
            }
        }
    }
}
