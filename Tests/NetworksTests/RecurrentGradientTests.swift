import Networks
import TestSupport
import Testing
import VectorKernels

@Suite struct RecurrentGradientTests {
    /// Hidden sizes around the lanes of every instruction set and their panels of four; unequal lengths, 0 too.
    private static let shapes = [
        (1, 2, [3]), (3, 2, [2, 5, 0, 1, 5]), (5, 1, [4, 1, 2]), (17, 2, [1, 3, 2, 2, 4, 1, 3]), (66, 1, [3, 1]),
    ]

    @Test(
        "gradients equal differences of the definition, for any hidden size and unequal lengths",
        arguments: RecurrentCell.allCases)
    func equalsDifferences(cell: RecurrentCell) {
        for (hidden, directions, lengths) in Self.shapes {
            check(RecurrentProblem(cell: cell, hidden: hidden, directions: directions, lengths: lengths))
        }
    }

    @Test(
        "with dropout of the recurrent connection they equal those of the definition with the masks of the seeds",
        arguments: RecurrentCell.allCases)
    func equalsDifferencesWithDropout(cell: RecurrentCell) {
        for (hidden, directions, lengths) in Self.shapes.dropFirst() {
            check(
                RecurrentProblem(
                    cell: cell, hidden: hidden, directions: directions, lengths: lengths,
                    dropout: Dropout(probability: 0.4)))
        }
    }

    private func check(_ problem: RecurrentProblem, sourceLocation: SourceLocation = #_sourceLocation) {
        let point = problem.arguments.map { $0.map(Double.init) }
        // Of a large tensor, elements here and there.
        let picked = point.map { Array(stride(from: 0, to: $0.count, by: max(1, $0.count / 40))) }
        let numeric = picked.enumerated().map { argument, elements in
            elements.map { element in
                var (above, below) = (point, point)
                above[argument][element] += 1e-5
                below[argument][element] -= 1e-5
                return Float((problem.loss(above) - problem.loss(below)) / 2e-5)
            }
        }
        for kernels in VectorKernels.available {
            for threads in 1...2 {
                let ours = problem.gradients(on: kernels, threads: threads)
                for (argument, elements) in picked.enumerated() {
                    #expect(
                        relativeDifference(elements.map { ours[argument][$0] }, numeric[argument]) < 1e-5,
                        "\(problem.cell) \(problem.hidden) \(kernels.name) argument \(argument)",
                        sourceLocation: sourceLocation)
                }
            }
        }
    }

    @Test(
        "long sequences, in several chunks, give the sum of what parts of the batch give",
        arguments: RecurrentCell.allCases)
    func batchEqualsParts(cell: RecurrentCell) {
        let lengths = [700, 300, 0, 512, 1]
        let problem = RecurrentProblem(cell: cell, hidden: 20, directions: 2, lengths: lengths)
        let layer = problem.layer(on: .best)
        func run(_ x: [Matrix], _ dy: [Matrix], _ gradient: inout RecurrentGradient) -> [Matrix] {
            let x = SequenceBatch(x)
            let saved = layer.forwardTraining(x, threads: 2).saved
            return layer.backward(SequenceBatch(dy), input: x, saved: saved, gradient: &gradient, threads: 2)
                .input.sequences
        }
        let x = problem.sequences(problem.arguments[0], features: problem.inputs).sequences
        let dy = problem.sequences(problem.factors[0], features: 40).sequences
        var (together, apart) = (layer.zeroGradient(), layer.zeroGradient())
        let dx = run(x, dy, &together)
        for index in lengths.indices {
            let alone = run([x[index]], [dy[index]], &apart)
            #expect(largestDifference(dx[index].values, alone[0].values) < 1e-5)
        }
        for (a, b) in zip(together.tensors, apart.tensors) { #expect(relativeDifference(a, b) < 1e-5) }
    }

    @Test("the backward pass to the weights alone gives the same weights' gradients, and adds to what is there")
    func toWeights() {
        let problem = RecurrentProblem(cell: .gru, hidden: 6, directions: 2, lengths: [4, 2])
        let network = RecurrentNetwork(layers: [problem.layer(on: .best)])
        let x = problem.sequences(problem.arguments[0], features: problem.inputs)
        let dy = problem.sequences(problem.factors[0], features: 12)
        let saved = network.forwardTraining(x).saved
        var (once, twice) = (network.zeroGradient(), network.zeroGradient())
        let back = network.backward(dy, input: x, saved: saved, gradient: &once)
        for _ in 0..<2 {
            #expect(network.backwardToWeights(dy, input: x, saved: saved, gradient: &twice) == back.initial)
        }
        var sum = once
        sum += once
        for (a, b) in zip(twice.tensors, sum.tensors) { #expect(relativeDifference(a, b) < 1e-6) }
    }

    @Test("changed parameters are used by the next pass, recognition and training alike")
    func parametersAreRepacked() {
        let problem = RecurrentProblem(cell: .lstm, hidden: 9, directions: 2, lengths: [3])
        let x = problem.sequences(problem.arguments[0], features: 3)
        var network = RecurrentNetwork(layers: [problem.layer(on: .best)])
        network.parameters = network.parameters.map { $0.map { $0 * 0.5 } }
        let directions = problem.layer(on: .best).directions.map { old in
            func halved(_ matrix: Matrix) -> Matrix {
                Matrix(rows: matrix.rows, columns: matrix.columns, values: matrix.values.map { $0 * 0.5 })
            }
            return RecurrentWeights(
                input: halved(old.input), recurrent: halved(old.recurrent), inputBias: old.inputBias.map { $0 * 0.5 },
                recurrentBias: old.recurrentBias.map { $0 * 0.5 })
        }
        let expected = RecurrentLayer(cell: .lstm, directions: directions).forward(x).output
        #expect(network.forward(x).output == expected)
        #expect(network.forwardTraining(x).output == expected)
    }

    @Test("an empty batch gives an empty gradient")
    func emptyBatch() {
        let layer = RecurrentProblem(cell: .lstm, hidden: 4, directions: 1, lengths: [1]).layer(on: .best)
        let x = SequenceBatch([Matrix(rows: 0, columns: 3)])
        let result = layer.forwardTraining(x)
        var gradient = layer.zeroGradient()
        let back = layer.backward(result.output, input: x, saved: result.saved, gradient: &gradient)
        #expect(back.input.values.rows == 0 && gradient == layer.zeroGradient())
    }
}
