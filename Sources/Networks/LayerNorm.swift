/// Layer normalisation: each row to mean 0 and variance 1, then scaled and shifted.
///
/// y = (x - E[x]) / sqrt(Var[x] + epsilon) * weight + bias, with the biased variance (Ba et al. 2016; PyTorch's LayerNorm).
public struct LayerNorm: TrainableLayer {
    /// dL/dweight and dL/dbias.
    public typealias Gradient = FeatureGradient

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
    /// With n = (x - E[x]) / sqrt(Var[x] + epsilon) and g = dy * weight, for each row:
    /// dx = (g - E[g] - n E[g n]) / sqrt(Var[x] + epsilon); adds dweight = sum of dy n and dbias = sum of dy over the rows.
    /// - Parameters:
    ///   - dy: [rows, features], the gradient with respect to what ``forward(_:)`` returned for `x`.
    ///   - x: [rows, features].
    /// - Returns: [rows, features].
    public func backward(_ dy: Matrix, input x: Matrix, gradient: inout Gradient) -> Matrix {
        let features = weight.count
        precondition(x.columns == features && dy.columns == features && dy.rows == x.rows)
        guard features > 0 else { return x }
        let count = Float(features)
        var weightSums = [Double](repeating: 0, count: features)
        let dx = Matrix(rows: x.rows, columns: features) { dx in
            _ = withPointers(dy, x) { dy, x in
                for row in stride(from: 0, to: dx.count, by: features) {
                    let (x, dy) = (x + row, dy + row)
                    var sum: Float = 0
                    for column in 0..<features { sum += x[column] }
                    let mean = sum / count
                    var squares: Float = 0
                    for column in 0..<features { squares += (x[column] - mean) * (x[column] - mean) }
                    let scale = 1 / (squares / count + epsilon).squareRoot()
                    var (gradientSum, productSum) = (Float(0), Float(0))
                    for column in 0..<features {
                        let normalised = (x[column] - mean) * scale
                        let product = dy[column] * normalised
                        weightSums[column] += Double(product)
                        gradientSum += dy[column] * weight[column]
                        productSum += product * weight[column]
                    }
                    let (gradientMean, productMean) = (gradientSum / count, productSum / count)
                    for column in 0..<features {
                        let normalised = (x[column] - mean) * scale
                        dx[row + column] =
                            (dy[column] * weight[column] - gradientMean - normalised * productMean) * scale
                    }
                }
            }
        }
        add(weightSums, to: &gradient.weight)
        add(dy.columnSums(), to: &gradient.bias)
        return dx
    }

    /// A gradient of zeros.
    public func zeroGradient() -> Gradient { Gradient(features: weight.count) }

    /// Weight, bias.
    public var parameters: [[Float]] {
        get { [weight, bias] }
        set { self = LayerNorm(weight: newValue[0], bias: newValue[1], epsilon: epsilon) }
    }
}
