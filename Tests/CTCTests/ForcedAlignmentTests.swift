import CTC
import Foundation
import TestSupport
import Testing

/// The best path by trying all of them: classes ^ steps; slow and plain.
private struct EveryPath {
    let score: Double
    let path: [Int]

    init(_ posteriors: LogProbabilities, spelling labels: [Int], blank: Int) {
        var best = (score: -Double.infinity, path: [Int]())
        var path = [Int](repeating: 0, count: posteriors.steps)
        func extend(_ step: Int, _ score: Double) {
            guard step < posteriors.steps else {
                if score > best.score, Collapse.labels(of: path, blank: blank) == labels { best = (score, path) }
                return
            }
            for label in 0..<posteriors.classes {
                path[step] = label
                extend(step + 1, score + Double(posteriors[step, label]))
            }
        }
        extend(0, 0)
        (score, self.path) = best
    }
}

extension ForcedAlignment {
    /// The class of each step.
    fileprivate func path(labels: [Int], steps: Int, blank: Int) -> [Int] {
        var path = [Int](repeating: blank, count: steps)
        for (label, span) in zip(labels, spans) { for step in span.steps { path[step] = label } }
        return path
    }
}

/// Posteriors in which a path has most of the probability, and the labels that it spells.
private func spoken(labels count: Int, classes: Int, seed: UInt64) -> (posteriors: LogProbabilities, labels: [Int]) {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { _ in Int.random(in: 1..<classes, using: &generator) }
    var values: [Float] = []
    for label in labels {
        let path = [label] + [Int](repeating: 0, count: Int.random(in: 1...3, using: &generator))
        for best in path {
            values += (0..<classes).map { ($0 == best ? -0.5 : -4) + 0.5 * generator.uniform() }
        }
    }
    return (LogProbabilities(classes: classes, values: values), labels)
}

