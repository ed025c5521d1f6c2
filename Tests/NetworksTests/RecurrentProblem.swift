import Foundation
import Networks
import TestSupport
import VectorKernels

func random(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
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

    /// - Parameters:
    ///   - mask: factors of h where W_hh multiplies it.
    ///   - nudge: what is added to one unit of h at one time.
    /// - Returns: [steps, hidden], and the final h and c.
    func run(
        _ x: [Double], h h0: [Double], c c0: [Double], backward: Bool, mask: [Double],
        nudge: (time: Int, unit: Int, amount: Double)? = nil
    ) -> (y: [Double], h: [Double], c: [Double]) {
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
                for k in 0..<H { u[row] += weights[1][row * H + k] * mask[k] * h[k] }
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
                if let nudge, nudge.time == t, nudge.unit == j { h[j] += nudge.amount }
                y[t * H + j] = h[j]
            }
        }
        return (y, h, c)
    }
}

/// A layer, a batch for it and a loss: the sum of products of its outputs and final states with random numbers.
struct RecurrentProblem {
    let cell: RecurrentCell
    let hidden: Int
    let directions: Int
    let inputs = 3
    let lengths: [Int]
    /// The probability of dropout on the recurrent connection, and the seed of each sequence.
    var dropout = Dropout(probability: 0)
    var seeds: [UInt64] { lengths.indices.map { UInt64($0) &* 77 } }

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

    /// The mask of one sequence, as the public parts give it.
    private func mask(direction: Int, sequence: Int) -> [Double] {
        let seed = Dropout.seeds(from: seeds[sequence], count: directions)[direction]
        let ones = Matrix(rows: 1, columns: hidden, repeating: 1)
        return dropout.forwardTraining(ones, seed: seed).output.values.map(Double.init)
    }

    /// - Parameter nudge: what is added to one unit of h, at one time of one sequence in one direction.
    func loss(
        _ arguments: [[Double]],
        nudge: (direction: Int, sequence: Int, time: Int, unit: Int, amount: Double)? = nil
    ) -> Double {
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
                    c: Array(arguments[2][state]), backward: direction == 1,
                    mask: mask(direction: direction, sequence: index),
                    nudge: nudge.flatMap {
                        $0.direction == direction && $0.sequence == index ? ($0.time, $0.unit, $0.amount) : nil
                    })
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
    func gradients(on kernels: VectorKernels, threads: Int, flow: GradientFlow? = nil) -> [[Float]] {
        let (layer, arguments, factors) = (layer(on: kernels), arguments, factors)
        let x = sequences(arguments[0], features: inputs)
        let result = layer.forwardTraining(
            x, initial: state(arguments[1], arguments[2]), dropout: dropout, seeds: seeds, threads: threads)
        var gradient = layer.zeroGradient()
        let back = layer.backward(
            sequences(factors[0], features: directions * hidden), final: state(factors[1], factors[2]), input: x,
            saved: result.saved, gradient: &gradient, flow: flow, threads: threads)
        let none = [Float](repeating: 0, count: arguments[2].count)
        return [
            back.input.sequences.flatMap(\.values), back.initial.hidden.flatMap(\.values),
            cell == .lstm ? back.initial.cell.flatMap(\.values) : none,
        ] + gradient.tensors
    }
}
