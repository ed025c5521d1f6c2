import Networks
import TestSupport
import Testing

@Suite struct GradientFlowTests {
    private func root(of squares: [Double]) -> Double {
        (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }

    @Test(
        "the norm at each step equals the differences of the definition, over sequences of unequal length",
        arguments: RecurrentCell.allCases, [0, 0.4])
    func equalsDifferences(cell: RecurrentCell, dropout: Double) {
        let lengths = [2, 5, 0, 1, 5, 4]
        let problem = RecurrentProblem(
            cell: cell, hidden: 3, directions: 2, lengths: lengths, dropout: Dropout(probability: dropout))
        let flow = GradientFlow()
        let recorded = problem.gradients(on: .best, threads: 2, flow: flow)
        #expect(recorded == problem.gradients(on: .best, threads: 1))
        #expect(flow.layers.count == 1 && flow.layers[0].count == 2)

        let point = problem.arguments.map { $0.map(Double.init) }
        for (direction, profile) in flow.layers[0].enumerated() {
            // The square of |dL/dh| of each sequence at each of its steps.
            let squares = lengths.enumerated().map { sequence, length in
                (0..<length).map { time in
                    (0..<3).reduce(0.0) { sum, unit in
                        let differences = [1e-5, -1e-5].map {
                            problem.loss(point, nudge: (direction, sequence, time, unit, $0))
                        }
                        let slope = (differences[0] - differences[1]) / 2e-5
                        return sum + slope * slope
                    }
                }
            }
            let expected = (0..<5).map { time in root(of: squares.filter { $0.count > time }.map { $0[time] }) }
            #expect(relativeDifference(profile.norms.map(Float.init), expected.map(Float.init)) < 1e-5)
            let some = squares.filter { !$0.isEmpty }
            for (value, of) in [
                (profile.first, some.map { $0[0] }), (profile.middle, some.map { $0[($0.count - 1) / 2] }),
                (profile.last, some.map { $0[$0.count - 1] }),
            ] {
                #expect(abs(value / root(of: of) - 1) < 1e-5)
            }
        }
    }

    @Test("each layer of a network has its own, as if the layers had run one by one")
    func layers() {
        let lengths = [4, 2]
        func layer(inputs: Int, seed: UInt64) -> RecurrentLayer {
            RecurrentLayer(
                cell: .gru,
                directions: (0..<2).map { direction in
                    let seed = seed + UInt64(direction)
                    return RecurrentWeights(
                        input: Matrix(rows: 15, columns: inputs, values: random(15 * inputs, seed: seed)),
                        recurrent: Matrix(rows: 15, columns: 5, values: random(75, seed: seed + 10)),
                        inputBias: random(15, seed: seed + 20), recurrentBias: random(15, seed: seed + 30))
                })
        }
        let network = RecurrentNetwork(layers: [layer(inputs: 3, seed: 1), layer(inputs: 10, seed: 3)])
        let x = SequenceBatch(lengths.map { Matrix(rows: $0, columns: 3, values: random(3 * $0, seed: 5)) })
        let dy = SequenceBatch(lengths.map { Matrix(rows: $0, columns: 10, values: random(10 * $0, seed: 6)) })
        let together = GradientFlow()
        var gradient = network.zeroGradient()
        network.backwardToWeights(
            dy, input: x, saved: network.forwardTraining(x).saved, gradient: &gradient, flow: together)

        let (lower, upper) = (network.layers[0].forwardTraining(x), network.layers[1])
        let flows = [GradientFlow(), GradientFlow()]
        var ofLayer = upper.zeroGradient()
        let below = upper.backward(
            dy, input: lower.output, saved: upper.forwardTraining(lower.output).saved, gradient: &ofLayer,
            flow: flows[1])
        ofLayer = network.layers[0].zeroGradient()
        network.layers[0].backwardToWeights(
            below.input, input: x, saved: lower.saved, gradient: &ofLayer, flow: flows[0])
        #expect(together.layers == flows.map { $0.layers[0] })

    }

    @Test("passes one after another, and recorders of shards brought together, give the mean over all sequences")
    func merged() {
        let problems = [[4, 2], [1, 0, 3]].map {
            RecurrentProblem(cell: .lstm, hidden: 4, directions: 2, lengths: $0)
        }
        let (one, merged) = (GradientFlow(), GradientFlow())
        let shards = problems.map { problem in
            let shard = GradientFlow()
            for flow in [one, shard] { _ = problem.gradients(on: .best, threads: 1, flow: flow) }
            return shard
        }
        shards.forEach(merged.merge)
        for direction in 0..<2 {
            let (a, b) = (one.layers[0][direction], merged.layers[0][direction])
            #expect(relativeDifference(a.norms.map(Float.init), b.norms.map(Float.init)) < 1e-6)
            #expect(abs(a.first / b.first - 1) < 1e-12 && abs(a.last / b.last - 1) < 1e-12)
            // The step that one sequence alone has is that sequence's.
            #expect(a.norms.count == 4 && a.norms[3] == shards[0].layers[0][direction].norms[3])
            // Of two shards, 2 and 2 sequences that have a step: the mean of the squares is that of the two means.
            let squares = shards.map { $0.layers[0][direction].first * $0.layers[0][direction].first }
            #expect(abs(a.first * a.first / ((squares[0] + squares[1]) / 2) - 1) < 1e-12)
        }
    }

    @Test("what float32 cannot square is still a number")
    func vanished() {
        // h' = tanh(w h): through 40 steps, dL/dh falls to w^40 near h = 0.
        let layer = RecurrentLayer(
            cell: .tanh,
            directions: [
                RecurrentWeights(
                    input: Matrix(rows: 1, columns: 1, values: [0]),
                    recurrent: Matrix(rows: 1, columns: 1, values: [0.125]), inputBias: [0], recurrentBias: [0])
            ])
        let x = SequenceBatch([Matrix(rows: 41, columns: 1, repeating: 0)])
        let dy = SequenceBatch([Matrix(rows: 41, columns: 1, values: [Float](repeating: 0, count: 40) + [1])])
        let flow = GradientFlow()
        var gradient = layer.zeroGradient()
        layer.backwardToWeights(dy, input: x, saved: layer.forwardTraining(x).saved, gradient: &gradient, flow: flow)
        let profile = flow.layers[0][0]
        // Powers of 2 are exact: 2^-60 and 2^-120 have squares below float32's smallest.
        #expect(profile.last == 1 && profile.middle == 0x1p-60 && profile.first == 0x1p-120)
    }

    @Test("nothing recorded is nothing")
    func empty() {
        let flow = GradientFlow()
        #expect(flow.layers.isEmpty)
        flow.merge(GradientFlow())
        #expect(flow.layers.isEmpty)
    }
}
