import CTC
import Foundation
import TestSupport
import Testing

@Suite struct LabelNGramTests {
    /// Witten-Bell as its formula says, from lists.
    private struct PlainWittenBell {
        let texts: [[Int]]
        let classes: Int
        let blank: Int

        func probability(of label: Int, after history: [Int]) -> Double {
            let followers = texts.flatMap { text -> [Int] in
                let padded = [blank] + text + [blank]
                return (max(1, history.count)..<max(padded.count, 1 + history.count)).filter { place in
                    place < padded.count && Array(padded[place - history.count..<place]) == history
                }.map { padded[$0] }
            }
            let below =
                history.isEmpty
                ? 1 / Double(classes) : probability(of: label, after: Array(history.dropFirst()))
            guard !followers.isEmpty else { return below }
            let different = Double(Set(followers).count)
            return (Double(followers.count { $0 == label }) + different * below)
                / (Double(followers.count) + different)
        }
    }

    private let texts = [[1, 2, 3, 1, 2], [2, 2, 1], [], [3, 1, 2, 3, 3], [1, 2, 3]]

    @Test("the probability of a text is that of interpolated Witten-Bell", arguments: [2, 3, 4], [0, 4])
    func wittenBell(order: Int, blank: Int) throws {
        var estimator = try LabelNGramEstimator(order: order, classes: 5, blank: blank)
        let texts = texts.map { $0.map { $0 == blank ? 0 : $0 } }
        for text in texts { estimator.add(text) }
        #expect(estimator.tokens == texts.reduce(0) { $0 + $1.count + 1 })
        // Room for every pair: no context is left out.
        let ngram = try estimator.estimate(maximumArcs: 30 * 25)
        let plain = PlainWittenBell(texts: texts, classes: 5, blank: blank)
        for text in texts + [[3, 3, 3, 3], [2, 1, 1]] {
            let padded = [blank] + text + [blank]
            let expected = (1..<padded.count).reduce(0.0) {
                $0 + log(plain.probability(of: padded[$1], after: Array(padded[max(0, $1 - order + 1)..<$1])))
            }
            #expect(abs(ngram.logProbability(of: text) - expected) < 1e-5)
        }
    }

    @Test(
        "every row sums to 1 and nothing has the probability 0; the order of the texts is no matter",
        arguments: [2, 3, 4])
    func distributions(order: Int) throws {
        var (one, other) = (
            try LabelNGramEstimator(order: order, classes: 6), try LabelNGramEstimator(order: order, classes: 6)
        )
        for text in texts { one.add(text) }
        for text in texts.reversed() { other.add(text) }
        let ngram = try one.estimate()
        #expect(try ngram == other.estimate())
        for start in stride(from: 0, to: ngram.logProbabilities.count, by: 6) {
            let row = ngram.logProbabilities[start..<start + 6].map { exp(Double($0)) }
            #expect(abs(row.reduce(0, +) - 1) < 1e-5 && row.allSatisfy { $0 > 0 })
        }
    }

    @Test("order 4 keeps the most frequent pairs that there is room for, and falls back to single labels")
    func pruning() throws {
        var estimator = try LabelNGramEstimator(order: 4, classes: 5)
        for text in texts { estimator.add(text) }
        let all = try estimator.estimate()
        let some = try estimator.estimate(maximumArcs: 7 * 25)
        let none = try estimator.estimate(maximumArcs: 0)
        #expect(all.blocks > 7 && some.blocks == 7 && none.blocks == 5)
        // (1, 2) is the most frequent pair; behind (0, 3) there is a block for 3 alone.
        let plain = PlainWittenBell(texts: texts, classes: 5, blank: 0)
        let block = some.nextBlocks[1 * 5 + 2]
        #expect(block >= 5)
        let probability = Double(some.logProbability(of: 1, after: 3, in: block))
        #expect(abs(probability - log(plain.probability(of: 1, after: [1, 2, 3]))) < 1e-5)
        let short = Double(none.logProbability(of: 1, after: 3, in: none.nextBlocks[1 * 5 + 2]))
        #expect(abs(short - log(plain.probability(of: 1, after: [2, 3]))) < 1e-5)
    }

    @Test("what is no n-gram is told in a line")
    func errors() throws {
        #expect(throws: LabelNGramError.order(5)) { try LabelNGramEstimator(order: 5, classes: 4) }
        #expect(throws: LabelNGramError.tooManyClasses(5000, order: 3)) {
            try LabelNGramEstimator(order: 3, classes: 5000)
        }
        #expect(throws: LabelNGramError.noText) { try LabelNGramEstimator(order: 2, classes: 4).estimate() }
        #expect(throws: LabelNGramError.sizes(classes: 3, probabilities: 8, blocks: 3)) {
            try LabelNGram(bigram: [Float](repeating: -1, count: 8), classes: 3)
        }
        #expect(throws: LabelNGramError.block(1, of: 1)) {
            try LabelNGram(
                order: 2, classes: 2, blank: 0, logProbabilities: [-1, -1, -1, -1], nextBlocks: [0, 1])
        }
        for bad in [Float.nan, 1, .infinity] {
            #expect(throws: LabelNGramError.self) { try LabelNGram(bigram: [-1, -1, bad, -1], classes: 2) }
        }
        #expect(LabelNGramError.order(5).description == "an n-gram of labels has order 2, 3 or 4, not 5")
    }
}
