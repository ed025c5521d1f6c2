import VectorKernels

/// y = x W^T + b, for each row of x.
public struct Linear: TrainableLayer {
    /// dL/dW and dL/db.
    public typealias Gradient = MatrixGradient

    /// W, [outputs, inputs], as PyTorch lays it out.
    public var weight: Matrix
    /// b, [outputs].
    public var bias: [Float]

    /// Takes weights and biases.
    /// - Precondition: a bias for each row of `weight`.
    public init(weight: Matrix, bias: [Float]) {
        precondition(bias.count == weight.rows)
        self.weight = weight
        self.bias = bias
    }

    /// - Parameter x: [rows, inputs].
    /// - Returns: [rows, outputs].
    public func forward(_ x: Matrix) -> Matrix {
        precondition(x.columns == weight.columns)
        let outputs = weight.rows
        return Matrix(rows: x.rows, columns: outputs) { y in
            guard let start = y.baseAddress else { return }
            x.withUnsafeBufferPointer { x in
                weight.withUnsafeBufferPointer { weight in
                    guard let x = x.baseAddress, let weight = weight.baseAddress else { return y.update(repeating: 0) }
                    BLAS.multiplyTransposed(
                        m: y.count / outputs, n: outputs, k: self.weight.columns, x, weight, into: start)
                }
            }
            bias.withUnsafeBufferPointer { bias in
                for row in stride(from: 0, to: y.count, by: outputs) {
                    for column in 0..<outputs { y[row + column] += bias[column] }
                }
            }
        }
    }

    /// dx = dy W; adds dW = dy^T x and db = the sum of the rows of dy.
    /// - Parameters:
    ///   - dy: [rows, outputs], the gradient with respect to what ``forward(_:)`` returned for `x`.
    ///   - x: [rows, inputs].
    /// - Returns: [rows, inputs].
    public func backward(_ dy: Matrix, input x: Matrix, gradient: inout Gradient) -> Matrix {
        let (rows, inputs, outputs) = (x.rows, weight.columns, weight.rows)
        backwardToWeights(dy, input: x, gradient: &gradient)
        return Matrix(rows: rows, columns: inputs) { dx in
            _ = withPointers(dy, weight) { dy, weight in
                guard let dx = dx.baseAddress else { return }
                BLAS.multiply(
                    m: rows, n: inputs, k: outputs, .plain(dy, stride: outputs), .plain(weight, stride: inputs),
                    into: dx, strideC: inputs)
            }
        }
    }

    /// ``backward(_:input:gradient:)`` where nobody asks for dx: half the work.
    public func backwardToWeights(_ dy: Matrix, input x: Matrix, gradient: inout Gradient) {
        let (rows, inputs, outputs) = (x.rows, weight.columns, weight.rows)
        precondition(x.columns == inputs && dy.rows == rows && dy.columns == outputs)
        gradient.weight.withUnsafeMutableBufferPointer { sum in
            _ = withPointers(dy, x) { dy, x in
                guard let sum = sum.baseAddress else { return }
                BLAS.multiply(
                    m: outputs, n: inputs, k: rows, .transposed(dy, stride: outputs), .plain(x, stride: inputs),
                    beta: 1, into: sum, strideC: inputs)
            }
        }
        add(dy.columnSums(), to: &gradient.bias)
    }

    /// A gradient of zeros.
    public func zeroGradient() -> Gradient { Gradient(like: weight) }

    /// Weight, bias.
    public var parameters: [[Float]] {
        get { [weight.values, bias] }
        set {
            let matrix = Matrix(rows: weight.rows, columns: weight.columns, values: newValue[0])
            self = Linear(weight: matrix, bias: newValue[1])
        }
    }

    /// Weight, bias.
    public mutating func takeParameters() -> [[Float]] { [weight.takeValues(), bias] }
}

extension Matrix {
    /// Turns each row of scores into log-probabilities: x_i - ln(sum_j e^(x_j)).
    public mutating func applyLogSoftmax() {
        guard rows > 0, columns > 0 else { return }
        let (rows, columns) = (rows, columns)
        withUnsafeMutableBufferPointer {
            VectorKernels.best.table.pointee.log_softmax($0.baseAddress, rows, columns)
        }
    }
}
