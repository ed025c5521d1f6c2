import Foundation
import Networks
import TestSupport
import Testing
import VectorKernels

private func random(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.uniform() * scale }
}

/// One direction of a layer over one sequence by the definition in ``RecurrentCell``, in double precision.
private struct PlainDirection {
    let cell: RecurrentCell
    let inputs: Int
    let hidden: Int
    /// `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`.
    var weights: [[Double]]

    /// - Returns: [steps, hidden], and the final h and c.
    func run(_ x: [Double], h h0: [Double], c c0: [Double], backward: Bool) -> (y: [Double], h: [Double], c: [Double]) {
        let (steps, H) = (x.count / inputs, hidden)
        var (h, c) = (h0, c0)
        var y = [Double](repeating: 0, count: steps * H)
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        for step in 0..<steps {
            let t = backward ? steps - 1 - step : step
            let rows = cell.gates * H
            var (a, u) = (weights[2], weights[3])
            for row in 0..<rows {
                for k in 0..<inputs { a[row] += weights[0][row * inputs + k] * x[t * inputs + k] }
                for k in 0..<H { u[row] += weights[1][row * H + k] * h[k] }
            }
            for j in 0..<H {
                func sum(_ gate: Int) -> Double { a[gate * H + j] + u[gate * H + j] }
                switch cell {
                case .tanh: h[j] = tanh(sum(0))
                case .relu: h[j] = max(0, sum(0))
                case .gru:
                    let (r, z) = (sigmoid(sum(0)), sigmoid(sum(1)))
                    h[j] = (1 - z) * tanh(a[2 * H + j] + r * u[2 * H + j]) + z * h[j]
                case .lstm:
                    c[j] = sigmoid(sum(1)) * c[j] + sigmoid(sum(0)) * tanh(sum(2))
                    h[j] = sigmoid(sum(3)) * tanh(c[j])
                }
                y[t * H + j] = h[j]
            }
        }
        return (y, h, c)
    }
}

/// A layer, a batch for it and a loss: the sum of products of its outputs and final states with random numbers.
private struct Problem {
    let cell: RecurrentCell
    let hidden: Int
    let directions: Int
    let inputs = 3
    let lengths: [Int]

    /// x, h0, c0, then the weights of each direction.
    var arguments: [[Float]] {
        let (rows, batch) = (cell.gates * hidden, lengths.count)
        var sizes = [lengths.reduce(0, +) * inputs, directions * batch * hidden, directions * batch * hidden]
        for _ in 0..<directions { sizes += [rows * inputs, rows * hidden, rows, rows] }
        return sizes.enumerated().map { random($1, seed: UInt64($0 + 1), scale: $0 < 3 ? 1 : 0.5) }
    }

    func sequences(_ values: [Float], features: Int) -> SequenceBatch {
        var rest = values[...]
        return SequenceBatch(
            lengths.map { steps in
                defer { rest = rest.dropFirst(steps * features) }
                return Matrix(rows: steps, columns: features, values: Array(rest.prefix(steps * features)))
            })
    }

    func state(_ hidden: [Float], _ cell: [Float]) -> RecurrentState {
        func split(_ values: [Float]) -> [Matrix] {
            let size = lengths.count * self.hidden
            return (0..<directions).map {
                Matrix(
                    rows: lengths.count, columns: self.hidden, values: Array(values[$0 * size..<($0 + 1) * size]))
            }
        }
        return RecurrentState(hidden: split(hidden), cell: self.cell == .lstm ? split(cell) : [])
    }

    /// Factors of the outputs [rows, directions * hidden] and of the final h and c, as ``arguments`` has h0 and c0.
    var factors: [[Float]] {
        let size = directions * lengths.count * hidden
        return [
            random(lengths.reduce(0, +) * directions * hidden, seed: 97), random(size, seed: 98),
            random(size, seed: 99),
        ]
    }

