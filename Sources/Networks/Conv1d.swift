/// A convolution over time, of one sequence: y_t = b + sum over taps k of W_k x_(t stride - padding + k dilation), where x
/// is 0 outside the sequence (PyTorch's Conv1d, a cross-correlation).
///
/// Rows are the time steps of *one* sequence and columns are channels: [steps, channels], the transpose of PyTorch's
/// [channels, steps] and the layout of features and of ``SequenceBatch/sequences``. Each tap is one matrix product over
/// rows that lie `stride` steps apart, so that no unfolded copy of the input is made.
public struct Conv1d: TrainableLayer {
    /// dL/dW and dL/db.
    public typealias Gradient = MatrixGradient

    /// W, [outputs, inputs * kernel]: PyTorch's [outputs, inputs, kernel] with its last two axes taken as one.
    public var weight: Matrix
    /// b, [outputs].
    public var bias: [Float]
    /// Kernel, stride, padding and dilation.
    public let axis: ConvolutionAxis

    /// Takes weights, biases and geometry.
    /// - Precondition: a bias for each row of `weight`; its columns are a multiple of the kernel.
    public init(weight: Matrix, bias: [Float], axis: ConvolutionAxis) {
        precondition(bias.count == weight.rows && weight.columns % axis.kernel == 0)
        self.weight = weight
        self.bias = bias
        self.axis = axis
    }

    /// Channels of the input.
    public var inputs: Int { weight.columns / axis.kernel }
    /// Channels of the output.
    public var outputs: Int { weight.rows }

    /// - Parameter x: [steps, inputs], one sequence.
    /// - Returns: [axis.outputs(of: steps), outputs].
    public func forward(_ x: Matrix) -> Matrix {
        precondition(x.columns == inputs)
        let (inputs, outputs) = (inputs, outputs)
        let taps = tapWeights()
        return Matrix(rows: axis.outputs(of: x.rows), columns: outputs) { y in
            for index in y.indices { y[index] = bias[index % outputs] }
            _ = withPointers(x, taps) { start, taps in
                guard let y = y.baseAddress else { return }
                for tap in tapRows(of: x.rows) {
                    BLAS.multiply(
                        m: tap.count, n: outputs, k: inputs, .plain(start + tap.input * inputs, stride: tap.stride),
                        .transposed(taps + tap.index * outputs * inputs, stride: inputs), beta: 1,
                        into: y + tap.output * outputs, strideC: outputs)
                }
            }
        }
    }

    /// Each tap as a linear layer: dx += dy W_k over the rows that it read; adds dW_k = dy^T x and db = sum of dy.
    /// - Parameters:
    ///   - dy: [axis.outputs(of: steps), outputs], the gradient with respect to what ``forward(_:)`` returned for `x`.
    ///   - x: [steps, inputs].
    /// - Returns: [steps, inputs].
    public func backward(_ dy: Matrix, input x: Matrix, gradient: inout Gradient) -> Matrix {
        let (inputs, outputs) = (inputs, outputs)
        precondition(x.columns == inputs && dy.columns == outputs && dy.rows == axis.outputs(of: x.rows))
        add(dy.columnSums(), to: &gradient.bias)
        let taps = tapWeights()
        var tapGradient = Matrix(rows: taps.rows, columns: taps.columns)
        tapGradient.withUnsafeMutableBufferPointer { sum in
            _ = withPointers(dy, x) { dy, start in
                guard let sum = sum.baseAddress else { return }
                for tap in tapRows(of: x.rows) {
                    BLAS.multiply(
                        m: outputs, n: inputs, k: tap.count, .transposed(dy + tap.output * outputs, stride: outputs),
                        .plain(start + tap.input * inputs, stride: tap.stride),
                        into: sum + tap.index * outputs * inputs, strideC: inputs)
                }
            }
        }
        addTaps(tapGradient, to: &gradient.weight)
        return Matrix(rows: x.rows, columns: inputs) { dx in
            dx.update(repeating: 0)
            _ = withPointers(dy, taps) { dy, taps in
                guard let dx = dx.baseAddress else { return }
                for tap in tapRows(of: x.rows) {
                    BLAS.multiply(
                        m: tap.count, n: inputs, k: outputs, .plain(dy + tap.output * outputs, stride: outputs),
                        .plain(taps + tap.index * outputs * inputs, stride: inputs), beta: 1,
                        into: dx + tap.input * inputs, strideC: tap.stride)
                }
            }
        }
    }

    /// A gradient of zeros.
    public func zeroGradient() -> Gradient { Gradient(like: weight) }

    /// Weight, bias.
    public var parameters: [[Float]] {
        get { [weight.values, bias] }
        set {
            let matrix = Matrix(rows: weight.rows, columns: weight.columns, values: newValue[0])
            self = Conv1d(weight: matrix, bias: newValue[1], axis: axis)
        }
    }

    /// The rows that a tap reads, from `input`, and writes, from `output`. `stride` is in floats, from a row that it reads
    /// to the next.
    private struct TapRows {
        let index: Int
        let input: Int
        let output: Int
        let count: Int
        let stride: Int
    }

    /// The taps that read at least one step of a sequence.
    private func tapRows(of steps: Int) -> [TapRows] {
        (0..<axis.kernel).compactMap { tap in
            let rows = axis.insideOutputs(of: tap, inputs: steps)
            guard !rows.isEmpty else { return nil }
            return TapRows(
                index: tap, input: rows.lowerBound * axis.stride + axis.offset(of: tap), output: rows.lowerBound,
                count: rows.count, stride: axis.stride * inputs)
        }
    }

    /// The weights of each tap together: [kernel * outputs, inputs].
    private func tapWeights() -> Matrix {
        let (inputs, outputs, kernel) = (inputs, outputs, axis.kernel)
        return Matrix(rows: kernel * outputs, columns: inputs) { taps in
            weight.withUnsafeBufferPointer { weight in
                for output in 0..<outputs {
                    for input in 0..<inputs {
                        for tap in 0..<kernel {
                            taps[(tap * outputs + output) * inputs + input] =
                                weight[(output * inputs + input) * kernel + tap]
                        }
                    }
                }
            }
        }
    }

    /// The inverse of ``tapWeights()``, added.
    private func addTaps(_ taps: Matrix, to weight: inout Matrix) {
        let (inputs, outputs, kernel) = (inputs, outputs, axis.kernel)
        weight.withUnsafeMutableBufferPointer { weight in
            taps.withUnsafeBufferPointer { taps in
                for output in 0..<outputs {
                    for input in 0..<inputs {
                        for tap in 0..<kernel {
                            weight[(output * inputs + input) * kernel + tap] +=
                                taps[(tap * outputs + output) * inputs + input]
                        }
                    }
                }
            }
        }
    }
}
