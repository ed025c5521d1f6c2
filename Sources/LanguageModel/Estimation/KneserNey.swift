import Foundation

extension NGramModel {
    /// Estimates a model by interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998, "An empirical study of
    /// smoothing techniques for language modeling", section 5; the details are those of KenLM's `lmplz`, Heafield et al.
    /// 2013, "Scalable modified Kneser-Ney language model estimation").
    ///
    ///     p(w | h) = (a(h w) - D(a(h w))) / sum over v of a(h v)  +  g(h) p(w | h')
    ///     g(h) = (D1 N1(h) + D2 N2(h) + D3 N3+(h) + counts left out) / sum over v of a(h v)
    ///     Y = n1 / (n1 + 2 n2),   Dk = k - (k + 1) Y n(k+1) / nk
    ///
    /// a is the count of the text for the longest n-grams and those that begin with `<s>`, for the others the number of
    /// different words before them. Nk(h) is how many words have a(h w) = k, nk how many n-grams of the length. h' is h without its
    /// first word; below unigrams stands 1 / (number of words without `<s>`). g(h) is the back-off weight.
    /// - Parameters:
    ///   - paths: texts, plain or compressed, one sentence a line; `-` is standard input.
    ///   - report: is filled with what the estimate was made of.
    /// - Throws: ``LanguageModelError``.
    public static func estimate(
        from paths: [String], options: EstimationOptions = EstimationOptions(), report: inout EstimationReport
    ) throws -> NGramModel {
        try options.validate()
        return estimate(from: try TrainingText(paths: paths, options: options), options: options, report: &report)
    }

    /// The same from sentences in memory, of words without white space; ``EstimationOptions/vocabularySize`` and the
    /// options of text do not count.
    package static func estimate(
        sentences: [[String]], options: EstimationOptions, report: inout EstimationReport
    ) throws -> NGramModel {
        try options.validate()
        return estimate(from: try TrainingText(sentences: sentences), options: options, report: &report)
    }

    private static func estimate(
        from text: TrainingText, options: EstimationOptions, report: inout EstimationReport
    ) -> NGramModel {
        report.sentences = text.sentences
        report.words = text.tokens.count - 2 * text.sentences
        let words = text.words
        let counts = NGramCounts(text, order: options.order)
        report.counts = (0..<options.order).map(counts.trie.count)
        let trie = KneserNey(counts: counts, options: options).estimate(&report.discounts)
        return NGramModel(words: words, trie: trie)
    }
}

/// The estimate, level by level from unigrams up.
private struct KneserNey {
    let counts: NGramCounts
    let options: EstimationOptions

    func estimate(_ discounts: inout [Discounts]) -> Trie {
        var trie = counts.trie
        // Probabilities of the level below, not as logarithms.
        var below: [Float] = []
        var keep: [[Bool]] = []
        for level in 0..<trie.order {
            let adjusted = counts.adjusted(level)
            let discount = Self.discounts(adjusted)
            discounts.append(discount)
            let threshold = options.threshold(level)
            keep.append(level == 0 ? [] : counts.raw[level].map { $0 > threshold })
            let result =
                level == 0
                ? unigrams(adjusted, discount)
                : interpolated(trie, level: level, adjusted, discount, keep: keep[level], below: below)
            for (index, probability) in result.probabilities.enumerated() {
                trie.levels[level][index].log10 = Self.log(probability)
            }
            if level > 0 {
                for (context, weight) in result.weights.enumerated() {
                    trie.levels[level - 1][context].backOff = weight.isNaN ? noExtension : Self.log(weight)
                }
            }
            below = result.probabilities
        }
        for index in 0..<trie.count(trie.order - 1) { trie.levels[trie.order - 1][index].backOff = noExtension }
        // Nothing is ever asked of <s> itself.
        trie.levels[0][Int(SortedWords.begin)].log10 = -99
        if options.pruning.contains(where: { $0 > 0 }) { trie.filter(keep) }
        return trie
    }

    private static func log(_ probability: Float) -> Float { min(0, log10f(probability)) }

    /// Unigrams, interpolated with equal shares of all words but `<s>`.
    private func unigrams(
        _ adjusted: [UInt32], _ discount: Discounts
    ) -> (probabilities: [Float], weights: [Float]) {
        var (sum, taken) = (0.0, 0.0)
        for (word, count) in adjusted.enumerated() where word != SortedWords.begin {
            sum += Double(count)
            taken += discount.of(count)
        }
        let share = taken / sum / Double(adjusted.count - 1)
        let probabilities = adjusted.enumerated().map { word, count in
            word == SortedWords.begin ? 0 : Float((Double(count) - discount.of(count)) / sum + share)
        }
        return (probabilities, [])
    }

    /// N-grams of two or more words, and the weights of their contexts; the weight of a context of which nothing is kept
    /// is not a number.
    private func interpolated(
        _ trie: Trie, level: Int, _ adjusted: [UInt32], _ discount: Discounts, keep: [Bool], below: [Float]
    ) -> (probabilities: [Float], weights: [Float]) {
        let contexts = counts.contexts[level]
        var sums = [Double](repeating: 0, count: trie.count(level - 1))
        var taken = sums
        var isContext = [Bool](repeating: false, count: sums.count)
        for index in adjusted.indices {
            let (context, count) = (Int(contexts[index]), adjusted[index])
            sums[context] += Double(count)
            taken[context] += keep[index] ? discount.of(count) : Double(count)
            if keep[index] { isContext[context] = true }
        }
        for index in sums.indices where sums[index] > 0 { taken[index] /= sums[index] }
        let parents = trie.parents(level)
        let probabilities = adjusted.indices.map { index in
            let (context, count) = (Int(contexts[index]), adjusted[index])
            let own = (Double(count) - discount.of(count)) / sums[context]
            return Float(own + taken[context] * Double(below[Int(parents[index])]))
        }
        return (probabilities, sums.indices.map { isContext[$0] ? Float(taken[$0]) : .nan })
    }

    /// The discounts from how many n-grams have a count of 1, 2, 3 and 4.
    private static func discounts(_ adjusted: [UInt32]) -> Discounts {
        var having = [Double](repeating: 0, count: 5)
        for count in adjusted where count < 5 { having[Int(count)] += 1 }
        let share = having[1] / (having[1] + 2 * having[2])
        let amounts = (1...3).map { Double($0) - Double($0 + 1) * share * having[$0 + 1] / having[$0] }
        let isPossible = zip(1..., amounts).allSatisfy { $1.isFinite && $1 >= 0 && $1 <= Double($0) }
        return isPossible
            ? Discounts(amounts: amounts, isFallback: false) : Discounts(amounts: [0.5, 1, 1.5], isFallback: true)
    }
}

extension Discounts {
    /// What is taken off a count.
    func of(_ count: UInt32) -> Double { count == 0 ? 0 : amounts[Int(min(count, 3)) - 1] }
}
