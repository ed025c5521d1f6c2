import CTC
import Foundation
import TestSupport
import Testing
import VectorKernels

@Suite struct LossTests {
    @Test("the probability of a text is that of all paths that collapse to it")
    func enumeration() throws {
        var generator = SeededGenerator(seed: 5)
        for (frames, classes, labels, blank) in [(6, 4, 2, 0), (7, 3, 3, 2), (5, 4, 0, 1), (4, 3, 4, 0), (1, 4, 1, 3)] {
            let item = RandomUtterance(
                frames: frames, classes: classes, labels: labels, blank: blank, using: &generator)
            let rows = item.rows.map { row in row.map { $0 - PlainCTC.logSum(row) } }
            var probability = 0.0
            let paths = Int(pow(Double(classes), Double(frames)))
            for number in 0..<paths {
                var (path, rest) = ([Int](), number)
                for _ in 0..<frames {
                    path.append(rest % classes)
                    rest /= classes
                }
                guard Collapse.labels(of: path, blank: blank) == item.targets else { continue }
                probability += exp(zip(rows, path).reduce(0) { $0 + $1.0[$1.1] })
            }
            let plain = PlainCTC(logits: item.rows, targets: item.targets, blank: blank)
            #expect(plain.loss == -log(probability) || abs(plain.loss + log(probability)) < 1e-10)
            for kernels in VectorKernels.available {
                let loss = try CTCLoss(blank: blank, kernels: kernels).evaluate([item.logits], targets: [item.targets])
                #expect(loss.losses.total == plain.loss || abs(loss.losses.total - plain.loss) < 1e-5)
            }
        }
    }

    @Test("the gradient is what finite differences of the loss in double give")
    func finiteDifferences() throws {
        var generator = SeededGenerator(seed: 6)
        for (frames, classes, labels, blank) in [(8, 5, 3, 0), (12, 4, 5, 3), (9, 6, 0, 2)] {
            let item = RandomUtterance(
                frames: frames, classes: classes, labels: labels, blank: blank, using: &generator)
            let gradient = try CTCLoss(blank: blank).evaluate([item.logits], targets: [item.targets]).gradients[0]
            for frame in 0..<frames {
                for label in 0..<classes {
                    let losses = [1e-5, -1e-5].map { step in
                        var rows = item.rows
                        rows[frame][label] += step
                        return PlainCTC(logits: rows, targets: item.targets, blank: blank).loss
                    }
                    #expect(abs((losses[0] - losses[1]) / 2e-5 - Double(gradient[frame, label])) < 1e-5)
                }
            }
        }
    }

    @Test("any number of frames, classes and labels agrees with the plain form, on every instruction set")
    func sizes() throws {
        var generator = SeededGenerator(seed: 7)
        let loss = VectorKernels.available.map { CTCLoss(blank: 1, kernels: $0) }
        for _ in 0..<60 {
            let labels = Int.random(in: 0...40, using: &generator)
            let item = RandomUtterance(
                frames: Int.random(in: 1...90, using: &generator), classes: Int.random(in: 2...70, using: &generator),
                labels: labels, blank: 1, using: &generator)
            let plain = PlainCTC(logits: item.rows, targets: item.targets, blank: 1)
            for loss in loss {
                let (losses, gradients) = try loss.evaluate([item.logits], targets: [item.targets])
                #expect(losses.total == plain.loss || abs(losses.total - plain.loss) < 1e-6 * plain.loss)
                #expect(largestDifference(gradients[0], plain.gradient) < 2e-5)
            }
        }
    }

    @Test("probabilities far below the smallest float keep their digits", arguments: [Float(3), 40])
    func longAndImprobable(scale: Float) throws {
        var generator = SeededGenerator(seed: 8)
        let item = RandomUtterance(frames: 2000, classes: 29, labels: 300, scale: scale, using: &generator)
        let plain = PlainCTC(logits: item.rows, targets: item.targets, blank: 0)
        #expect(plain.loss > 5000)
        for kernels in VectorKernels.available {
            let (losses, gradients) = try CTCLoss(kernels: kernels).evaluate([item.logits], targets: [item.targets])
            #expect(abs(losses.total - plain.loss) < 1e-6 * plain.loss)
            #expect(largestDifference(gradients[0], plain.gradient) < (scale > 10 ? 1e-3 : 1e-4))
        }
    }

    @Test("a path that is a thousand orders of magnitude behind half-way can still win")
    func lateTurn() throws {
        // The first half speaks for blanks: its likeliest states are those that cannot come to the end any more.
        let frames = 400
        var values = [Float](repeating: 0, count: frames * 3)
        for frame in 0..<frames { (values[3 * frame], values[3 * frame + 1]) = frame < 200 ? (60, 0) : (0, 60) }
        for frame in 200..<frames { values[3 * frame + 2] = 60 }
        let logits = LogProbabilities(classes: 3, values: values)
        // 200 frames are too few for 260 labels: at least 60 must lie in the first half, each 26 orders behind a blank.
        let targets = (0..<260).map { 1 + $0 % 2 }
        let rows = (0..<frames).map { logits[$0].map(Double.init) }
        let plain = PlainCTC(logits: rows, targets: targets, blank: 0)
        for kernels in VectorKernels.available {
            let (losses, gradients) = try CTCLoss(kernels: kernels).evaluate([logits], targets: [targets])
            #expect(abs(losses.total - plain.loss) < 1e-6 * plain.loss)
            #expect(largestDifference(gradients[0], plain.gradient) < 1e-4)
        }
    }

    @Test("-infinity rules a class out; NaN and +infinity come out as NaN")
    func notFinite() throws {
        var generator = SeededGenerator(seed: 9)
        let item = RandomUtterance(frames: 40, classes: 21, labels: 8, using: &generator)
        func replacing(_ changes: [(frame: Int, label: Int, value: Float)]) -> LogProbabilities {
            var values = item.logits.values
            for change in changes { values[change.frame * 21 + change.label] = change.value }
            return LogProbabilities(classes: 21, values: values)
        }
        let blanks = replacing((5..<9).map { ($0, 0, -.infinity) })
        let none = replacing((0..<40).map { ($0, item.targets[3], -.infinity) })
        let plain = PlainCTC(
            logits: (0..<40).map { blanks[$0].map(Double.init) }, targets: item.targets, blank: 0)
        for kernels in VectorKernels.available {
            let loss = CTCLoss(kernels: kernels)
            let allowed = try loss.evaluate([blanks], targets: [item.targets])
            #expect(abs(allowed.losses.total - plain.loss) < 1e-6 * plain.loss)
            #expect(largestDifference(allowed.gradients[0], plain.gradient) < 1e-5)

            let ruledOut = try loss.evaluate([none], targets: [item.targets])
            #expect(ruledOut.losses.total == .infinity)
            #expect(ruledOut.gradients[0].values.allSatisfy { $0 == 0 })

            for (label, value) in [(3, Float.nan), (20, .nan), (7, .infinity)] {
                let spoilt = try loss.evaluate([replacing([(11, label, value)])], targets: [item.targets])
                #expect(spoilt.losses.total.isNaN)
                #expect(spoilt.gradients[0].values.allSatisfy { $0.isNaN })
            }
        }
    }
}
