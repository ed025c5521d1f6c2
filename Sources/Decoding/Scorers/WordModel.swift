import LanguageModel

/// A word n-gram model, or a bare list of words, fit to an alphabet.
///
/// Inside a word the best unigram probability that can still be reached stands for the word (a look-ahead); at its end the
/// model's own takes its place. So the sum over a whole text is, w being its words and h those before each,
///
///     weight (sum of ln p(w | h) + ln p(</s> | h) + for each unknown w: penalty + letter penalty cost(its letters))
///         + bonus (number of words)
///
/// Letters outside the lexicon are charged as they come, usual ones less than others (``SpellingModel``), so that an unknown word
/// costs by its length: two short ones hardly more than a long one of as many letters.
public struct WordModel: TextModel {
    /// Numbers in the lexicon of words that were added: no number of the model.
    fileprivate static let added = Int32.max

    fileprivate let model: (any LanguageModelQuery)?
    fileprivate let lexicon: Lexicon
    fileprivate let isClosed: Bool
    /// log10 of `<unk>` with no words before it.
    fileprivate let unknown: Float
    /// log10, the least for an added word.
    fileprivate let floor: Float
    private let alphabet: Alphabet?
    /// How many of the words can be spelt.
    public let spellableWords: Int

    /// - Parameters:
    ///   - addedWords: count as `<unk>` without the penalty, but never as less likely than the model's rarest word.
    ///   - isClosed: whether other words than those of the model and the added ones are forbidden.
    /// - Throws: ``DecodingError`` where no word of the model can be spelt with the alphabet.
    public init(
        _ model: any LanguageModelQuery, name: String, alphabet: Alphabet, addedWords: [[CharacterCode]] = [],
        isClosed: Bool = false
    ) throws(DecodingError) {
        var words = Lexicon.Words()
        var rarest: Float = 0
        let empty = model.emptyState
        for id in model.ordinaryWords {
            let log10 = model.score(id, after: empty).log10
            rarest = min(rarest, log10)
            if let spelling = alphabet.codes(ofWord: model.word(id)) {
                words.add(spelling, number: Int32(id), weight: log10)
            }
        }
        guard words.count > 0 else {
            throw .malformed(
                path: name, reason: "none of its words can be spelt with the characters of the acoustic model",
                mend: "estimate it from text in the same case and script (utter lm estimate --lowercase)")
        }
        unknown = model.score(model.unknownWord, after: empty).log10
        floor = max(unknown, rarest)
        for word in addedWords { words.add(word, number: Self.added, weight: floor) }
        (self.model, self.isClosed, self.alphabet, spellableWords) = (model, isClosed, alphabet, words.count)
        lexicon = Lexicon(words, letters: alphabet.characters.count - 1)
    }

    /// A list of words, all of which are as likely; no others are allowed.
    public init(words: [[CharacterCode]]) {
        var entries = Lexicon.Words()
        for (number, word) in words.enumerated() where !word.isEmpty {
            entries.add(word, number: Int32(clamping: number), weight: 0)
        }
        (model, isClosed, unknown, floor, alphabet, spellableWords) = (nil, true, 0, 0, nil, entries.count)
        lexicon = Lexicon(entries, letters: 1)
    }

    /// A scorer for one search.
    public func makeScorer(_ weights: DecodingWeights) -> any Scorer {
        WordScorer(self, weights)
    }

    /// What the model says of a whole text: the sum that its scorers give, computed without a search.
    ///
    /// - Parameter words: the words of a text, as they are written.
    public func score(_ words: [String], _ weights: DecodingWeights) -> Double {
        guard let model else { return 0 }
        let ids = words.map(model.id(of:))
        let text = model.score(words: ids)
        let letters = zip(words, ids).reduce(0.0) { sum, word in
            guard word.1 == model.unknownWord, let codes = alphabet?.codes(ofWord: word.0) else { return sum }
            return sum + Double(lexicon.spelling.cost(of: codes))
        }
        return weights.languageModelWeight
            * (text.log10 * DecodingWeights.naturalLogOfTen + weights.unknownWordPenalty * Double(text.unknownWords)
                + weights.unknownLetterPenalty * letters)
            + weights.wordBonus * Double(words.count)
    }
}

/// See ``WordModel``. A state is, in its upper half, the number of the language model's state before the word that is
/// under way, and in its lower half how far that word has come in the lexicon.
final class WordScorer: Scorer {
    /// Marks a position where the letters begin no word of the lexicon; below it stand the last of them.
    private static let outside: UInt32 = 1 << 31

