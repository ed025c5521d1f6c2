import Foundation
import Networks
import TestSupport
import Testing
import VectorKernels

private func weights(
    _ cell: RecurrentCell, inputs: Int, hidden: Int, seed: UInt64, rounding: (Float) -> Float = { $0 }
) -> RecurrentWeights {
    var generator = SeededGenerator(seed: seed)
    func array(_ count: Int) -> [Float] { (0..<count).map { _ in rounding(generator.uniform() * 0.3) } }
    let rows = cell.gates * hidden
    return RecurrentWeights(
        input: Matrix(rows: rows, columns: inputs, values: array(rows * inputs)),
        recurrent: Matrix(rows: rows, columns: hidden, values: array(rows * hidden)),
        inputBias: array(rows), recurrentBias: array(rows))
}

private func sequence(steps: Int, features: Int, seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return Matrix(rows: steps, columns: features, values: (0..<steps * features).map { _ in generator.uniform() })
}

/// The definition in ``RecurrentCell``, one unit at a time, in double precision.
private func plainForward(_ w: RecurrentWeights, _ cell: RecurrentCell, _ x: Matrix, backward: Bool) -> [[Double]] {
    let units = w.hidden
    var h = [Double](repeating: 0, count: units)
    var c = h
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func dot(_ a: ArraySlice<Float>, _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * $1.1 } }
    var outputs = [[Double]](repeating: [], count: x.rows)
    for t in backward ? Array((0..<x.rows).reversed()) : Array(0..<x.rows) {
        let input = x.row(t).map(Double.init)
        let a = (0..<w.input.rows).map { dot(w.input.row($0), input) + Double(w.inputBias[$0]) }
        let u = (0..<w.input.rows).map { dot(w.recurrent.row($0), h) + Double(w.recurrentBias[$0]) }
        h = (0..<units).map { j in
            switch cell {
            case .tanh: return tanh(a[j] + u[j])
            case .relu: return max(0, a[j] + u[j])
            case .gru:
                let (r, z) = (sigmoid(a[j] + u[j]), sigmoid(a[units + j] + u[units + j]))
                return (1 - z) * tanh(a[2 * units + j] + r * u[2 * units + j]) + z * h[j]
            case .lstm:
                let (i, f) = (sigmoid(a[j] + u[j]), sigmoid(a[units + j] + u[units + j]))
                let (g, o) = (tanh(a[2 * units + j] + u[2 * units + j]), sigmoid(a[3 * units + j] + u[3 * units + j]))
                c[j] = f * c[j] + i * g
                return o * tanh(c[j])
            }
        }
        outputs[t] = h
    }
    return outputs
}

@Suite struct RecurrentLayerTests {
    @Test(
        "training and inference have the same last bits, for any size on every instruction set",
        arguments: RecurrentCell.allCases, [(9, 11), (33, 11), (7, 5), (33, 37), (9, 16), (40, 32)])
    func sameBits(cell: RecurrentCell, size: (inputs: Int, hidden: Int)) {
        let directions = [5, 6].map { weights(cell, inputs: size.inputs, hidden: size.hidden, seed: $0) }
        let x = SequenceBatch(
            [40, 17, 3].enumerated().map {
                sequence(steps: $1, features: size.inputs, seed: UInt64(20 + $0))
            })
        for kernels in VectorKernels.available {
            let layer = RecurrentLayer(cell: cell, directions: directions, kernels: kernels)
            #expect(layer.forwardTraining(x).output == layer.forward(x).output, "on \(kernels.name)")
        }
    }

