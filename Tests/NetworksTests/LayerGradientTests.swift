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

/// (x - mean) / sqrt(variance + epsilon) of some elements. Of two, that is -1 and 1 whatever they are: the gradient is
/// then what cancellation leaves, and float32 has no digits for it, so that the tests begin at three.
private func normalised(_ x: [Double]) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return x.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
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

    @Test("LayerNorm: forward and backward equal the definition and its differences", arguments: [3, 6, 33])
    func layerNorm(features: Int) {
        let rows = 4
        let layer = LayerNorm(weight: random(features, seed: 1), bias: random(features, seed: 2))
        let x = Matrix(rows: rows, columns: features, values: random(rows * features, seed: 3, scale: 4))
        check(
            { x, w, b in
                (0..<rows).flatMap { row in
                    normalised(Array(x[row * features..<(row + 1) * features])).enumerated()
                        .map { $1 * w[$0] + b[$0] }
                }
            }, x: x, weight: layer.weight, bias: layer.bias, zero: layer.zeroGradient(), forward: layer.forward,
            backward: { layer.backward($0, input: x, gradient: &$1) })
    }

    @Test(
        "BatchNorm in training: forward and backward equal the definition and its differences", arguments: [3, 9, 40])
    func batchNormTraining(rows: Int) {
        let features = 3
        let layer = BatchNorm(
            weight: random(features, seed: 1), bias: random(features, seed: 2),
            runningMean: [0, 0, 0], runningVariance: [1, 1, 1])
        let x = Matrix(rows: rows, columns: features, values: random(rows * features, seed: 3, scale: 4))
        let saved = layer.forwardTraining(x).saved
        check(
            { x, w, b in
                let columns = (0..<features).map { feature in
                    normalised((0..<rows).map { x[$0 * features + feature] })
                }
                return (0..<rows * features).map {
                    columns[$0 % features][$0 / features] * w[$0 % features] + b[$0 % features]
                }
            }, x: x, weight: layer.weight, bias: layer.bias, zero: layer.zeroGradient(),
            forward: { layer.forwardTraining($0).output },
            backward: { layer.backward($0, input: x, saved: saved, gradient: &$1) })
    }

    @Test("BatchNorm with kept statistics: forward and backward equal the definition and its differences")
    func batchNorm() {
        let features = 3
        let layer = BatchNorm(
            weight: random(features, seed: 1), bias: random(features, seed: 2), runningMean: [0.5, -1, 2],
            runningVariance: [0.3, 2, 1])
        let x = Matrix(rows: 6, columns: features, values: random(6 * features, seed: 3, scale: 4))
        check(
            { x, w, b in
                x.enumerated().map { index, x in
                    let feature = index % features
                    let variance = Double(layer.runningVariance[feature]) + 1e-5
                    return (x - Double(layer.runningMean[feature])) / variance.squareRoot() * w[feature] + b[feature]
                }
            }, x: x, weight: layer.weight, bias: layer.bias, zero: layer.zeroGradient(), forward: layer.forward,
            backward: { layer.backward($0, input: x, gradient: &$1) })
    }

    @Test("BatchNorm leaves its running variance as it is after a batch of one row, and all of it after none")
    func batchNormOfFewRows() {
        var layer = BatchNorm(weight: [1], bias: [0], runningMean: [0], runningVariance: [1])
        layer.updateRunningStatistics(layer.forwardTraining(Matrix(rows: 0, columns: 1)).saved)
        #expect(layer.runningMean == [0] && layer.runningVariance == [1])
        layer.updateRunningStatistics(layer.forwardTraining(Matrix(rows: 1, columns: 1, values: [10])).saved)
        #expect(layer.runningMean == [1] && layer.runningVariance == [1])
    }

    @Test(
        "Conv1d: forward and backward equal the definition and its differences, for any geometry and length",
        arguments: [
            ConvolutionAxis(kernel: 1), ConvolutionAxis(kernel: 3, padding: 1),
            ConvolutionAxis(kernel: 5, stride: 2, padding: 2), ConvolutionAxis(kernel: 2, stride: 5),
            ConvolutionAxis(kernel: 3, stride: 2, padding: 4, dilation: 3),
            ConvolutionAxis(kernel: 4, padding: 6, dilation: 2),
        ])
    func conv1d(axis: ConvolutionAxis) {
        let (inputs, outputs) = (2, 3)
        let layer = Conv1d(
            weight: Matrix(
                rows: outputs, columns: inputs * axis.kernel, values: random(outputs * inputs * axis.kernel, seed: 1)),
            bias: random(outputs, seed: 2), axis: axis)
        for steps in [0, 1, 2, 5, 12] {
            let x = Matrix(rows: steps, columns: inputs, values: random(steps * inputs, seed: 3))
            check(
                { x, w, b in
                    (0..<axis.outputs(of: steps) * outputs).map { index in
                        let (step, output) = (index / outputs, index % outputs)
                        var sum = b[output]
                        for tap in 0..<axis.kernel {
                            let t = step * axis.stride - axis.padding + tap * axis.dilation
                            guard (0..<steps).contains(t) else { continue }
                            for input in 0..<inputs {
                                sum += w[(output * inputs + input) * axis.kernel + tap] * x[t * inputs + input]
                            }
                        }
                        return sum
                    }
                }, x: x, weight: layer.weight.values, bias: layer.bias, zero: layer.zeroGradient(),
                forward: layer.forward, backward: { layer.backward($0, input: x, gradient: &$1) })
        }
    }

    @Test(
        "Conv2d: forward and backward equal the definition and its differences, for any geometry and size",
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
            check(
                { x, w, b in
                    (0..<outputs * pixels).map { index in
                        let (output, row, column) = (index / pixels, index % pixels / columns, index % columns)
                        var sum = b[output]
                        for element in 0..<inputs * area {
                            let (input, tap) = (element / area, element % area)
                            let i =
                                row * vertical.stride - vertical.padding
                                + tap / horizontal.kernel * vertical.dilation
                            let j =
                                column * horizontal.stride - horizontal.padding
                                + tap % horizontal.kernel * horizontal.dilation
                            guard (0..<height).contains(i), (0..<width).contains(j) else { continue }
                            sum += w[output * inputs * area + element] * x[(input * height + i) * width + j]
                        }
                        return sum
                    }
                }, x: x, weight: layer.weight.values, bias: layer.bias, zero: layer.zeroGradient(),
                forward: { layer.forward($0, width: width) },
                backward: { layer.backward($0, input: x, width: width, gradient: &$1) })
        }
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
        let dy = Matrix(rows: 2, columns: height * width, values: random(2 * height * width, seed: 4))
        let whole = layer.forward(x, width: width)
        var gradient = layer.zeroGradient()
        let dx = layer.backward(dy, input: x, width: width, gradient: &gradient)
        // One more row on either side than the rows that are compared.
        for first in [1, 440, 900, 1480] {
            let rows = (first - 1) * width..<(first + 11) * width
            let inner = width..<11 * width
            let piece = Matrix(rows: 1, columns: rows.count, values: Array(x.values[rows]))
            let y = layer.forward(piece, width: width)
            let pieceGradient = Matrix(
                rows: 2, columns: rows.count,
                values: Array(
                    dy.row(0)[rows]
                        + dy.values[height * width..<2 * height * width][
                            (height * width + rows.lowerBound)..<(height * width + rows.upperBound)]))
            var ignored = layer.zeroGradient()
            let pieceDx = layer.backward(pieceGradient, input: piece, width: width, gradient: &ignored)
            for channel in 0..<2 {
                let start = channel * height * width + rows.lowerBound
                #expect(
                    largestDifference(
                        y.values[(channel * rows.count + inner.lowerBound)..<(channel * rows.count + inner.upperBound)],
                        whole.values[(start + inner.lowerBound)..<(start + inner.upperBound)]) < 1e-6)
            }
            #expect(
                largestDifference(
                    pieceDx.values[inner],
                    dx.values[(rows.lowerBound + inner.lowerBound)..<(rows.lowerBound + inner.upperBound)]) < 1e-6)
        }
    }

    @Test("an image as steps has all channels of a time in one row, and back it is the same image")
    func imageToSteps() {
        let image = Matrix(rows: 2, columns: 6, values: (0..<12).map(Float.init))  // 2 channels, height 3, width 2
        let steps = image.imageToSteps(width: 2)
        #expect(steps == Matrix(rows: 3, columns: 4, values: [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]))
        #expect(steps.stepsToImage(width: 2) == image)
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
        let axis = ConvolutionAxis(kernel: 2)
        check(Linear(weight: weight, bias: [1, 2]))
        check(LayerNorm(weight: [1, 2], bias: [3, 4]))
        check(BatchNorm(weight: [1, 2], bias: [3, 4], runningMean: [0, 0], runningVariance: [1, 1]))
        check(Conv1d(weight: weight, bias: [1, 2], axis: axis))
        check(Conv2d(weight: weight, bias: [1, 2], vertical: axis, horizontal: axis))
    }
}
