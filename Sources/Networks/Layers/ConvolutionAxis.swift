/// How a convolution walks along one axis: output t reads inputs t * stride - padding + tap * dilation for each tap.
public struct ConvolutionAxis: Sendable, Equatable {
    /// The number of taps.
    public let kernel: Int
    /// Inputs from one output to the next.
    public let stride: Int
    /// Zeros before the first input and after the last.
    public let padding: Int
    /// Inputs from one tap to the next.
    public let dilation: Int

    /// Takes the four numbers.
    /// - Precondition: `padding` is 0 or more, the others 1 or more.
    public init(kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
        precondition(kernel > 0 && stride > 0 && padding >= 0 && dilation > 0)
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
    }

    /// The number of outputs for a number of inputs: floor((inputs + 2 padding - dilation (kernel - 1) - 1) / stride) + 1,
    /// or 0 where the kernel does not fit in (PyTorch's formula).
    public func outputs(of inputs: Int) -> Int {
        let room = inputs + 2 * padding - dilation * (kernel - 1) - 1
        return inputs > 0 && room >= 0 ? room / stride + 1 : 0
    }

    /// The input that a tap of output 0 reads; negative where it lies in the padding.
    func offset(of tap: Int) -> Int { tap * dilation - padding }

    /// The outputs for which a tap reads an input and no padding.
    func insideOutputs(of tap: Int, inputs: Int) -> Range<Int> {
        let offset = offset(of: tap)
        let first = offset < 0 ? (-offset + stride - 1) / stride : 0
        let end = offset < inputs ? min(outputs(of: inputs), (inputs - 1 - offset) / stride + 1) : 0
        return first..<max(first, end)
    }
}
