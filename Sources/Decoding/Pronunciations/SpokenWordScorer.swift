import LanguageModel

/// What the words of a text add to its score in a search over phones, for one search.
///
/// The sum over a whole text is, w being its words, h those before each, and u those without a pronunciation,
///
///     weight (sum of ln p(w | h) + ln p(</s> | h)) + bonus (number of words)
///         + pronunciation (sum of ln p(phones | w)) + sum over u of (unknown word + unknown phone (number of phones))
///
/// Inside a word the best unigram probability that can still be reached stands for p(w | h); the word's own takes its place at
/// its end. A context is what the words so far mean for those to come, as a number.
final class SpokenWordScorer {
    private let queries: QueryCache
    private let hotWords: (any Scorer)?
    /// With hot words a context is the number of a pair: the language model's, and theirs.
    private var pairs: [Pair] = []
    private var numbers: [Pair: UInt32] = [:]

    private struct Pair: Hashable {
        var model: UInt32
        var hot: ScorerState
    }

    private let words: SpokenWords
    /// From log10 to weighted nats.
    private let scale: Float
    private let bonus: Float
    private let pronunciation: Float
    private let unknownWord: Float
    /// What each phone of an unknown word adds.
    let unknownPhone: Float
    /// What stands for an unknown word under way, beside its phones.
    let unknownEstimate: Float

    init(_ words: SpokenWords, _ weights: DecodingWeights) {
        queries = QueryCache(words.model)
        hotWords = words.hotWords?.automaton.makeScorer()
        self.words = words
        let own = weights.spoken
        scale = Float(weights.languageModelWeight * DecodingWeights.naturalLogOfTen)
        bonus = Float(weights.wordBonus)
        pronunciation = Float(own.pronunciation)
        (unknownWord, unknownPhone) = (Float(own.unknownWord), Float(own.unknownPhone))
        unknownEstimate = scale * words.unknown + bonus + unknownWord
    }

    /// The context before the first word. All earlier ones may be forgotten.
    func start() -> UInt32 {
        let first = queries.begin()
        guard let hotWords else { return first }
        (pairs, numbers) = ([], [:])
        return number(of: Pair(model: first, hot: hotWords.start()))
    }

    private func number(of pair: Pair) -> UInt32 {
        if let number = numbers[pair] { return number }
        numbers[pair] = UInt32(truncatingIfNeeded: pairs.count)
        pairs.append(pair)
        return UInt32(truncatingIfNeeded: pairs.count - 1)
    }

    /// What the language model says of a word, and what hot words earn by it.
    @inline(__always)
    private func score(
        _ id: WordID, hot code: @autoclosure () -> CharacterCode, after context: UInt32
    ) -> (log10: Float, earned: Float, next: UInt32) {
        guard let hotWords else {
            let (log10, next) = queries.score(id, after: context)
            return (log10, 0, next)
        }
        let before = pairs[Int(context)]
        let (log10, next) = queries.score(id, after: before.model)
        let word = hotWords.extend(before.hot, by: code())
        let boundary = hotWords.extend(word.state, by: Alphabet.space)
        return (log10, word.score + boundary.score, number(of: Pair(model: next, hot: boundary.state)))
    }

    /// What stands for the word that is under way at a node of the tree.
    @inline(__always)
    func estimate(_ node: UInt32) -> Float {
        node == PronunciationTree.root
            ? 0 : scale * words.tree.nodes[Int(node)].greatest + words.tree.nodes[Int(node)].gain + bonus
    }

    /// The most that stands for a word under way.
    func estimate(atRootOf tree: PronunciationTree) -> Float {
        scale * tree.nodes[0].greatest + tree.nodes[0].gain + bonus
    }

    /// The most that a word can be worth when it ends.
    var mostOfWord: Float { max(0, bonus) + (words.hotWords?.automaton.greatest ?? 0) }

    /// A word ends.
    func complete(_ ending: PronunciationTree.Ending, after context: UInt32) -> (score: Float, next: UInt32) {
        let (given, earned, next) = score(
            words.ids[Int(ending.word)], hot: words.hotCodes[ending.word] ?? SpokenHotWords.other, after: context)
        let log10 = words.log10(of: ending.word, given: given)
        return (scale * log10 + bonus + pronunciation * ending.logProbability + earned, next)
    }

    /// A word without a pronunciation ends; its phones are scored already.
    func completeUnknown(after context: UInt32) -> (score: Float, next: UInt32) {
        let (given, earned, next) = score(queries.unknown, hot: SpokenHotWords.other, after: context)
        return (scale * given + bonus + unknownWord + earned, next)
    }

    /// What the end of the text adds.
    func finish(_ context: UInt32) -> Float {
        guard let hotWords else { return scale * queries.score(queries.end, after: context).log10 }
        let pair = pairs[Int(context)]
        return scale * queries.score(queries.end, after: pair.model).log10 + hotWords.finish(pair.hot)
    }

    /// Keeps the contexts of these states alone; they are in the upper halves, and are renumbered.
    func retain(_ states: inout [ScorerState]) {
        var contexts = states.map { UInt32(truncatingIfNeeded: $0 >> 32) }
        if hotWords == nil {
            queries.retain(&contexts)
        } else {
            let old = contexts.map { pairs[Int($0)] }
            var ofModel = old.map(\.model)
            queries.retain(&ofModel)
            (pairs, numbers) = ([], [:])
            for index in contexts.indices {
                contexts[index] = number(of: Pair(model: ofModel[index], hot: old[index].hot))
            }
        }
        for (index, context) in contexts.enumerated() {
            states[index] = UInt64(context) << 32 | states[index] & 0xffff_ffff
        }
    }
}