@Suite struct ForcedAlignmentTests {
    @Test("the path found is the best of all that spell the labels", arguments: 0..<60)
    func best(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let blank = seed % 3
        let utterance = RandomUtterance(
            frames: Int.random(in: 1...8, using: &generator), classes: 3,
            labels: Int.random(in: 0...4, using: &generator), blank: blank, using: &generator)
        let (posteriors, labels) = (utterance.logits, utterance.targets)
        guard posteriors.steps >= CTCLoss.fewestFrames(for: labels) else {
            #expect(throws: ForcedAlignmentError.self) {
                try ForcedAlignment(of: labels, to: posteriors, blank: blank)
            }
            return
        }
        let alignment = try ForcedAlignment(of: labels, to: posteriors, blank: blank)
        let plain = EveryPath(posteriors, spelling: labels, blank: blank)
        let path = alignment.path(labels: labels, steps: posteriors.steps, blank: blank)
        #expect(Collapse.labels(of: path, blank: blank) == labels)
        #expect(path == plain.path)
        #expect(abs(alignment.logProbability - plain.score) < 1e-9)
        for (label, span) in zip(labels, alignment.spans) {
            let sum = span.steps.reduce(0.0) { $0 + Double(posteriors[$1, label]) }
            #expect(abs(span.logProbability - sum) < 1e-9)
        }
    }

    @Test("checkpoints and a band find the same path as all back pointers at once", arguments: [1, 2, 3])
    func bounded(seed: UInt64) throws {
        let (posteriors, labels) = spoken(labels: 700, classes: 6, seed: seed)
        let whole = try ForcedAlignment(of: labels, to: posteriors)
        for limit in [0, 10_000] {
            let kept = try ForcedAlignment(of: labels, to: posteriors, blank: 0, band: 4096, backPointers: limit)
            #expect(kept == whole)
            let banded = try ForcedAlignment(of: labels, to: posteriors, blank: 0, band: 64, backPointers: limit)
            #expect(banded == whole)
        }
    }

    @Test("checkpoints change nothing where posteriors say nothing", arguments: 0..<20)
    func boundedNoise(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let utterance = RandomUtterance(frames: 400, classes: 5, labels: 120, using: &generator)
        let whole = try ForcedAlignment(of: utterance.targets, to: utterance.logits)
        let kept = try ForcedAlignment(
            of: utterance.targets, to: utterance.logits, blank: 0, band: 4096, backPointers: 0)
        #expect(kept == whole)
    }

    @Test("a band always finds a path that spells the labels, even with no step to spare")
    func tightBand() throws {
        var generator = SeededGenerator(seed: 5)
        let utterance = RandomUtterance(frames: 0, classes: 4, labels: 500, using: &generator)
        let labels = utterance.targets
        let fewest = CTCLoss.fewestFrames(for: labels)
        for steps in [fewest, fewest + 1, fewest + 40, 2 * fewest] {
            let noise = RandomUtterance(frames: steps, classes: 4, labels: 0, using: &generator).logits
            let banded = try ForcedAlignment(of: labels, to: noise, band: 32)
            #expect(Collapse.labels(of: banded.path(labels: labels, steps: steps, blank: 0)) == labels)
            #expect(banded.logProbability <= (try ForcedAlignment(of: labels, to: noise)).logProbability + 1e-6)
        }
    }

    @Test("scores stay exact in a recording of hours")
    func long() throws {
        let (posteriors, labels) = spoken(labels: 60_000, classes: 4, seed: 8)
        let alignment = try ForcedAlignment(of: labels, to: posteriors, band: 128)
        let best = BestPath(posteriors)
        #expect(best.labels() == labels)
        #expect(alignment.path(labels: labels, steps: posteriors.steps, blank: 0) == best.classes)
        #expect(abs(alignment.logProbability - best.logProbability) < 1e-6 * abs(best.logProbability))
    }

    @Test("equal labels in a row need a blank between, so more steps")
    func repeats() throws {
        let posteriors = LogProbabilities(classes: 3, values: [Float](repeating: -1, count: 9))
        let alignment = try ForcedAlignment(of: [1, 1], to: posteriors)
        #expect(alignment.spans.map(\.steps) == [0..<1, 2..<3])
        #expect(throws: ForcedAlignmentError.tooFewSteps(steps: 3, fewest: 4)) {
            try ForcedAlignment(of: [1, 1, 2], to: posteriors)
        }
        #expect(throws: Never.self) { try ForcedAlignment(of: [1, 2, 1], to: posteriors) }
    }

    @Test("no labels are all blanks; no steps spell nothing")
    func empty() throws {
        let posteriors = LogProbabilities(classes: 2, values: [-1, -2, -3, -4])
        let alignment = try ForcedAlignment(of: [], to: posteriors)
        #expect(alignment.spans.isEmpty)
        #expect(alignment.logProbability == -4)
        #expect(try ForcedAlignment(of: [], to: LogProbabilities(classes: 2)).logProbability == 0)
        #expect(throws: ForcedAlignmentError.tooFewSteps(steps: 0, fewest: 1)) {
            try ForcedAlignment(of: [1], to: LogProbabilities(classes: 2))
        }
    }

    @Test("labels that are ruled out, or posteriors that are no numbers, have no path")
    func impossible() throws {
        var values = [Float](repeating: -1, count: 12)
        for step in 0..<4 { values[step * 3 + 2] = -.infinity }
        let ruledOut = LogProbabilities(classes: 3, values: values)
        #expect(throws: ForcedAlignmentError.noPath) { try ForcedAlignment(of: [1, 2], to: ruledOut) }
        #expect(throws: Never.self) { try ForcedAlignment(of: [1], to: ruledOut) }
        for value in [Float.nan, .infinity, -.infinity] {
            let broken = LogProbabilities(classes: 3, values: [Float](repeating: value, count: 12))
            #expect(throws: ForcedAlignmentError.noPath) { try ForcedAlignment(of: [1], to: broken) }
            values.replaceSubrange(6..<9, with: [value, value, value])
            let gap = LogProbabilities(classes: 3, values: values)
            #expect(throws: ForcedAlignmentError.noPath) { try ForcedAlignment(of: [1], to: gap) }
        }
    }

    @Test("labels that are no classes are named")
    func wrongLabels() {
        let posteriors = LogProbabilities(classes: 3, values: [Float](repeating: -1, count: 12))
        for label in [0, 3, -1] {
            #expect(throws: ForcedAlignmentError.noSuchLabel(position: 1, label: label, classes: 3, blank: 0)) {
                try ForcedAlignment(of: [1, label], to: posteriors)
            }
        }
        let error = ForcedAlignmentError.tooFewSteps(steps: 3, fewest: 4)
        #expect(error.localizedDescription == error.description)
    }
}

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct AlignmentReferenceTests {
    @Test("what greedy decoding found is aligned to its own path")
    func greedy() throws {
        let vectors = try Reference("decode")
        for key in vectors.cases(endingWith: ".log_probs") {
            let tensor = try vectors.tensor(key + ".log_probs")
            let posteriors = LogProbabilities(classes: tensor.shape[1], values: tensor.values)
            let best = BestPath(posteriors)
            let labels = best.labels()
            let alignment = try ForcedAlignment(of: labels, to: posteriors)
            #expect(abs(alignment.logProbability - best.logProbability) < 1e-4)
            #expect(alignment.path(labels: labels, steps: posteriors.steps, blank: 0) == best.classes)
        }
    }
}
