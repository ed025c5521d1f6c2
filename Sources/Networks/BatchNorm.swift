/// Batch normalisation: y = (x - mean) / sqrt(variance + epsilon) * weight + bias, feature by feature (Ioffe and Szegedy
/// 2015; PyTorch's BatchNorm1d).
///
/// ``forward(_:)`` takes mean and variance from training, as recognition does; ``forwardTraining(_:)`` takes those of the
/// batch, the biased variance. The layer does not change while a batch runs, so that shards of it may run side by side,
/// each with statistics of its own; ``updateRunningStatistics(_:)`` then takes in those of each shard, in a fixed order.
/// A row is one sample, or one step of one sequence: in a ``SequenceBatch`` there is no padding to distort the statistics.
public struct BatchNorm: TrainableLayer {
    /// dL/dweight and dL/dbias; the running statistics are not learnt.
    public typealias Gradient = FeatureGradient

    /// The statistics of a batch, which the backward pass needs.
    public struct Saved: Sendable, Equatable {
        /// The number of rows.
        public let rows: Int
        /// The mean of each feature.
        public let mean: [Float]
        /// The biased variance of each feature.
        public let variance: [Float]
    }

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
    /// The share of the running statistics that a batch replaces.
    public var momentum: Float

    /// Takes scales, shifts and statistics, one of each for each feature.
    public init(
        weight: [Float], bias: [Float], runningMean: [Float], runningVariance: [Float], epsilon: Float = 1e-5,
        momentum: Float = 0.1
    ) {
        precondition([bias.count, runningMean.count, runningVariance.count].allSatisfy { $0 == weight.count })
        self.weight = weight
        self.bias = bias
        self.runningMean = runningMean
        self.runningVariance = runningVariance
        self.epsilon = epsilon
        self.momentum = momentum
    }

    /// Normalises with the running statistics.
    /// - Parameter x: [rows, features].
    /// - Returns: [rows, features].
    public func forward(_ x: Matrix) -> Matrix {
        normalise(x, mean: runningMean, variance: runningVariance)
    }

    /// Normalises with the statistics of `x` itself, which it returns beside the output.
    /// - Parameter x: [rows, features].
    /// - Returns: [rows, features], and what ``backward(_:input:saved:gradient:)`` needs.
    public func forwardTraining(_ x: Matrix) -> (output: Matrix, saved: Saved) {
        let count = Double(max(x.rows, 1))
        let mean = x.columnSums().map { Float($0 / count) }
        var squares = [Double](repeating: 0, count: x.columns)
        x.withUnsafeBufferPointer { values in
            for row in stride(from: 0, to: values.count, by: max(x.columns, 1)) {
                for column in 0..<x.columns {
                    let difference = Double(values[row + column] - mean[column])
                    squares[column] += difference * difference
                }
            }
        }
        let variance = squares.map { Float($0 / count) }
        return (
            normalise(x, mean: mean, variance: variance), Saved(rows: x.rows, mean: mean, variance: variance)
        )
    }

    /// Moves the running statistics towards those of a batch, by ``momentum``; the variance that it takes in is the
    /// unbiased one, as in PyTorch. A batch of one row has no unbiased variance and leaves that as it is.
    public mutating func updateRunningStatistics(_ saved: Saved) {
        guard saved.rows > 0 else { return }
        for feature in weight.indices {
            runningMean[feature] += momentum * (saved.mean[feature] - runningMean[feature])
            guard saved.rows > 1 else { continue }
            let unbiased = saved.variance[feature] * Float(Double(saved.rows) / Double(saved.rows - 1))
            runningVariance[feature] += momentum * (unbiased - runningVariance[feature])
        }
    }

