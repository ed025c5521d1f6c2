import Foundation

extension NGramModel {
    /// The model without the n-grams that it hardly needs (Stolcke 1998, "Entropy-based pruning of backoff language
    /// models"; SRILM's `ngram -prune`).
    ///
    /// Taking h w out changes the back-off weight of h from B to B' and the entropy of the model by
    ///
    ///     D = -P(h) { p(w|h) [log p(w|h') + log B' - log p(w|h)] + (log B' - log B) (1 - sum over held v of p(v|h)) }
    ///     B' = (1 - sum of p(v|h) + p(w|h)) / (1 - sum of p(v|h') + p(w|h'))
    ///
    /// It goes where the perplexity rises by a smaller share than the threshold, exp(D) - 1 < threshold, unless a longer
    /// n-gram that stays begins or ends with it. P(h) is the model's own probability of the context. Each n-gram is judged
    /// by itself, from the longest down, and the back-off weights are computed anew at the end.
    /// - Parameter threshold: 0 or more; 1e-8 takes little, 1e-6 much.
    /// - Throws: ``LanguageModelError/badSetting(name:value:mend:)``.
    public func pruned(threshold: Double) throws -> NGramModel {
        guard threshold.isFinite, threshold >= 0 else {
            throw LanguageModelError.badSetting(
                name: "the threshold", value: "\(threshold)", mend: "give 0 or more, for example 1e-8")
        }
        var pruning = EntropyPruning(trie: trie)
        return NGramModel(words: words, trie: pruning.run(threshold: threshold))
    }
}

/// Pruning of one trie.
private struct EntropyPruning {
    private var trie: Trie
    private let contexts: [[UInt32]]
    private let parents: [[UInt32]]
    private var keep: [[Bool]]

    init(trie: Trie) {
        self.trie = trie
        contexts = trie.contexts()
        parents = (0..<trie.order).map { $0 == 0 ? [] : trie.parents($0) }
        keep = (0..<trie.order).map { [Bool](repeating: $0 == 0, count: trie.count($0)) }
    }

    mutating func run(threshold: Double) -> Trie {
        let probabilities = self.probabilities()
        for level in stride(from: trie.order - 1, to: 0, by: -1) {
            select(level, threshold: threshold, histories: probabilities[level - 1])
        }
        for level in 1..<max(1, trie.order) { weigh(level) }
        trie.filter(keep)
        return trie
    }

    /// log10 of the probability of each n-gram as the beginning of anything, by the chain rule.
    private func probabilities() -> [[Double]] {
        var all: [[Double]] = []
        for level in 0..<trie.order {
            let nodes = trie.levels[level].dropLast()
            all.append(
                nodes.indices.map { index in
                    // <s> itself is certain.
                    if level == 0 { return index == Int(SortedWords.begin) ? 0 : Double(nodes[index].log10) }
                    return all[level - 1][Int(contexts[level][index])] + Double(nodes[index].log10)
                })
        }
        return all
    }

    /// What the n-grams of a level, and the shorter ones with which they end, sum up to for each context.
    private func sums(_ level: Int, where isCounted: (Int) -> Bool) -> (own: [Double], lower: [Double]) {
        var own = [Double](repeating: 0, count: trie.count(level - 1))
        var lower = own
        for index in 0..<trie.count(level) where isCounted(index) {
            let context = Int(contexts[level][index])
            own[context] += exponential(Double(trie.levels[level][index].log10))
            lower[context] += exponential(Double(trie.levels[level - 1][Int(parents[level][index])].log10))
        }
        return (own, lower)
    }

    private mutating func select(_ level: Int, threshold: Double, histories: [Double]) {
        if level + 1 < trie.order {
            for index in 0..<trie.count(level + 1) where keep[level + 1][index] {
                keep[level][Int(contexts[level + 1][index])] = true
                keep[level][Int(parents[level + 1][index])] = true
            }
        }
        let (own, lower) = sums(level) { _ in true }
        for index in 0..<trie.count(level) where !keep[level][index] {
            let context = Int(contexts[level][index])
            let log = Double(trie.levels[level][index].log10)
            let lowerLog = Double(trie.levels[level - 1][Int(parents[level][index])].log10)
            let rest = max(0, 1 - own[context])
            let lowerRest = max(0, 1 - lower[context]) + exponential(lowerLog)
            guard rest + exponential(log) > 0, lowerRest > 0 else {
                keep[level][index] = true
                continue
            }
            let weight = log10((rest + exponential(log)) / lowerRest)
            let old = Double(trie.levels[level - 1][context].backOff)
            let change = exponential(log) * (lowerLog + weight - log) + rest * (weight - old)
            keep[level][index] = exponential(-exponential(histories[context]) * change) - 1 >= threshold
        }
    }

    /// The weights of the contexts of a level, where one of their n-grams goes.
    private mutating func weigh(_ level: Int) {
        var isTouched = [Bool](repeating: false, count: trie.count(level - 1))
        var isContext = isTouched
        for index in 0..<trie.count(level) {
            let context = Int(contexts[level][index])
            if keep[level][index] { isContext[context] = true } else { isTouched[context] = true }
        }
        let keep = keep[level]
        let (own, lower) = sums(level) { keep[$0] }
        for context in isTouched.indices where isTouched[context] {
            let (rest, lowerRest) = (1 - own[context], 1 - lower[context])
            // Rounding can take all that is left to back off with; the smallest weight that ARPA knows stands for none.
            let weight = rest > 0 && lowerRest > 0 ? Float(log10(rest / lowerRest)) : -99
            trie.levels[level - 1][context].backOff = isContext[context] ? weight : noExtension
        }
    }
}
