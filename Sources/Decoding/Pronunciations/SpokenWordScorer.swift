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
        self.words = words
        let own = weights.spoken
        scale = Float(weights.languageModelWeight * DecodingWeights.naturalLogOfTen)
        bonus = Float(weights.wordBonus)
        pronunciation = Float(own.pronunciation)
        (unknownWord, unknownPhone) = (Float(own.unknownWord), Float(own.unknownPhone))
        unknownEstimate = scale * words.unknown + bonus + unknownWord
    }

    /// The context before the first word. All earlier ones may be forgotten.
    func start() -> UInt32 { queries.begin() }

    /// What stands for the word that is under way at a node of the tree.
    @inline(__always)
    func estimate(_ node: UInt32) -> Float {
        node == PronunciationTree.root ? 0 : scale * words.tree.nodes[Int(node)].greatest + bonus
    }

    /// The most that stands for a word under way.
    func estimate(atRootOf tree: PronunciationTree) -> Float { scale * tree.nodes[0].greatest + bonus }

    /// The most that a word can be worth when it ends.
    var mostOfWord: Float { max(0, bonus) }

    /// A word ends.
    func complete(_ ending: PronunciationTree.Ending, after context: UInt32) -> (score: Float, next: UInt32) {
        let (given, next) = queries.score(words.ids[Int(ending.word)], after: context)
        let log10 = words.log10(of: ending.word, given: given)
        return (scale * log10 + bonus + pronunciation * ending.logProbability, next)
    }

    /// A word without a pronunciation ends; its phones are scored already.
    func completeUnknown(after context: UInt32) -> (score: Float, next: UInt32) {
        let (given, next) = queries.score(queries.unknown, after: context)
        return (scale * given + bonus + unknownWord, next)
    }

    /// What the end of the text adds.
    func finish(_ context: UInt32) -> Float { scale * queries.score(queries.end, after: context).log10 }

    /// Keeps the contexts of these states alone; they are in the upper halves, and are renumbered.
    func retain(_ states: inout [ScorerState]) {
        var contexts = states.map { UInt32(truncatingIfNeeded: $0 >> 32) }
        queries.retain(&contexts)
        for (index, context) in contexts.enumerated() {
            states[index] = UInt64(context) << 32 | states[index] & 0xffff_ffff
        }
    }
}
