import Networks
import TestSupport
import Testing

@Suite struct StepConvolutionTests {
    private static let (inputs, filters, frames, stride) = (3, 4, 5, 2)
    private let weight = random(filters * inputs * frames, seed: 1, scale: 0.7)
    private let bias = random(filters, seed: 2)

    private var convolution: StepConvolution {
        StepConvolution(weight: weight, bias: bias, inputs: Self.inputs, frames: Self.frames)
    }

    /// Frames side by side, as a front end stacks them.
    private func stacked(_ x: Matrix) -> Matrix {
        let steps = 1 + (x.rows - Self.frames) / Self.stride
        return Matrix(
            rows: steps, columns: Self.frames * Self.inputs,
            values: (0..<steps).flatMap { step in
                (0..<Self.frames).flatMap { Array(x.row(step * Self.stride + $0)) }
            })
    }

    @Test("over stacked frames it is a convolution over frames as PyTorch has it, its negative outputs cut off")
    func equalsConvolution() {
        let x = Matrix(rows: 23, columns: Self.inputs, values: random(23 * Self.inputs, seed: 3))
        // A convolution over time alone is one of images that are one pixel wide.
        let overFrames = Conv2d(
            weight: Matrix(rows: Self.filters, columns: Self.inputs * Self.frames, values: weight), bias: bias,
            vertical: ConvolutionAxis(kernel: Self.frames, stride: Self.stride), horizontal: ConvolutionAxis(kernel: 1)
        ).forward(
            Matrix(rows: Self.inputs, columns: 23, values: (0..<23 * Self.inputs).map { x[$0 % 23, $0 / 23] }), width: 1
        ).imageToSteps(width: 1)
        let y = convolution.forward(stacked(x))
        #expect(y.rows == overFrames.rows && y.columns == overFrames.columns)
        #expect(y.values.contains(0) && y.values.contains { $0 > 0 })
        for (mine, expected) in zip(y.values, overFrames.values) { #expect(abs(mine - max(0, expected)) < 1e-5) }
    }

    @Test("what is no number is not taken for silence")
    func notANumber() {
        let x = Matrix(rows: 1, columns: 15, values: [.nan] + [Float](repeating: 1, count: 14))
        #expect(convolution.forward(x).values.allSatisfy { $0.isNaN })
        #expect(Matrix(rows: 1, columns: 3, values: [-1, 0, 2]).rectified().values == [0, 0, 2])
    }

    @Test("weights come out in PyTorch's layout as they went in")
    func layout() {
        #expect(convolution.weight == weight && convolution.linear.bias == bias)
        #expect(convolution.inputs == Self.inputs && convolution.outputs == Self.filters)
    }

    /// A GRU layer in both directions on the convolution, and the sum of its outputs, each times a number.
    private struct Problem {
        var network: RecurrentNetwork
        var x: SequenceBatch
        private let factors: [Float]

        init(_ convolution: StepConvolution) {
            let weights = (0..<2).map { direction in
                let seed = UInt64(10 * direction)
                return RecurrentWeights(
                    input: Matrix(rows: 9, columns: 4, values: random(36, seed: seed + 4, scale: 0.7)),
                    recurrent: Matrix(rows: 9, columns: 3, values: random(27, seed: seed + 5, scale: 0.7)),
                    inputBias: random(9, seed: seed + 6), recurrentBias: random(9, seed: seed + 7))
            }
            network = RecurrentNetwork(
                convolution: convolution, layers: [RecurrentLayer(cell: .gru, directions: weights)])
            x = SequenceBatch([7, 4].map { Matrix(rows: $0, columns: 15, values: random($0 * 15, seed: UInt64($0))) })
            factors = random(11 * 6, seed: 8)
        }

        var loss: Double {
            zip(network.forward(x).output.values.values, factors).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }

        func gradients(asksForInput: Bool) -> (weights: [[Float]], input: [Float]?) {
            let (output, _, saved) = network.forwardTraining(x)
            let dy = SequenceBatch(layout: output.layout, values: Matrix(rows: 11, columns: 6, values: factors))
            var gradient = network.zeroGradient()
            guard asksForInput else {
                network.backwardToWeights(dy, input: x, saved: saved, gradient: &gradient)
                return (gradient.tensors, nil)
            }
            let dx = network.backward(dy, input: x, saved: saved, gradient: &gradient).input
            return (gradient.tensors, dx.values.values)
        }
    }

    @Test("below a recurrent layer, the gradients of its weights and of its input equal the differences of the loss")
    func gradient() {
        let problem = Problem(convolution)
        #expect(problem.network.inputs == 15)
        let (weights, input) = problem.gradients(asksForInput: true)
        #expect(problem.gradients(asksForInput: false).weights == weights)
        #expect(weights.map(\.count) == problem.network.parameters.map(\.count))
        #expect(problem.network.parameterNames.prefix(2) == ["convolution.weight", "convolution.bias"])
        let step: Float = 0.01
        for (tensor, gradient) in weights.enumerated().prefix(3) {
            for place in Swift.stride(from: 0, to: gradient.count, by: 3) {
                func loss(_ change: Float) -> Double {
                    var (moved, parameters) = (problem, problem.network.parameters)
                    parameters[tensor][place] += change
                    moved.network.parameters = parameters
                    return moved.loss
                }
                let slope = (loss(step) - loss(-step)) / Double(2 * step)
                #expect(abs(slope - Double(gradient[place])) < 5e-3, "tensor \(tensor), place \(place)")
            }
        }
        for place in Swift.stride(from: 0, to: input?.count ?? 0, by: 7) {
            func loss(_ change: Float) -> Double {
                var moved = problem
                moved.x = problem.x.mapValues { values in
                    var changed = values.values
                    changed[place] += change
                    return Matrix(rows: values.rows, columns: values.columns, values: changed)
                }
                return moved.loss
            }
            let slope = (loss(step) - loss(-step)) / Double(2 * step)
            #expect(abs(slope - Double(input?[place] ?? .nan)) < 5e-3, "input \(place)")
        }
    }

    @Test("a network taken apart and put together runs as the whole")
    func parts() {
        let whole = Problem(convolution)
        var layers = whole.network.layers
        layers.append(
            RecurrentLayer(
                cell: .gru,
                directions: (0..<2).map { direction in
                    RecurrentWeights(
                        input: Matrix(rows: 9, columns: 6, values: random(54, seed: 20)),
                        recurrent: Matrix(rows: 9, columns: 3, values: random(27, seed: 21)),
                        inputBias: random(9, seed: 22), recurrentBias: random(9, seed: 23))
                }))
        let network = RecurrentNetwork(convolution: convolution, layers: layers)
        #expect(network.suffix(1).convolution == nil && network.suffix(2).convolution?.weight == weight)
        let lower = network.prefix(1).forward(whole.x).output
        #expect(network.suffix(1).forward(lower).output == network.forward(whole.x).output)
    }
}