    /// Hidden sizes around the lanes of every instruction set, batches around the rows that a kernel holds at once.
    @Test("every cell equals its definition, for any hidden size and batch", arguments: RecurrentCell.allCases)
    func equalsDefinition(cell: RecurrentCell) {
        for (hidden, batch) in [(1, 1), (3, 2), (4, 3), (15, 4), (16, 5), (17, 6), (33, 7), (31, 13)] {
            let directions = [
                weights(cell, inputs: 5, hidden: hidden, seed: 1), weights(cell, inputs: 5, hidden: hidden, seed: 2),
            ]
            let inputs = (0..<batch).map { sequence(steps: 1 + 5 * $0 % 7, features: 5, seed: UInt64(10 + $0)) }
            let expected = inputs.map { x in
                zip(
                    plainForward(directions[0], cell, x, backward: false),
                    plainForward(directions[1], cell, x, backward: true)
                ).flatMap { ($0 + $1).map(Float.init) }
            }
            for kernels in VectorKernels.available {
                let layer = RecurrentLayer(cell: cell, directions: directions, kernels: kernels)
                let outputs = layer.forward(SequenceBatch(inputs), threads: 2).output.sequences
                for (ours, theirs) in zip(outputs, expected) {
                    #expect(
                        largestDifference(ours.values, theirs) < 2e-6, "\(cell) \(hidden) x \(batch) \(kernels.name)")
                }
            }
        }
    }

    @Test(
        "weights that float16 holds exactly, subnormals too, give what float32 gives",
        arguments: RecurrentCell.allCases)
    func halfWeightsAreExact(cell: RecurrentCell) throws {
        let baseline = try #require(VectorKernels.available.last)
        // Multiples of 2^-24 below 2^-14 are float16's subnormals; multiples of 2^-10 below 1 have 10 bits.
        for rounding in [{ ($0 * 1024).rounded() / 1024 }, { ($0 * 1000).rounded() / 16_777_216 }]
            as [@Sendable (Float) -> Float]
        {
            let directions = [weights(cell, inputs: 8, hidden: 37, seed: 3, rounding: rounding)]
            for batch in [1, 2, 6] {
                let inputs = SequenceBatch((0..<batch).map { sequence(steps: 9, features: 8, seed: UInt64($0)) })
                let expected = RecurrentLayer(cell: cell, directions: directions, kernels: baseline).forward(inputs)
                for kernels in VectorKernels.available {
                    let ours = RecurrentLayer(cell: cell, directions: directions, kernels: kernels).forward(inputs)
                    #expect(largestDifference(ours.output.values.values, expected.output.values.values) < 1e-6)
                }
            }
        }
    }

    @Test("a sequence gives the same alone and in a batch, at every length")
    func batchEqualsAlone() {
        let layer = RecurrentLayer(
            cell: .lstm,
            directions: [
                weights(.lstm, inputs: 6, hidden: 20, seed: 4), weights(.lstm, inputs: 6, hidden: 20, seed: 5),
            ])
        let inputs = [700, 1, 0, 33, 700, 512].enumerated().map { index, steps in
            sequence(steps: steps, features: 6, seed: UInt64(index))
        }
        let together = layer.forward(SequenceBatch(inputs), threads: 2)
        for (index, input) in inputs.enumerated() {
            let alone = layer.forward(SequenceBatch([input]))
            #expect(
                largestDifference(together.output.sequences[index].values, alone.output.values.values) < 1e-6)
            for direction in 0...1 {
                #expect(
                    largestDifference(
                        together.final.hidden[direction].row(index), alone.final.hidden[direction].row(0)) < 1e-6)
            }
        }
    }

    @Test("a sequence cut in two, with the state carried over, gives what the whole gives")
    func stateCarriesOver() {
        let layer = RecurrentLayer(cell: .gru, directions: [weights(.gru, inputs: 4, hidden: 9, seed: 6)])
        let whole = sequence(steps: 20, features: 4, seed: 7)
        let parts = [0..<8, 8..<20].map {
            Matrix(rows: $0.count, columns: 4, values: Array(whole.values[$0.lowerBound * 4..<$0.upperBound * 4]))
        }
        let first = layer.forward(SequenceBatch([parts[0]]))
        let second = layer.forward(SequenceBatch([parts[1]]), initial: first.final)
        let expected = layer.forward(SequenceBatch([whole]))
        #expect(
            largestDifference(
                first.output.values.values + second.output.values.values, expected.output.values.values) < 1e-6)
        #expect(second.final == expected.final)
    }

    @Test("an empty batch gives an empty batch")
    func emptyBatch() {
        let layer = RecurrentLayer(cell: .lstm, directions: [weights(.lstm, inputs: 4, hidden: 9, seed: 6)])
        #expect(layer.forward(SequenceBatch([Matrix(rows: 0, columns: 4)])).output.values.rows == 0)
    }
}
