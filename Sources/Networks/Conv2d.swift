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
public struct Conv2d: TrainableLayer {
    /// dL/dW and dL/db.
    public typealias Gradient = MatrixGradient

    /// W, [outputs, inputs * kernel height * kernel width]: PyTorch's weight with its last three axes taken as one.
    public var weight: Matrix
    /// b, [outputs].
    public var bias: [Float]
    /// Geometry along the height: time.
    public let vertical: ConvolutionAxis
    /// Geometry along the width: frequency.
    public let horizontal: ConvolutionAxis

    /// Floats of the unfolded input at a time: about 1 MiB, which stays in the cache.
    private static let unfoldedFloats = 1 << 18

    /// Takes weights, biases and geometry.
    /// - Precondition: a bias for each row of `weight`; its columns are a multiple of the kernel's area.
    public init(weight: Matrix, bias: [Float], vertical: ConvolutionAxis, horizontal: ConvolutionAxis) {
        precondition(bias.count == weight.rows && weight.columns % (vertical.kernel * horizontal.kernel) == 0)
        self.weight = weight
        self.bias = bias
        self.vertical = vertical
        self.horizontal = horizontal
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
        }
    }

    /// With u the unfolded input: du = W^T dy, folded back into dx; adds dW = dy u^T and db = sum of dy over the pixels.
    /// - Parameters:
    ///   - dy: the gradient with respect to what ``forward(_:width:)`` returned for `x`, of its shape.
    ///   - x: [inputs, height * width].
    ///   - width: the width of `x`.
    /// - Returns: [inputs, height * width].
    public func backward(_ dy: Matrix, input x: Matrix, width: Int, gradient: inout Gradient) -> Matrix {
        let unfolding = unfolding(of: x, width: width)
        let (outputs, depth, pixels) = (outputs, weight.columns, unfolding.outputPixels)
        precondition(dy.rows == outputs && dy.columns == pixels)
        for output in 0..<outputs { gradient.bias[output] += Float(dy.row(output).reduce(0) { $0 + Double($1) }) }
        return Matrix(rows: x.rows, columns: x.columns) { dx in
            dx.update(repeating: 0)
            gradient.weight.withUnsafeMutableBufferPointer { sum in
                weight.withUnsafeBufferPointer { weight in
                    _ = withPointers(dy, x) { dy, x in
                        guard let dx = dx.baseAddress, let sum = sum.baseAddress, let weight = weight.baseAddress
                        else { return }
                        unfolding.forEachChunk(floats: Self.unfoldedFloats) { rows, columns in
                            let count = rows.count * unfolding.outputWidth
                            let dy = dy + rows.lowerBound * unfolding.outputWidth
                            unfolding.unfold(x, rows: rows, into: columns)
                            BLAS.multiply(
                                m: outputs, n: depth, k: count, .plain(dy, stride: pixels),
                                .transposed(columns, stride: count), beta: 1, into: sum, strideC: depth)
                            BLAS.multiply(
                                m: depth, n: count, k: outputs, .transposed(weight, stride: depth),
                                .plain(dy, stride: pixels), into: columns, strideC: count)
                            unfolding.fold(columns, rows: rows, addingTo: dx)
                        }
                    }
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
            self = Conv2d(weight: matrix, bias: newValue[1], vertical: vertical, horizontal: horizontal)
        }
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

    /// The inverse of ``imageToSteps(width:)``, and so its backward pass: [height, channels * width] as an image.
    public func stepsToImage(width: Int) -> Matrix {
        precondition(width > 0 && columns % width == 0)
        let (channels, height) = (columns / width, rows)
        return Matrix(rows: channels, columns: height * width) { image in
            withUnsafeBufferPointer { steps in
                for index in image.indices {
                    let (channel, pixel) = (index / (height * width), index % (height * width))
                    image[index] = steps[(pixel / width * channels + channel) * width + pixel % width]
                }
            }
        }
    }
}
