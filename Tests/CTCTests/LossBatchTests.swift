import CTC
import TestSupport
import Testing

@Suite struct LossBatchTests {
    @Test("repeats need more frames, and none are needed for no labels")
    func fewestFrames() {
        #expect(CTCLoss.fewestFrames(for: []) == 0)
        #expect(CTCLoss.fewestFrames(for: [1, 2, 1]) == 3)
        #expect(CTCLoss.fewestFrames(for: [1, 1, 1, 2, 2]) == 8)
    }

    @Test("one frame too few is infinite, and masked when asked")
    func impossible() throws {
        var generator = SeededGenerator(seed: 1)
        let targets = [2, 2, 3]
        let short = RandomUtterance(frames: 3, classes: 4, labels: 0, using: &generator).logits
        let enough = RandomUtterance(frames: 4, classes: 4, labels: 0, using: &generator).logits
        let plain = try CTCLoss().evaluate([short, enough], targets: [targets, targets])
        #expect(plain.losses.utterances[0] == .infinity)
        #expect(plain.losses.utterances[1].isFinite)
        #expect(plain.losses.impossible == [0])
        #expect(plain.losses.total == .infinity)
        let masked = try CTCLoss(masksImpossible: true).evaluate([short, enough], targets: [targets, targets])
        #expect(masked.losses.utterances == [0, plain.losses.utterances[1]])
        #expect(masked.losses.impossible == [0])
        #expect(masked.gradients[0].values.allSatisfy { $0 == 0 })
        #expect(masked.gradients == plain.gradients)
    }

    @Test("no frames: certain without labels, impossible with them")
    func noFrames() throws {
        let nothing = LogProbabilities(classes: 5)
        #expect(try CTCLoss().evaluate([nothing, nothing], targets: [[], [1]]).losses.utterances == [0, .infinity])
        #expect(try CTCLoss().evaluate([], targets: []).losses.total == 0)
    }

