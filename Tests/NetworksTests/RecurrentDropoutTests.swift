import Networks
import TestSupport
import Testing

/// Two layers in both directions.
private func network(cell: RecurrentCell, inputs: Int, hidden: Int) -> RecurrentNetwork {
    var seed: UInt64 = 0
    func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        seed += 1
        return Matrix(rows: rows, columns: columns, values: random(rows * columns, seed: seed, scale: 0.6))
    }
    return RecurrentNetwork(
        layers: [inputs, 2 * hidden].map { inputs in
            let rows = cell.gates * hidden
            return RecurrentLayer(
                cell: cell,
                directions: (0..<2).map { _ in
                    RecurrentWeights(
                        input: matrix(rows, inputs), recurrent: matrix(rows, hidden),
                        inputBias: matrix(1, rows).values, recurrentBias: matrix(1, rows).values)
                })
        })
}

@Suite struct RecurrentDropoutTests {
    private let sequences = [(4, 1), (9, 2), (0, 3), (2, 4)].map { steps, seed in
        Matrix(rows: steps, columns: 3, values: random(3 * steps, seed: UInt64(seed)))
    }

    @Test("without dropout, training gives what recognition gives, whatever the seeds")
    func none() {
        let network = network(cell: .gru, inputs: 3, hidden: 6)
        let x = SequenceBatch(sequences)
        let plain = network.forwardTraining(x).output
        #expect(network.forwardTraining(x, dropout: .none, seeds: [1, 2, 3, 4]).output == plain)
        #expect(largestDifference(network.forward(x).output.values.values, plain.values.values) < 1e-6)
    }

    @Test(
        "the masks of a sequence do not depend on the others of its batch, forwards and backwards",
        arguments: RecurrentCell.allCases, Dropout.Draws.allCases)
    func shards(cell: RecurrentCell, draws: Dropout.Draws) {
        let network = network(cell: cell, inputs: 3, hidden: 7)
        let dropout = RecurrentDropout(between: 0.3, draws: draws, recurrent: 0.5)
        func run(_ indices: [Int], _ gradient: inout RecurrentNetworkGradient) -> (y: [Matrix], dx: [Matrix]) {
            let x = SequenceBatch(indices.map { sequences[$0] })
            let (y, _, saved) = network.forwardTraining(x, dropout: dropout, seeds: indices.map { UInt64($0) })
            let dx = network.backward(y, input: x, saved: saved, gradient: &gradient).input
            return (y.sequences, dx.sequences)
        }
        var (together, apart) = (network.zeroGradient(), network.zeroGradient())
        let all = run(Array(sequences.indices), &together)
        for index in sequences.indices {
            let alone = run([index], &apart)
            #expect(largestDifference(alone.y[0].values, all.y[index].values) < 1e-6)
            #expect(largestDifference(alone.dx[0].values, all.dx[index].values) < 1e-5)
        }
        for (a, b) in zip(together.tensors, apart.tensors) { #expect(relativeDifference(a, b) < 1e-5) }
    }

    @Test("layers, directions and connections have masks of their own, and another seed others")
    func different() {
        let network = network(cell: .tanh, inputs: 3, hidden: 40)
        let x = SequenceBatch([sequences[1]])
        func output(_ dropout: RecurrentDropout, seed: UInt64) -> Matrix {
            network.forwardTraining(x, dropout: dropout, seeds: [seed]).output.values
        }
        for dropout in [
            RecurrentDropout(between: 0.5), RecurrentDropout(between: 0.5, draws: .perStep),
            RecurrentDropout(recurrent: 0.5),
        ] {
            #expect(output(dropout, seed: 1) == output(dropout, seed: 1))
            #expect(output(dropout, seed: 1) != output(dropout, seed: 2))
            #expect(output(dropout, seed: 1) != output(.none, seed: 1))
        }
        #expect(
            output(RecurrentDropout(between: 0.5), seed: 1)
                != output(RecurrentDropout(between: 0.5, draws: .perStep), seed: 1))

        // With h = 1 at the start, W_hh = 1 on the diagonal and nothing else, one step shows tanh of the mask itself.
        let mirror = RecurrentWeights(
            input: Matrix(rows: 40, columns: 3),
            recurrent: Matrix(
                rows: 40, columns: 40, values: (0..<1600).map { $0 % 41 == 0 ? 1 : 0 }),
            inputBias: [Float](repeating: 0, count: 40), recurrentBias: [Float](repeating: 0, count: 40))
        let layer = RecurrentLayer(cell: .relu, directions: [mirror, mirror])
        let ones = Matrix(rows: 1, columns: 40, repeating: 1)
        let shown = layer.forwardTraining(
            SequenceBatch([Matrix(rows: 3, columns: 3)]), initial: RecurrentState(hidden: [ones, ones]),
            dropout: Dropout(probability: 0.5), seeds: [9]
        ).output.values
        // The same mask at every step: m, m^2, m^3, with m 0 or 2.
        for step in 1..<3 {
            for unit in 0..<40 {
                #expect(shown[step, unit] == shown[step - 1, unit] * 2)
                #expect(shown[2 - step, 40 + unit] == shown[3 - step, 40 + unit] * 2)
            }
        }
        let (forward, backward) = (shown.row(0).prefix(40), shown.row(2).suffix(40))
        #expect(Set(forward) == [0, 2] && !forward.elementsEqual(backward))
    }
}
