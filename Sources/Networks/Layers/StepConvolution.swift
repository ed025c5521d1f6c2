/// A convolution over the frames of a step, its negative outputs cut off: y = max(0, b + sum over frames k of W_k x_k).
///
/// A front end lays the frames of a step side by side, `stack` of them and a step every `stride`: what is a product with
/// each step here is PyTorch's `Conv1d(inputs, outputs, kernel_size=stack, stride=stride)` over frames, then `ReLU`.
public struct StepConvolution: TrainableLayer {
    /// dL/dW and dL/db, W as in ``linear``.
    public typealias Gradient = MatrixGradient

    /// W, [outputs, frames * inputs], frame by frame as in a step, and b.
    public private(set) var linear: Linear
    /// Frames of a step: the kernel.
    public let frames: Int

    /// Takes weights as they lie in ``linear``.
    /// - Precondition: the columns are a multiple of the frames.
    public init(linear: Linear, frames: Int) {
        precondition(frames > 0 && linear.weight.columns % frames == 0)
        (self.linear, self.frames) = (linear, frames)
    }

    /// Takes weights as PyTorch lays them out.
    /// - Parameters:
    ///   - weight: [outputs, inputs, frames].
    ///   - bias: [outputs].
    /// - Precondition: as many weights.
    public init(weight: [Float], bias: [Float], inputs: Int, frames: Int) {
        precondition(weight.count == bias.count * inputs * frames)
        let columns = inputs * frames
        let matrix = Matrix(rows: bias.count, columns: columns) { values in
            for index in values.indices {
                let (row, column) = (index / columns, index % columns)
                values[index] = weight[row * columns + column % inputs * frames + column / inputs]
            }
        }
        self.init(linear: Linear(weight: matrix, bias: bias), frames: frames)
    }

    /// Coefficients of a frame.
    public var inputs: Int { linear.weight.columns / frames }
    /// Features of an output step: filters.
    public var outputs: Int { linear.weight.rows }

    /// W as PyTorch lays it out: [outputs, inputs, frames].
    public var weight: [Float] {
        let (columns, inputs) = (linear.weight.columns, inputs)
        let values = linear.weight.values
        return values.indices.map { index in
            let (row, place) = (index / columns, index % columns)
            return values[row * columns + place % frames * inputs + place / frames]
        }
    }

    /// - Parameter x: [steps, frames * inputs].
    /// - Returns: [steps, outputs].
    public func forward(_ x: Matrix) -> Matrix {
        linear.forward(x).rectified()
    }

    /// Where an output was cut off, nothing flows back; else as in a linear layer.
    /// - Parameters:
    ///   - dy: [steps, outputs], the gradient with respect to ``forward(_:)``'s output.
    ///   - y: that output.
    ///   - x: [steps, frames * inputs], its input.
    ///   - dx: where the gradient with respect to `x` is written, of its size; nil where nobody asks for it.
    func backpropagate(
        _ dy: consuming Matrix, output y: Matrix, input x: Matrix, gradient: inout Gradient,
        into dx: UnsafeMutablePointer<Float>?
    ) {
        let dy = dy.throughRectifier(output: y)
        guard let dx else { return linear.backwardToWeights(dy, input: x, gradient: &gradient) }
        linear.backward(dy, input: x, gradient: &gradient).withUnsafeBufferPointer { values in
            guard let start = values.baseAddress else { return }
            dx.update(from: start, count: values.count)
        }
    }

    /// A gradient of zeros.
    public func zeroGradient() -> Gradient { linear.zeroGradient() }

    /// Weight, bias, as in ``linear``.
    public var parameters: [[Float]] {
        get { linear.parameters }
        set { linear.parameters = newValue }
    }

    /// Weight, bias.
    public mutating func takeParameters() -> [[Float]] { linear.takeParameters() }
}
