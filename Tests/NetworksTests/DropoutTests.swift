import Networks
import TestSupport
import Testing

@Suite struct DropoutTests {
    private let ones = Matrix(rows: 200, columns: 101, repeating: 1)

    @Test("a share p of the elements becomes 0, the others are divided by 1 - p", arguments: [0.1, 0.5, 0.8])
    func share(probability: Double) {
        let y = Dropout(probability: probability).forwardTraining(ones, seed: 3).output.values
        let kept = Float(1 / (1 - probability))
        #expect(y.allSatisfy { $0 == 0 || $0 == kept })
        let dropped = Double(y.count { $0 == 0 }) / Double(y.count)
        #expect(abs(dropped - probability) < 0.015)  // four standard deviations of 20 200 draws
    }

    @Test("with p = 0 nothing changes")
    func nothing() {
        #expect(Dropout(probability: 0).forwardTraining(ones, seed: 1).output == ones)
    }

    @Test("a seed gives one mask, another seed another")
    func seeds() {
        let dropout = Dropout(probability: 0.3)
        #expect(dropout.forwardTraining(ones, seed: 1).saved == dropout.forwardTraining(ones, seed: 1).saved)
        #expect(dropout.forwardTraining(ones, seed: 1).saved != dropout.forwardTraining(ones, seed: 2).saved)
    }

    @Test("a mask is the same on every machine")
    func mask() {
        let y = Dropout(probability: 0.5).forwardTraining(Matrix(rows: 1, columns: 8, repeating: 1), seed: 0).output
        // SplitMix64 from 0: e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f f88bb8a8724c81ec; low half, high half.
        #expect(y.values == [0, 2, 2, 0, 2, 0, 0, 2])
    }

    @Test("the backward pass equals the differences of the forward pass with its mask held")
    func backward() {
        let dropout = Dropout(probability: 0.4)
        let x = Matrix(rows: 5, columns: 4, values: (0..<20).map { Float($0) / 7 - 1 })
        let (y, mask) = dropout.forwardTraining(x, seed: 8)
        #expect(y == mask.applied(to: x))
        let dy = Matrix(rows: 5, columns: 4, values: (0..<20).map { Float($0 * $0 % 13) - 6 })
        let dx = dropout.backward(dy, saved: mask)
        for element in 0..<20 {
            // Central differences in double precision of sum(x * mask * dy), the mask held.
            func loss(_ change: Double) -> Double {
                (0..<20).reduce(0) { sum, index in
                    let x = Double(x.values[index]) + (index == element ? change : 0)
                    return sum + x * Double(mask.factors.values[index]) * Double(dy.values[index])
                }
            }
            #expect(abs(dx.values[element] - Float((loss(1e-4) - loss(-1e-4)) / 2e-4)) < 1e-5)
        }
    }

    @Test("a packed sequence keeps one mask over all its steps, and others have others")
    func perSequence() {
        let lengths = [3, 7, 0, 5]
        let batch = SequenceBatch(lengths.map { Matrix(rows: $0, columns: 40, repeating: 1) })
        let dropout = Dropout(probability: 0.5)
        let seeds = Dropout.seeds(from: 17, count: lengths.count)
        let (y, mask) = dropout.forwardTraining(batch, seeds: seeds)
        let sequences = y.sequences
        for sequence in sequences {
            for row in 0..<sequence.rows { #expect(sequence.row(row).elementsEqual(sequence.row(0))) }
        }
        #expect(Set(sequences.filter { $0.rows > 0 }.map { Array($0.row(0)) }).count == 3)
        #expect(dropout.backward(batch.values, saved: mask) == y.values)
    }

    @Test("the mask of a sequence does not depend on the others of its batch")
    func shards() {
        let sequences = [4, 9, 2].map { Matrix(rows: $0, columns: 33, repeating: 1) }
        let dropout = Dropout(probability: 0.5)
        let together = dropout.forwardTraining(SequenceBatch(sequences), seeds: [5, 6, 7]).output.sequences
        for (index, sequence) in sequences.enumerated() {
            let alone = dropout.forwardTraining(SequenceBatch([sequence]), seeds: [UInt64(5 + index)]).output
            #expect(alone.values == together[index])
        }
    }

    @Test("drawn for every step, the masks of a sequence come from its seed alone, and change from step to step")
    func perStep() {
        let sequences = [4, 9, 0, 2].map { Matrix(rows: $0, columns: 33, repeating: 1) }
        let dropout = Dropout(probability: 0.5)
        let batch = SequenceBatch(sequences)
        let (output, mask) = dropout.forwardTraining(batch, seeds: [5, 6, 7, 8], draws: .perStep)
        #expect(dropout.backward(batch.values, saved: mask) == output.values)
        for (index, together) in output.sequences.enumerated() {
            let alone = dropout.forwardTraining(
                SequenceBatch([sequences[index]]), seeds: [UInt64(5 + index)], draws: .perStep
            ).output
            #expect(alone.values == together)
            #expect(Set((0..<together.rows).map { Array(together.row($0)) }).count == together.rows)
        }
    }
}
