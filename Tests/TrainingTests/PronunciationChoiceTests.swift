import CTC
import Corpora
import Foundation
import Networks
import TestSupport
import Testing
import Training

@Suite struct PronunciationChoiceTests {
    /// The way of a text with the best alignment, by trying all.
    @Test("the pronunciations that are heard are those of the best alignment of all", arguments: 1...12)
    func choice(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func labels(_ most: Int) -> [Int] {
            (0..<Int.random(in: 1...most, using: &generator)).map { _ in Int.random(in: 2...4, using: &generator) }
        }
        let words = (0..<3).map { _ in (0..<Int.random(in: 1...3, using: &generator)).map { _ in labels(3) } }
        let text = SpokenText(words: words, boundary: seed % 3 == 0 ? nil : 1)
        let posteriors = LogProbabilities(
            classes: 5, values: (0..<14).flatMap { _ in (0..<5).map { _ in 3 * generator.uniform() }.logSoftmaxed })
        var best: (choices: [UInt8], score: Double)?
        for a in words[0].indices {
            for b in words[1].indices {
                for c in words[2].indices {
                    let choices = [a, b, c].map { UInt8($0) }
                    guard let alignment = try? ForcedAlignment(of: text.labels(choosing: choices), to: posteriors)
                    else { continue }
                    if alignment.logProbability > best?.score ?? -.infinity {
                        best = (choices, alignment.logProbability)
                    }
                }
            }
        }
        let found = PronunciationChoice(of: text, in: posteriors, blank: 0)
        #expect((found == nil) == (best == nil))
        guard let found, let best else { return }
        #expect(abs(found.logProbability - best.score) < 1e-4)
        #expect(text.labels(choosing: found.choices) == text.labels(choosing: best.choices))
    }

    @Test("a text that no path spells has no choice; labels follow the choices")
    func edges() {
        let text = SpokenText(words: [[[2], [3, 3]], [[4]]], boundary: 1)
        #expect(text.labels() == [2, 1, 4] && text.labels(choosing: [1]) == [3, 3, 1, 4] && text.hasAlternatives)
        #expect(text.labels(choosing: [9, 9]) == [3, 3, 1, 4])
        let short = LogProbabilities(classes: 5, values: .init(repeating: -1.6, count: 10))
        #expect(PronunciationChoice(of: text, in: short, blank: 0) == nil)
        let bad = LogProbabilities(classes: 5, values: .init(repeating: .nan, count: 50))
        #expect(PronunciationChoice(of: text, in: bad, blank: 0) == nil)
    }
}

extension [Float] {
    fileprivate var logSoftmaxed: [Float] {
        let sum = reduce(0) { $0 + exp($1) }
        return map { $0 - log(sum) }
    }
}