    /// The backward pass of ``forward(_:)``, where the statistics are constants: dx = dy weight / sqrt(variance +
    /// epsilon). For fine-tuning with the old statistics kept.
    /// - Parameters:
    ///   - dy: [rows, features], the gradient with respect to what ``forward(_:)`` returned for `x`.
    ///   - x: [rows, features].
    /// - Returns: [rows, features].
    public func backward(_ dy: Matrix, input x: Matrix, gradient: inout Gradient) -> Matrix {
        let sums = addSums(dy, x, mean: runningMean, variance: runningVariance, gradient: &gradient)
        let features = weight.count
        return Matrix(rows: x.rows, columns: features) { dx in
            dy.withUnsafeBufferPointer { dy in
                for row in stride(from: 0, to: dx.count, by: max(features, 1)) {
                    for column in 0..<features {
                        dx[row + column] = dy[row + column] * weight[column] * sums.scale[column]
                    }
                }
            }
        }
    }

    /// The backward pass of ``forwardTraining(_:)``. With n = (x - mean) / sqrt(variance + epsilon) and means over the
    /// rows: dx = weight / sqrt(variance + epsilon) * (dy - E[dy] - n E[dy n]); adds dweight = sum of dy n and
    /// dbias = sum of dy.
    /// - Parameters:
    ///   - dy: [rows, features], the gradient with respect to what ``forwardTraining(_:)`` returned for `x`.
    ///   - x: [rows, features].
    ///   - saved: what it saved.
    /// - Returns: [rows, features].
    public func backward(_ dy: Matrix, input x: Matrix, saved: Saved, gradient: inout Gradient) -> Matrix {
        precondition(saved.rows == x.rows)
        let sums = addSums(dy, x, mean: saved.mean, variance: saved.variance, gradient: &gradient)
        let (features, count) = (weight.count, Double(max(x.rows, 1)))
        let gradientMean = sums.gradient.map { Float($0 / count) }
        let productMean = sums.product.map { Float($0 / count) }
        return Matrix(rows: x.rows, columns: features) { dx in
            _ = withPointers(dy, x) { dy, x in
                for row in stride(from: 0, to: dx.count, by: max(features, 1)) {
                    for column in 0..<features {
                        let normalised = (x[row + column] - saved.mean[column]) * sums.scale[column]
                        let centred = dy[row + column] - gradientMean[column] - normalised * productMean[column]
                        dx[row + column] = centred * weight[column] * sums.scale[column]
                    }
                }
            }
        }
    }

    /// A gradient of zeros.
    public func zeroGradient() -> Gradient { Gradient(features: weight.count) }

    /// Weight, bias.
    public var parameters: [[Float]] {
        get { [weight, bias] }
        set {
            precondition(newValue.allSatisfy { $0.count == weight.count })
            (weight, bias) = (newValue[0], newValue[1])
        }
    }

    private func normalise(_ x: Matrix, mean: [Float], variance: [Float]) -> Matrix {
        precondition(x.columns == weight.count)
        let features = x.columns
        let scale = (0..<features).map { weight[$0] / (variance[$0] + epsilon).squareRoot() }
        return Matrix(rows: x.rows, columns: features) { y in
            x.withUnsafeBufferPointer { x in
                for row in stride(from: 0, to: y.count, by: max(features, 1)) {
                    for column in 0..<features {
                        y[row + column] = (x[row + column] - mean[column]) * scale[column] + bias[column]
                    }
                }
            }
        }
    }

    /// Adds the gradient with respect to scale and shift.
    /// - Returns: 1 / sqrt(variance + epsilon), the sums of dy and the sums of dy n over the rows.
    private func addSums(
        _ dy: Matrix, _ x: Matrix, mean: [Float], variance: [Float], gradient: inout Gradient
    ) -> (scale: [Float], gradient: [Double], product: [Double]) {
        let features = weight.count
        precondition(x.columns == features && dy.columns == features && dy.rows == x.rows)
        let scale = variance.map { 1 / ($0 + epsilon).squareRoot() }
        let gradientSums = dy.columnSums()
        var productSums = [Double](repeating: 0, count: features)
        let count = x.rows * features
        _ = withPointers(dy, x) { dy, x in
            for row in stride(from: 0, to: count, by: max(features, 1)) {
                for column in 0..<features {
                    let normalised = (x[row + column] - mean[column]) * scale[column]
                    productSums[column] += Double(dy[row + column] * normalised)
                }
            }
        }
        add(productSums, to: &gradient.weight)
        add(gradientSums, to: &gradient.bias)
        return (scale, gradientSums, productSums)
    }
}
