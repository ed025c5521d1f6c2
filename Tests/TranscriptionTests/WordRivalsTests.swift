import CTC
import Foundation
import TestSupport
import Testing
import Transcription

@Suite struct WordRivalsTests {
    /// Classes: the blank, the boundary, two phones.
    private let classes = 4

    private func ngram(order: Int) throws -> LabelNGram {
        var estimator = try LabelNGramEstimator(order: order, classes: classes)
        for text in [[2, 3, 1, 3, 2, 1, 2], [3, 1, 2, 2], [2, 1, 3, 2, 3]] { estimator.add(text) }
        return try estimator.estimate()
    }

    @Test(
        "a share is what the word's paths have of all paths, each weighed by the n-gram behind the words before",
        arguments: [2, 3])
    func share(order: Int) throws {
        let ngram = try ngram(order: order)
        var generator = SeededGenerator(seed: 5)
        let scores = (0..<7 * classes).map { _ in 3 * generator.uniform() }
        let posteriors = LogProbabilities(
            classes: classes,
            values: scores.indices.map { place in
                let row = place / classes * classes
                return scores[place] - log(scores[row..<row + classes].reduce(0) { $0 + exp($1) })
            })
        let rivals = WordRivals(ngram)
        for (labels, before) in [([2], []), ([2, 3], [3]), ([3, 3], [2, 2, 3])] {
            let steps = 1..<6
            // ln P(labels behind `before`), with none for the end of the text.
            func weight(_ labels: [Int]) -> Double {
                var (block, last, sum) = (0, 0, 0.0)
                for (place, label) in (before + labels).enumerated() {
                    if place >= before.count { sum += Double(ngram.logProbability(of: label, after: last, in: block)) }
                    (block, last) = (ngram.nextBlocks[block * classes + last], label)
                }
                return exp(sum)
            }
            let ways = [labels, [1] + labels, labels + [1], [1] + labels + [1]]
            var (own, all) = (0.0, 0.0)
            for number in 0..<Int(pow(Double(classes), Double(steps.count))) {
                var (rest, path, probability) = (number, [Int](), 1.0)
                for step in steps {
                    path.append(rest % classes)
                    probability *= exp(Double(posteriors[step, rest % classes]))
                    rest /= classes
                }
                var heard: [Int] = []
                for (place, label) in path.enumerated() where label != 0 && (place == 0 || path[place - 1] != label) {
                    heard.append(label)
                }
                let value = probability * weight(heard)
                all += value
                if ways.contains(heard) { own += value }
            }
            let found = rivals.share(of: labels, after: before, boundary: 1, in: posteriors, at: steps)
            #expect(abs(found - own / all) < 1e-5, "\(labels) behind \(before): \(found), \(own / all)")
        }
    }
}