    func loss(_ arguments: [[Double]]) -> Double {
        var loss = 0.0
        let (factors, batch) = (factors.map { $0.map(Double.init) }, lengths.count)
        for direction in 0..<directions {
            let plain = PlainDirection(
                cell: cell, inputs: inputs, hidden: hidden,
                weights: Array(arguments[3 + 4 * direction..<7 + 4 * direction]))
            var first = 0
            for (index, steps) in lengths.enumerated() {
                let state = (direction * batch + index) * hidden..<(direction * batch + index + 1) * hidden
                let result = plain.run(
                    Array(arguments[0][first * inputs..<(first + steps) * inputs]), h: Array(arguments[1][state]),
                    c: Array(arguments[2][state]), backward: direction == 1)
                for (offset, y) in result.y.enumerated() {
                    let row = first + offset / hidden
                    loss += y * factors[0][(row * directions + direction) * hidden + offset % hidden]
                }
                for (offset, at) in state.enumerated() {
                    loss += result.h[offset] * factors[1][at]
                    if cell == .lstm { loss += result.c[offset] * factors[2][at] }
                }
                first += steps
            }
        }
        return loss
    }

    func layer(on kernels: VectorKernels) -> RecurrentLayer {
        let (arguments, rows) = (arguments, cell.gates * hidden)
        return RecurrentLayer(
            cell: cell,
            directions: (0..<directions).map {
                let mine = arguments[3 + 4 * $0..<7 + 4 * $0].map { $0 }
                return RecurrentWeights(
                    input: Matrix(rows: rows, columns: inputs, values: mine[0]),
                    recurrent: Matrix(rows: rows, columns: hidden, values: mine[1]), inputBias: mine[2],
                    recurrentBias: mine[3])
            }, kernels: kernels)
    }

    /// Our gradients, in the order of ``arguments``.
    func gradients(on kernels: VectorKernels, threads: Int) -> [[Float]] {
        let (layer, arguments, factors) = (layer(on: kernels), arguments, factors)
        let x = sequences(arguments[0], features: inputs)
        let result = layer.forwardTraining(x, initial: state(arguments[1], arguments[2]), threads: threads)
        var gradient = layer.zeroGradient()
        let back = layer.backward(
            sequences(factors[0], features: directions * hidden), final: state(factors[1], factors[2]), input: x,
            saved: result.saved, gradient: &gradient, threads: threads)
        let none = [Float](repeating: 0, count: arguments[2].count)
        return [
            back.input.sequences.flatMap(\.values), back.initial.hidden.flatMap(\.values),
            cell == .lstm ? back.initial.cell.flatMap(\.values) : none,
        ] + gradient.tensors
    }
}

@Suite struct RecurrentGradientTests {
    /// Hidden sizes around the lanes of every instruction set and their panels of four; unequal lengths, 0 too.
    @Test(
        "gradients equal differences of the definition, for any hidden size and unequal lengths",
        arguments: RecurrentCell.allCases)
    func equalsDifferences(cell: RecurrentCell) {
        for (hidden, directions, lengths) in [
            (1, 2, [3]), (3, 2, [2, 5, 0, 1, 5]), (5, 1, [4, 1, 2]), (17, 2, [1, 3, 2, 2, 4, 1, 3]), (66, 1, [3, 1]),
        ] {
            let problem = Problem(cell: cell, hidden: hidden, directions: directions, lengths: lengths)
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
                            "\(cell) \(hidden) \(kernels.name) argument \(argument)")
                    }
                }
            }
        }
    }

    @Test(
        "long sequences, in several chunks, give the sum of what parts of the batch give",
        arguments: RecurrentCell.allCases)
    func batchEqualsParts(cell: RecurrentCell) {
        let lengths = [700, 300, 0, 512, 1]
        let problem = Problem(cell: cell, hidden: 20, directions: 2, lengths: lengths)
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
        let problem = Problem(cell: .gru, hidden: 6, directions: 2, lengths: [4, 2])
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
        let problem = Problem(cell: .lstm, hidden: 9, directions: 2, lengths: [3])
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
        let layer = Problem(cell: .lstm, hidden: 4, directions: 1, lengths: [1]).layer(on: .best)
        let x = SequenceBatch([Matrix(rows: 0, columns: 3)])
        let result = layer.forwardTraining(x)
        var gradient = layer.zeroGradient()
        let back = layer.backward(result.output, input: x, saved: result.saved, gradient: &gradient)
        #expect(back.input.values.rows == 0 && gradient == layer.zeroGradient())
    }
}
