import CTC
import Foundation
import TestSupport
import Testing
import VectorKernels

@Suite struct CRFLossTests {
    @Test("all paths of all texts are in the sum, at every order and wherever the blank is", arguments: [2, 3, 4])
    func enumeration(order: Int) throws {
        var generator = SeededGenerator(seed: UInt64(order))
        for (frames, classes, labels, blank) in [(6, 3, 2, 0), (5, 4, 2, 3), (7, 3, 3, 1), (1, 4, 1, 0), (4, 3, 0, 0)] {
            let ngram = try LabelNGram.random(
                order: order, classes: classes, blank: blank, maximumArcs: (classes + 2) * classes * classes,
                using: &generator)
            let item = RandomUtterance(
                frames: frames, classes: classes, labels: labels, blank: blank, using: &generator)
            let plain = PlainCRF(ngram: ngram, ctcWeight: 0.3)
            let expected = plain.lossOfEnumeration(logits: item.rows, targets: item.targets)
            // The recursion that larger cases are held against.
            let recursion = plain.evaluate(logits: item.rows, targets: item.targets).loss
            #expect(recursion == expected || abs(recursion - expected) < 1e-9)
            for kernels in VectorKernels.available {
                let loss = try CTCCRFLoss(ngram, ctcWeight: 0.3, kernels: kernels)
                    .evaluate([item.logits], targets: [item.targets]).losses.total
                #expect(loss == expected || abs(loss - expected) < 1e-5)
            }
        }
    }

    @Test("the gradient is what finite differences of the loss in double give", arguments: [2, 3, 4])
    func finiteDifferences(order: Int) throws {
        var generator = SeededGenerator(seed: 20 + UInt64(order))
        let ngram = try LabelNGram.random(order: order, classes: 4, maximumArcs: 7 * 16, using: &generator)
        let item = RandomUtterance(frames: 5, classes: 4, labels: 2, using: &generator)
        let plain = PlainCRF(ngram: ngram, ctcWeight: 0.2)
        let gradient = try CTCCRFLoss(ngram, ctcWeight: 0.2).evaluate([item.logits], targets: [item.targets])
            .gradients[0]
        for frame in 0..<5 {
            for label in 0..<4 {
                let losses = [1e-5, -1e-5].map { step in
                    var rows = item.rows
                    rows[frame][label] += step
                    return plain.lossOfEnumeration(logits: rows, targets: item.targets)
                }
                #expect(abs((losses[0] - losses[1]) / 2e-5 - Double(gradient[frame, label])) < 1e-5)
            }
        }
    }

    @Test(
        "any number of frames and classes agrees with the plain form, on every instruction set", arguments: [2, 3, 4])
    func sizes(order: Int) throws {
        var generator = SeededGenerator(seed: 40 + UInt64(order))
        for (frames, classes) in [(30, 2), (25, 7), (12, 17), (9, order == 2 ? 53 : 21), (40, 5)] {
            let ngram = try LabelNGram.random(
                order: order, classes: classes, blank: 1, maximumArcs: (classes + 9) * classes * classes,
                using: &generator)
            let item = RandomUtterance(
                frames: frames, classes: classes, labels: frames / 3, blank: 1, using: &generator)
            let plain = PlainCRF(ngram: ngram, ctcWeight: 0.05).evaluate(logits: item.rows, targets: item.targets)
            for kernels in VectorKernels.available {
                let (losses, gradients) = try CTCCRFLoss(ngram, ctcWeight: 0.05, kernels: kernels)
                    .evaluate([item.logits], targets: [item.targets])
                #expect(losses.total == plain.loss || abs(losses.total - plain.loss) < 1e-6 * abs(plain.loss) + 1e-6)
                #expect(largestDifference(gradients[0], plain.gradient) < 3e-5)
            }
        }
    }

