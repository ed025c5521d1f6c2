/// A convolution over two axes, of one image (PyTorch's Conv2d, a cross-correlation):
/// y[o, i, j] = b_o + sum over c, k, l of W[o, c, k, l] x[c, i s - p + k d, j s' - p' + l d'], where x is 0 outside.
///
/// One image is [channels, height * width], a channel a row, as PyTorch lays out one sample of [N, C, H, W]. Features
/// [time, frequency] are such an image of one channel, their rows one after another: height is time (`vertical`), width
/// is frequency (`horizontal`). The width is an argument, the height follows from it. ``Matrix/imageToSteps(width:)``
/// turns the output into the time-major rows that other layers read.
///
/// The input is unfolded, a few output rows at a time, into the matrix whose product with W is the output (im2col), so
/// that memory does not grow with the length of a recording.
///
/// For models of other programs, whose front ends begin so. No recipe trains it.
public struct Conv2d: Sendable {
    /// W, [outputs, inputs * kernel height * kernel width]: PyTorch's weight with its last three axes taken as one.
    public var weight: Matrix
    /// b, [outputs].
    public var bias: [Float]
    /// Geometry along the height: time.
    public let vertical: ConvolutionAxis
    /// Geometry along the width: frequency.
    public let horizontal: ConvolutionAxis
    /// Outputs are held to 0 ... limit (a clipped ReLU, PyTorch's Hardtanh(0, limit)); nil where they stay as they are.
    public let limit: Float?

    /// Floats of the unfolded input at a time: about 1 MiB, which stays in the cache.
    private static let unfoldedFloats = 1 << 18

    /// Takes weights, biases and geometry.
    /// - Precondition: a bias for each row of `weight`; its columns are a multiple of the kernel's area.
    public init(
        weight: Matrix, bias: [Float], vertical: ConvolutionAxis, horizontal: ConvolutionAxis, limit: Float? = nil
    ) {
        precondition(bias.count == weight.rows && weight.columns % (vertical.kernel * horizontal.kernel) == 0)
        self.weight = weight
        self.bias = bias
        self.vertical = vertical
        self.horizontal = horizontal
        self.limit = limit
    }

    /// Channels of the input.
    public var inputs: Int { weight.columns / (vertical.kernel * horizontal.kernel) }
    /// Channels of the output.
    public var outputs: Int { weight.rows }

    /// - Parameters:
    ///   - x: [inputs, height * width], one image.
    ///   - width: its width.
    /// - Returns: [outputs, height' * width'], where height' is `vertical.outputs(of: height)` and width'
    ///   `horizontal.outputs(of: width)`.
    public func forward(_ x: Matrix, width: Int) -> Matrix {
        let unfolding = unfolding(of: x, width: width)
        let (depth, pixels) = (weight.columns, unfolding.outputPixels)
        return Matrix(rows: outputs, columns: pixels) { y in
            for output in 0..<outputs {
                UnsafeMutableBufferPointer(rebasing: y[output * pixels..<(output + 1) * pixels])
                    .update(repeating: bias[output])
            }
            _ = withPointers(x, weight) { x, weight in
                guard let y = y.baseAddress else { return }
                unfolding.forEachChunk(floats: Self.unfoldedFloats) { rows, columns in
                    unfolding.unfold(x, rows: rows, into: columns)
                    let count = rows.count * unfolding.outputWidth
                    BLAS.multiply(
                        m: outputs, n: count, k: depth, .plain(weight, stride: depth), .plain(columns, stride: count),
                        beta: 1, into: y + rows.lowerBound * unfolding.outputWidth, strideC: pixels)
                }
            }
            // A comparison with a NaN is false, and it stays what it is.
            if let limit {
                for index in y.indices { y[index] = y[index] < 0 ? 0 : y[index] > limit ? limit : y[index] }
            }
        }
    }

    /// The convolution and a batch normalisation of its output channels as one convolution.
    /// - Precondition: a feature of the normalisation for each output channel.
    public func normalised(by norm: BatchNorm) -> Conv2d {
        precondition(norm.weight.count == outputs)
        let (scale, columns) = (norm.scale, weight.columns)
        let values = weight.values
        let folded = Matrix(
            rows: outputs, columns: columns, values: values.indices.map { values[$0] * scale[$0 / columns] })
        let biases = bias.indices.map { (bias[$0] - norm.runningMean[$0]) * scale[$0] + norm.bias[$0] }
        return Conv2d(weight: folded, bias: biases, vertical: vertical, horizontal: horizontal, limit: limit)
    }

    private func unfolding(of x: Matrix, width: Int) -> Unfolding {
        precondition(x.rows == inputs && width > 0 && x.columns % width == 0)
        return Unfolding(
            channels: x.rows, height: x.columns / width, width: width, vertical: vertical, horizontal: horizontal)
    }
}

extension Matrix {
    /// An image [channels, height * width] as time-major rows [height, channels * width]: what a layer over time reads.
    public func imageToSteps(width: Int) -> Matrix {
        precondition(width > 0 && columns % width == 0)
        let (channels, height) = (rows, columns / width)
        return Matrix(rows: height, columns: channels * width) { steps in
            withUnsafeBufferPointer { image in
                for index in steps.indices {
                    let (step, feature) = (index / (channels * width), index % (channels * width))
                    steps[index] = image[(feature / width * height + step) * width + feature % width]
                }
            }
        }
    }
}
