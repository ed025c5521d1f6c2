/// The unfolded form of an image for a convolution (im2col): a column for each output pixel, holding the inputs it reads.
///
/// A row for each (channel, vertical tap, horizontal tap), in the order of PyTorch's weight.
struct Unfolding {
    let channels: Int
    let height: Int
    let width: Int
    let vertical: ConvolutionAxis
    let horizontal: ConvolutionAxis

    var outputWidth: Int { horizontal.outputs(of: width) }
    var outputHeight: Int { vertical.outputs(of: height) }
    var outputPixels: Int { outputHeight * outputWidth }
    private var depth: Int { channels * vertical.kernel * horizontal.kernel }

    /// Calls `body` with ranges of output rows, the last perhaps shorter, and room for their unfolded form.
    func forEachChunk(floats: Int, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void) {
        guard outputPixels > 0 else { return }
        let rows = min(outputHeight, max(1, floats / max(depth * outputWidth, 1)))
        let columns = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(depth * rows * outputWidth, 1))
        defer { columns.deallocate() }
        guard let start = columns.baseAddress else { return }
        for first in stride(from: 0, to: outputHeight, by: rows) {
            body(first..<min(first + rows, outputHeight), start)
        }
    }

    /// Writes the unfolded form of some output rows: [depth, rows * output width].
    func unfold(_ image: UnsafePointer<Float>, rows: Range<Int>, into columns: UnsafeMutablePointer<Float>) {
        let (outputWidth, pixels) = (outputWidth, rows.count * outputWidth)
        columns.update(repeating: 0, count: depth * pixels)
        let insideColumns = (0..<horizontal.kernel).map { horizontal.insideOutputs(of: $0, inputs: width) }
        var start = 0  // of the row of the unfolded form
        for channel in 0..<channels {
            for verticalTap in 0..<vertical.kernel {
                let insideRows = vertical.insideOutputs(of: verticalTap, inputs: height).clamped(to: rows)
                for horizontalTap in 0..<horizontal.kernel {
                    let inside = insideColumns[horizontalTap]
                    let column = inside.lowerBound * horizontal.stride + horizontal.offset(of: horizontalTap)
                    for row in insideRows where !inside.isEmpty {
                        let inputRow = row * vertical.stride + vertical.offset(of: verticalTap)
                        let pixel = start + (row - rows.lowerBound) * outputWidth + inside.lowerBound
                        let input = (channel * height + inputRow) * width + column
                        for index in 0..<inside.count {
                            columns[pixel + index] = image[input + index * horizontal.stride]
                        }
                    }
                    start += pixels
                }
            }
        }
    }
}