    @Test("probabilities far below the smallest float keep their digits", arguments: [Float(3), 30])
    func longAndImprobable(scale: Float) throws {
        var generator = SeededGenerator(seed: 60)
        let ngram = try LabelNGram.random(order: 3, classes: 6, using: &generator)
        let item = RandomUtterance(frames: 600, classes: 6, labels: 90, scale: scale, using: &generator)
        let plain = PlainCRF(ngram: ngram).evaluate(logits: item.rows, targets: item.targets)
        #expect(plain.loss > 500)
        for kernels in VectorKernels.available {
            let (losses, gradients) = try CTCCRFLoss(ngram, kernels: kernels)
                .evaluate([item.logits], targets: [item.targets])
            #expect(abs(losses.total - plain.loss) < 1e-6 * plain.loss)
            #expect(largestDifference(gradients[0], plain.gradient) < (scale > 10 ? 1e-3 : 1e-4))
        }
    }

    @Test("labels that the n-gram rules out, and too few frames, are impossible; NaN comes out as NaN")
    func impossible() throws {
        var generator = SeededGenerator(seed: 61)
        // After 1 no 2, and no 1 again.
        let none = -Float.infinity
        let half = Float(log(0.5))
        let ngram = try LabelNGram(bigram: [none, half, half, 0, none, none, half, half, none], classes: 3)
        let logits = RandomUtterance(frames: 4, classes: 3, labels: 0, using: &generator).logits
        var spoilt = logits.values
        spoilt[7] = .nan
        let all = [logits, logits, logits, LogProbabilities(classes: 3, values: spoilt)]
        let targets = [[1, 2], [2, 1], [2, 1, 2, 1, 2], [1]]
        for kernels in VectorKernels.available {
            let plain = try CTCCRFLoss(ngram, kernels: kernels).evaluate(all, targets: targets)
            let masked = try CTCCRFLoss(ngram, masksImpossible: true, kernels: kernels).evaluate(all, targets: targets)
            let expected = PlainCRF(ngram: ngram)
                .evaluate(logits: (0..<4).map { logits[$0].map(Double.init) }, targets: [2, 1])
            #expect(plain.losses.impossible == [0, 2] && masked.losses.impossible == [0, 2])
            #expect(plain.losses.utterances[0] == .infinity && masked.losses.utterances[0] == 0)
            #expect(abs(plain.losses.utterances[1] - expected.loss) < 1e-5)
            #expect(largestDifference(plain.gradients[1], expected.gradient) < 1e-5)
            #expect(plain.losses.utterances[3].isNaN && plain.gradients[3].values.allSatisfy(\.isNaN))
            for index in [0, 2] { #expect(plain.gradients[index].values.allSatisfy { $0 == 0 }) }
        }
    }

    @Test("every layout gives the same, also in the logits' own memory; no gradient gives the same loss")
    func layouts() throws {
        var generator = SeededGenerator(seed: 62)
        let (classes, lengths) = (9, [12, 5, 0, 9])
        let ngram = try LabelNGram.random(order: 3, classes: classes, using: &generator)
        let items = lengths.map { RandomUtterance(frames: $0, classes: classes, labels: $0 / 4, using: &generator) }
        let loss = CTCCRFLoss(ngram, ctcWeight: 0.1)
        let targets = items.map(\.targets)
        let expected = try loss.evaluate(items.map(\.logits), targets: targets, reduction: .mean, threads: 2)
        var values = [Float](repeating: .nan, count: 12 * 4 * classes)
        for (utterance, item) in items.enumerated() {
            for frame in 0..<item.logits.steps {
                let start = (frame * 4 + utterance) * classes
                values.replaceSubrange(start..<start + classes, with: item.logits[frame])
            }
        }
        let layout = CTCLayout.timeMajor(frames: 12, lengths: lengths, classes: classes)
        let without = try values.withUnsafeBufferPointer {
            try loss.evaluate(logits: $0, gradient: nil, layout: layout, targets: targets, reduction: .mean)
        }
        let with = try values.withUnsafeMutableBufferPointer {
            try loss.evaluate(
                logits: UnsafeBufferPointer($0), gradient: $0, layout: layout, targets: targets, reduction: .mean)
        }
        #expect(with == expected.losses && without == expected.losses)
        for (utterance, gradient) in expected.gradients.enumerated() {
            for frame in 0..<12 {
                let start = (frame * 4 + utterance) * classes
                let row = values[start..<start + classes]
                #expect(frame < lengths[utterance] ? row == gradient[frame] : row.allSatisfy { $0 == 0 })
            }
        }
    }
}
