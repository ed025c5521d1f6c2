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
        columns.update(repeating: 0, count: depth * rows.count * outputWidth)
        forEachRun(rows: rows) { inside, pixel, input in
            for index in 0..<inside { columns[pixel + index] = image[input + index * horizontal.stride] }
        }
    }

    /// The transpose of ``unfold(_:rows:into:)``: adds each element to the pixel that it was read from.
    func fold(_ columns: UnsafePointer<Float>, rows: Range<Int>, addingTo image: UnsafeMutablePointer<Float>) {
        forEachRun(rows: rows) { inside, pixel, input in
            for index in 0..<inside { image[input + index * horizontal.stride] += columns[pixel + index] }
        }
    }

    /// Calls `body` with each run of a row of the unfolded form that reads no padding: its length, the index of its first
    /// element there and in the image, where the next is `horizontal.stride` further.
    @inline(__always)
    private func forEachRun(rows: Range<Int>, _ body: (_ count: Int, _ pixel: Int, _ input: Int) -> Void) {
        let (outputWidth, pixels) = (outputWidth, rows.count * outputWidth)
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
                        body(
                            inside.count, start + (row - rows.lowerBound) * outputWidth + inside.lowerBound,
                            (channel * height + inputRow) * width + column)
                    }
                    start += pixels
                }
            }
        }
    }
}
