import VectorKernels

/// y = x W^T + b, for each row of x.
public struct Linear: Sendable {
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
