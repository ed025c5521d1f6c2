import Networks
import TestSupport
import Testing

/// The definition of a layer in double precision: input, weight and bias, each flat, to the output.
private typealias Definition = (_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double]

private func doubles(_ values: [Float]) -> [Double] { values.map(Double.init) }

/// The gradient of sum(definition * dy) by central differences, in double precision.
private func differences(
    of definition: Definition, at arguments: [[Float]], dy: [Float]
) -> [[Float]] {
    let point = arguments.map(doubles)
    let step = 1e-5
    func loss(_ point: [[Double]]) -> Double {
        zip(definition(point[0], point[1], point[2]), dy).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    return point.indices.map { argument in
        point[argument].indices.map { element in
            var (above, below) = (point, point)
            above[argument][element] += step
            below[argument][element] -= step
            return Float((loss(above) - loss(below)) / (2 * step))
        }
    }
}

/// Checks output and gradients of a layer against its definition, and that the backward pass adds.
private func check<Gradient: LayerGradient>(
    _ definition: Definition, x: Matrix, weight: [Float], bias: [Float], zero: Gradient, forward: (Matrix) -> Matrix,
    backward: (Matrix, inout Gradient) -> Matrix, sourceLocation: SourceLocation = #_sourceLocation
) {
    let y = forward(x)
    let expected = definition(doubles(x.values), doubles(weight), doubles(bias)).map(Float.init)
    #expect(relativeDifference(y.values, expected) < 1e-5, sourceLocation: sourceLocation)
    let dy = Matrix(rows: y.rows, columns: y.columns, values: random(y.values.count, seed: 99))
    let numeric = differences(of: definition, at: [x.values, weight, bias], dy: dy.values)
    var gradient = zero
    let dx = backward(dy, &gradient)
    #expect(relativeDifference(dx.values, numeric[0]) < 1e-5, sourceLocation: sourceLocation)
    #expect(relativeDifference(gradient.tensors[0], numeric[1]) < 1e-5, sourceLocation: sourceLocation)
    #expect(relativeDifference(gradient.tensors[1], numeric[2]) < 1e-5, sourceLocation: sourceLocation)
    var shards = gradient
    shards += gradient
    _ = backward(dy, &gradient)
    for (twice, summed) in zip(gradient.tensors, shards.tensors) {
        #expect(relativeDifference(twice, summed) < 1e-6, sourceLocation: sourceLocation)
    }
}

@Suite struct LayerGradientTests {
    @Test("Linear: forward and backward equal the definition and its differences", arguments: [1, 2, 7])
    func linear(rows: Int) {
        let (inputs, outputs) = (5, 3)
        let layer = Linear(
            weight: Matrix(rows: outputs, columns: inputs, values: random(15, seed: 1)), bias: random(3, seed: 2))
        let x = Matrix(rows: rows, columns: inputs, values: random(rows * inputs, seed: 3))
        check(
            { x, w, b in
                (0..<rows * outputs).map { index in
                    let (row, output) = (index / outputs, index % outputs)
                    return (0..<inputs).reduce(b[output]) { $0 + x[row * inputs + $1] * w[output * inputs + $1] }
                }
            }, x: x, weight: layer.weight.values, bias: layer.bias, zero: layer.zeroGradient(), forward: layer.forward,
            backward: { layer.backward($0, input: x, gradient: &$1) })
    }

    @Test(
        "Conv2d equals its definition, for any geometry and size, clipped or not",
        arguments: [
            (ConvolutionAxis(kernel: 1), ConvolutionAxis(kernel: 2)),
            (ConvolutionAxis(kernel: 3, stride: 2, padding: 1), ConvolutionAxis(kernel: 3, stride: 1, padding: 1)),
            (ConvolutionAxis(kernel: 2, stride: 3, padding: 3), ConvolutionAxis(kernel: 3, padding: 2, dilation: 2)),
        ])
    func conv2d(vertical: ConvolutionAxis, horizontal: ConvolutionAxis) {
        let (inputs, outputs) = (2, 3)
        let area = vertical.kernel * horizontal.kernel
        let layer = Conv2d(
            weight: Matrix(rows: outputs, columns: inputs * area, values: random(outputs * inputs * area, seed: 1)),
            bias: random(outputs, seed: 2), vertical: vertical, horizontal: horizontal)
        for (height, width) in [(1, 1), (4, 3), (6, 5)] {
            let x = Matrix(rows: inputs, columns: height * width, values: random(inputs * height * width, seed: 3))
            let columns = horizontal.outputs(of: width)
            let pixels = vertical.outputs(of: height) * columns
            let (w, b) = (layer.weight.values, layer.bias)
            let expected = (0..<outputs * pixels).map { index -> Float in
                let (output, row, column) = (index / pixels, index % pixels / columns, index % columns)
                var sum = Double(b[output])
                for element in 0..<inputs * area {
                    let (input, tap) = (element / area, element % area)
                    let i = row * vertical.stride - vertical.padding + tap / horizontal.kernel * vertical.dilation
                    let j =
                        column * horizontal.stride - horizontal.padding + tap % horizontal.kernel * horizontal.dilation
                    guard (0..<height).contains(i), (0..<width).contains(j) else { continue }
                    sum += Double(w[output * inputs * area + element]) * Double(x[input, i * width + j])
                }
                return Float(sum)
            }
            #expect(largestDifference(layer.forward(x, width: width).values, expected) < 1e-5)
            let clipped = Conv2d(
                weight: layer.weight, bias: layer.bias, vertical: vertical, horizontal: horizontal, limit: 0.5)
            #expect(
                largestDifference(clipped.forward(x, width: width).values, expected.map { min(0.5, max(0, $0)) }) < 1e-5
            )
        }
    }

    @Test("a batch normalisation becomes part of the convolution before it")
    func folded() {
        let axis = ConvolutionAxis(kernel: 3, padding: 1)
        let layer = Conv2d(
            weight: Matrix(rows: 2, columns: 9, values: random(18, seed: 1)), bias: [0.5, -0.5], vertical: axis,
            horizontal: axis)
        let norm = BatchNorm(weight: [2, -1], bias: [0.1, 0.2], runningMean: [0.3, -0.4], runningVariance: [0.5, 2])
        let x = Matrix(rows: 1, columns: 20, values: random(20, seed: 2))
        // A row of the image is a channel, a column of the normalisation a feature.
        let y = layer.forward(x, width: 4)
        let pixels = Matrix(rows: 20, columns: 2, values: (0..<40).map { y[$0 % 2, $0 / 2] })
        let expected = norm.forward(pixels)
        let folded = layer.normalised(by: norm).forward(x, width: 4)
        #expect((0..<40).allSatisfy { abs(folded[$0 % 2, $0 / 2] - expected[$0 / 2, $0 % 2]) < 1e-5 })
    }

    @Test("Conv2d of a long image, unfolded in several parts, equals that of its pieces")
    func conv2dInParts() {
        // 9 * 64 unfolded floats for each output row: parts of 455 rows.
        let (height, width) = (1500, 64)
        let axis = ConvolutionAxis(kernel: 3, padding: 1)
        let layer = Conv2d(
            weight: Matrix(rows: 2, columns: 9, values: random(18, seed: 1)), bias: [0.5, -0.5], vertical: axis,
            horizontal: axis)
        let x = Matrix(rows: 1, columns: height * width, values: random(height * width, seed: 2))
        let whole = layer.forward(x, width: width)
        // One more row on either side than the rows that are compared.
        for first in [1, 440, 900, 1480] {
            let rows = (first - 1) * width..<(first + 11) * width
            let inner = width..<11 * width
            let piece = Matrix(rows: 1, columns: rows.count, values: Array(x.values[rows]))
            let y = layer.forward(piece, width: width)
            for channel in 0..<2 {
                let start = channel * height * width + rows.lowerBound
                #expect(
                    largestDifference(
                        y.values[(channel * rows.count + inner.lowerBound)..<(channel * rows.count + inner.upperBound)],
                        whole.values[(start + inner.lowerBound)..<(start + inner.upperBound)]) < 1e-6)
            }
        }
    }

    @Test("an image as steps has all channels of a time in one row")
    func imageToSteps() {
        let image = Matrix(rows: 2, columns: 6, values: (0..<12).map(Float.init))  // 2 channels, height 3, width 2
        let steps = image.imageToSteps(width: 2)
        #expect(steps == Matrix(rows: 3, columns: 4, values: [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]))
    }

    @Test("the parameters of a layer come back as they went out, and change it")
    func parameters() {
        func check(_ layer: some TrainableLayer, sourceLocation: SourceLocation = #_sourceLocation) {
            var layer = layer
            let changed = layer.parameters.map { $0.map { $0 + 1 } }
            layer.parameters = changed
            #expect(layer.parameters == changed, sourceLocation: sourceLocation)
            let gradient = layer.zeroGradient().tensors
            #expect(gradient == changed.map { $0.map { _ in 0 } }, sourceLocation: sourceLocation)
        }
        let weight = Matrix(rows: 2, columns: 4, values: random(8, seed: 1))
        check(Linear(weight: weight, bias: [1, 2]))
    }
}
