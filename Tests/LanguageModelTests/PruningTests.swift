import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite struct PruningTests {
    private let sentences = SmallText.sentences(500, words: 40, seed: 9)
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func model(order: Int) throws -> NGramModel {
        var options = EstimationOptions()
        options.order = order
        var report = EstimationReport()
        return try NGramModel.estimate(
            from: [SmallText.write(sentences, to: folder)], options: options, report: &report)
    }

    private func perplexity(_ model: NGramModel) -> Double {
        var score = TextScore()
        for sentence in sentences { score.add(model.score(sentence: sentence.joined(separator: " "))) }
        return score.perplexity
    }

    @Test("pruning makes models smaller, the more the higher the threshold, and probabilities still sum to 1")
    func sums() throws {
        let whole = try model(order: 4)
        var last = whole
        for threshold in [1e-5, 1e-4, 1e-3] {
            let pruned = try whole.pruned(threshold: threshold)
            #expect(pruned.counts[0] == whole.counts[0])
            #expect(pruned.counts.reduce(0, +) < last.counts.reduce(0, +))
            #expect(perplexity(pruned) > perplexity(last))
            var states: Set<LanguageModelState> = [pruned.emptyState, pruned.beginState]
            for sentence in sentences.prefix(100) {
                var state = pruned.beginState
                for word in sentence {
                    state = pruned.score(word, after: state).state
                    states.insert(state)
                }
            }
            for state in states {
                let sum = (0..<UInt32(pruned.vocabularySize)).filter { $0 != 1 }
                    .reduce(0.0) { $0 + pow(10, Double(pruned.score($1, after: state).log10)) }
                #expect(abs(sum - 1) < 2e-4)
            }
            last = pruned
        }
    }

    @Test("a bigram goes exactly where the definition says so, computed over the whole vocabulary")
    func definition() throws {
        let whole = try model(order: 2)
        let threshold = 3e-5
        let pruned = try whole.pruned(threshold: threshold)
        let words = (0..<UInt32(whole.vocabularySize)).filter { $0 != 1 }
        func unigram(_ word: UInt32) -> Double { pow(10, Double(whole.score(word, after: whole.emptyState).log10)) }
        var judged = 0
        for context in (1..<UInt32(whole.vocabularySize)).filter({ $0 != 2 }) {
            let state = whole.score(context, after: whole.emptyState).state
            let scores = words.map { whole.score($0, after: state) }
            let p = scores.map { pow(10, Double($0.log10)) }
            let held = words.indices.filter { scores[$0].length == 2 }
            for index in held {
                let others = held.filter { $0 != index }
                let weight = (1 - others.reduce(0) { $0 + p[$1] }) / (1 - others.reduce(0) { $0 + unigram(words[$1]) })
                let distance = words.indices.reduce(0.0) { sum, other in
                    others.contains(other) ? sum : sum + p[other] * log(p[other] / (weight * unigram(words[other])))
                }
                let change = exp(distance * (context == 1 ? 1 : unigram(context))) - 1
                guard abs(change / threshold - 1) > 0.01 else { continue }
                let prunedState = pruned.score(context, after: pruned.emptyState).state
                #expect((pruned.score(words[index], after: prunedState).length == 2) == (change > threshold))
                judged += 1
            }
        }
        #expect(judged > 200)
    }

    @Test("thresholds that cannot be are refused")
    func thresholds() throws {
        let whole = try model(order: 2)
        for threshold in [-1, Double.nan, .infinity] {
            #expect(throws: LanguageModelError.self) { _ = try whole.pruned(threshold: threshold) }
        }
    }
}