    @Test("every layout gives each utterance the same loss and gradient, also in the logits' own memory")
    func layouts() throws {
        var generator = SeededGenerator(seed: 2)
        let (classes, lengths) = (19, [30, 7, 0, 22, 30])
        let items = lengths.map {
            RandomUtterance(frames: $0, classes: classes, labels: $0 / 4, using: &generator)
        }
        let targets = items.map(\.targets)
        let loss = CTCLoss()
        let expected = try loss.evaluate(items.map(\.logits), targets: targets, reduction: .mean, threads: 2)
        let order = [0, 4, 3, 1, 2]
        var (packedRows, rank) = ([0], [0, 3, 4, 2, 1])
        for frame in 0..<30 { packedRows.append(packedRows[frame] + lengths.count { $0 > frame }) }
        rank = lengths.indices.map { order.firstIndex(of: $0) ?? 0 }
        let layouts: [(CTCLayout, rows: Int, row: (_ frame: Int, _ utterance: Int) -> Int)] = [
            (.timeMajor(frames: 30, lengths: lengths, classes: classes), 150, { $0 * 5 + $1 }),
            (.batchMajor(frames: 30, lengths: lengths, classes: classes), 150, { $0 + 30 * $1 }),
            (
                .packed(lengths: lengths, order: order, firstRow: packedRows, classes: classes), 89,
                { packedRows[$0] + rank[$1] }
            ),
        ]
        for (layout, rows, row) in layouts {
            var values = [Float](repeating: .nan, count: rows * classes)
            for (utterance, item) in items.enumerated() {
                for frame in 0..<item.logits.steps {
                    let start = row(frame, utterance) * classes
                    values.replaceSubrange(start..<start + classes, with: item.logits[frame])
                }
            }
            let losses = try values.withUnsafeMutableBufferPointer {
                try loss.evaluate(
                    logits: UnsafeBufferPointer($0), gradient: $0, layout: layout, targets: targets, reduction: .mean,
                    threads: 2)
            }
            #expect(losses == expected.losses)
            for (utterance, gradient) in expected.gradients.enumerated() {
                for frame in 0..<gradient.steps {
                    let start = row(frame, utterance) * classes
                    #expect(values[start..<start + classes] == gradient[frame])
                }
            }
            let inUse = Set(lengths.indices.flatMap { u in (0..<lengths[u]).map { row($0, u) } })
            for row in 0..<rows where !inUse.contains(row) {
                #expect(values[row * classes..<(row + 1) * classes].allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("the mean divides by targets and batch, the gradient with it; a weight multiplies both")
    func reductions() throws {
        var generator = SeededGenerator(seed: 3)
        let items = [5, 0, 9].map { RandomUtterance(frames: 40, classes: 12, labels: $0, using: &generator) }
        let targets = items.map(\.targets)
        let sum = try CTCLoss().evaluate(items.map(\.logits), targets: targets, reduction: .sum)
        let mean = try CTCLoss().evaluate(items.map(\.logits), targets: targets, reduction: .mean)
        #expect(mean.losses.utterances == sum.losses.utterances)
        #expect(abs(sum.losses.total - sum.losses.utterances.reduce(0, +)) < 1e-9)
        let divisors: [Double] = [15, 3, 27]
        let expected = zip(sum.losses.utterances, divisors).reduce(0) { $0 + $1.0 / $1.1 }
        #expect(abs(mean.losses.total - expected) < 1e-9)
        for index in 0..<3 {
            let scaled = sum.gradients[index].values.map { $0 / Float(divisors[index]) }
            #expect(largestDifference(mean.gradients[index].values, scaled) < 1e-7)
        }
        let logits = items[0].logits
        var halved = [Float](repeating: 0, count: logits.values.count)
        let losses = try logits.values.withUnsafeBufferPointer { logits in
            try halved.withUnsafeMutableBufferPointer {
                try CTCLoss().evaluate(
                    logits: logits, gradient: $0, layout: .consecutive(lengths: [40], classes: 12),
                    targets: [targets[0]], reduction: .sum, weight: 0.5)
            }
        }
        #expect(abs(losses.total - sum.losses.utterances[0] / 2) < 1e-9)
        #expect(largestDifference(halved, sum.gradients[0].values.map { $0 / 2 }) < 1e-7)
    }

    @Test("one object serves utterances of growing and shrinking size; without a gradient the loss is the same")
    func reuse() throws {
        var generator = SeededGenerator(seed: 4)
        let loss = CTCLoss()
        for frames in [3, 200, 17, 64, 1] {
            let item = RandomUtterance(frames: frames, classes: 8, labels: frames / 3, using: &generator)
            let expected = try CTCLoss().evaluate([item.logits], targets: [item.targets])
            var gradient = [Float](repeating: .nan, count: frames * 8)
            try item.logits.values.withUnsafeBufferPointer { values in
                let logits = try #require(values.baseAddress)
                let with = try gradient.withUnsafeMutableBufferPointer {
                    try loss.forwardBackward(
                        logits: logits, frames: frames, classes: 8, targets: item.targets, gradient: $0.baseAddress)
                }
                let without = try loss.forwardBackward(
                    logits: logits, frames: frames, classes: 8, targets: item.targets, gradient: nil)
                #expect(with == expected.losses.total)
                #expect(without == with)
            }
            #expect(gradient == expected.gradients[0].values)
        }
    }

    @Test("a target that is no class, or the blank, is named; so is a blank that is no class")
    func errors() throws {
        let logits = LogProbabilities(classes: 4, values: [Float](repeating: 0, count: 40))
        #expect(throws: CTCError.targetOutOfRange(utterance: 1, position: 2, label: 4, classes: 4)) {
            try CTCLoss().evaluate([logits, logits], targets: [[1], [1, 2, 4]])
        }
        #expect(throws: CTCError.targetOutOfRange(utterance: 0, position: 0, label: -1, classes: 4)) {
            try CTCLoss().evaluate([logits], targets: [[-1]])
        }
        #expect(throws: CTCError.targetIsBlank(utterance: 0, position: 1, blank: 3)) {
            try CTCLoss(blank: 3).evaluate([logits], targets: [[1, 3]])
        }
        #expect(throws: CTCError.blankOutOfRange(blank: 4, classes: 4)) {
            try CTCLoss(blank: 4).evaluate([logits], targets: [[1]])
        }
        let message = CTCError.targetOutOfRange(utterance: 1, position: 2, label: 4, classes: 4).description
        #expect(message.contains("target 2 of utterance 1 is 4") && message.contains("0 to 3"))
    }
}