    private let queries: QueryCache?
    private let words: WordModel
    private let lexicon: Lexicon
    /// From log10 to weighted nats.
    private let scale: Float
    private let bonus: Float
    /// log10, for each unknown word.
    private let penalty: Float
    /// Weighted nats, for a usual letter of an unknown word.
    private let letter: Float
    /// The most that a letter can add: from the rarest beginning of a word to none at all, or to the first letter of the commonest.
    private let most: Float

    init(_ words: WordModel, _ weights: DecodingWeights) {
        queries = words.model.map(QueryCache.init)
        (self.words, lexicon) = (words, words.lexicon)
        scale = Float(weights.languageModelWeight * DecodingWeights.naturalLogOfTen)
        bonus = Float(weights.wordBonus)
        penalty = Float(weights.unknownWordPenalty / DecodingWeights.naturalLogOfTen)
        letter = Float(weights.languageModelWeight * weights.unknownLetterPenalty)
        let unknown = words.unknown + penalty
        let rarest = lexicon.greatest.reduce(Float.infinity) { $1 > -.infinity ? min($0, $1) : $0 }
        most = max(
            0, scale * max(lexicon.greatest[0], unknown) + bonus,
            words.isClosed || rarest == .infinity ? 0 : scale * (unknown - rarest))
    }

    func start() -> ScorerState { UInt64(queries?.begin() ?? 0) << 32 }

    /// What stands for the word under way.
    @inline(__always)
    private func estimate(_ position: UInt32) -> Float {
        switch position {
        case Lexicon.root: 0
        case Self.outside...: scale * (words.unknown + penalty) + bonus
        default: scale * lexicon.greatest[Int(position)] + bonus
        }
    }

    func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep {
        let position = UInt32(truncatingIfNeeded: state)
        if character == Alphabet.space {
            return position == Lexicon.root ? ScorerStep(state, 0) : complete(state)
        }
        let isInside = position < Self.outside
        if isInside, let child = lexicon.child(of: position, character) {
            return ScorerStep((state >> 32) << 32 | UInt64(child), estimate(child) - estimate(position))
        }
        if words.isClosed { return .forbidden }
        let context = isInside ? lexicon.context[Int(position)] : position & ~Self.outside
        let cost = (isInside ? lexicon.spelled[Int(position)] : 0) + lexicon.spelling.cost(character, after: context)
        let next = Self.outside | SpellingModel.context(context, character)
        return ScorerStep((state >> 32) << 32 | UInt64(next), estimate(next) - estimate(position) + letter * cost)
    }

    func mostGain(for character: CharacterCode) -> Float { character == Alphabet.space ? .infinity : most }

    /// The model's probability takes the place of the estimate.
    private func complete(_ state: ScorerState) -> ScorerStep {
        let position = UInt32(truncatingIfNeeded: state)
        let isInside = position < Self.outside
        let word = isInside ? lexicon.word[Int(position)] : Lexicon.noWord
        if word == Lexicon.noWord, words.isClosed { return .forbidden }
        guard let queries else { return ScorerStep(0, 0) }
        let isKnown = word >= 0 && word != WordModel.added
        let (log10, next) = queries.score(
            isKnown ? WordID(word) : queries.unknown, after: UInt32(truncatingIfNeeded: state >> 32))
        let value = isKnown ? log10 : word == WordModel.added ? max(log10, words.floor) : log10 + penalty
        var score = scale * value + bonus - estimate(position)
        // The beginning of a word of the lexicon, as a word.
        if word == Lexicon.noWord, isInside { score += letter * lexicon.spelled[Int(position)] }
        return ScorerStep(UInt64(next) << 32, score)
    }

    func finish(_ state: ScorerState) -> Float {
        var step = ScorerStep(state, 0)
        if UInt32(truncatingIfNeeded: state) != Lexicon.root { step = complete(state) }
        guard step.score > -.infinity, let queries else { return step.score }
        return step.score + scale
            * queries.score(queries.end, after: UInt32(truncatingIfNeeded: step.state >> 32)).log10
    }

    func retain(_ states: inout [ScorerState]) {
        guard let queries else { return }
        var numbers = states.map { UInt32(truncatingIfNeeded: $0 >> 32) }
        queries.retain(&numbers)
        for (index, number) in numbers.enumerated() {
            states[index] = UInt64(number) << 32 | states[index] & 0xffff_ffff
        }
    }
}
