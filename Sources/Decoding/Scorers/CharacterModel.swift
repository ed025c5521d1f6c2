import LanguageModel

/// A character n-gram model fit to an alphabet: knows no words, so that none is unknown.
///
/// The sum over a whole text is, c being its characters, the spaces between words among them, and h those before each,
///
///     weight (sum of ln p(c | h) + ln p(</s> | h)) + bonus (number of words)
public struct CharacterModel: TextModel {
    private let model: any LanguageModelQuery
    /// The model's word for each character of the alphabet, that of `<unk>` where it has none.
    private let ids: [WordID]

    /// - Throws: ``DecodingError`` where the model knows none of the alphabet's characters.
    init(
        _ model: any LanguageModelQuery, unit: CharacterUnit, name: String, alphabet: Alphabet
    ) throws(DecodingError) {
        ids = [model.id(of: unit.space)] + alphabet.characters.dropFirst().map { model.id(of: String($0)) }
        guard ids.dropFirst().contains(where: { $0 != model.unknownWord }) else {
            throw .malformed(
                path: name, reason: "it knows none of the characters of the acoustic model",
                mend: "estimate it from text in the same case and script (utter lm estimate --characters --lowercase)")
        }
        self.model = model
    }

    /// A scorer for one search.
    public func makeScorer(_ weights: DecodingWeights) -> any Scorer {
        CharacterScorer(queries: QueryCache(model), ids: ids, weights: weights)
    }
}

/// See ``CharacterModel``. A state is, in its upper half, the number of a state of the language model, and in its lower
/// half where it stands. A space is scored as it comes, but taken back if the text ends with it.
final class CharacterScorer: Scorer {
    private static let inWord: UInt64 = 0
    /// After a space; the language model's state is the one before that space.
    private static let afterSpace: UInt64 = 1
    private static let atStart: UInt64 = 2

    private let queries: QueryCache
    private let ids: [WordID]
    private let scale: Float
    private let bonus: Float

    init(queries: QueryCache, ids: [WordID], weights: DecodingWeights) {
        (self.queries, self.ids) = (queries, ids)
        scale = Float(weights.languageModelWeight * DecodingWeights.naturalLogOfTen)
        bonus = Float(weights.wordBonus)
    }

    func start() -> ScorerState { UInt64(queries.begin()) << 32 | Self.atStart }

    func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep {
        var before = UInt32(truncatingIfNeeded: state >> 32)
        let place = state & 0xffff_ffff
        if character == Alphabet.space {
            guard place == Self.inWord else { return ScorerStep(state, 0) }
            return ScorerStep(state | Self.afterSpace, scale * space(after: before).log10)
        }
        if place == Self.afterSpace { before = space(after: before).next }
        let (log10, next) = queries.score(ids[Int(character)], after: before)
        return ScorerStep(UInt64(next) << 32, scale * log10 + (place == Self.inWord ? 0 : bonus))
    }

    func mostGain(for character: CharacterCode) -> Float { character == Alphabet.space ? 0 : max(0, bonus) }

    func finish(_ state: ScorerState) -> Float {
        let before = UInt32(truncatingIfNeeded: state >> 32)
        let end = scale * queries.score(queries.end, after: before).log10
        return state & 0xffff_ffff == Self.afterSpace ? end - scale * space(after: before).log10 : end
    }

    private func space(after state: UInt32) -> (log10: Float, next: UInt32) {
        queries.score(ids[Int(Alphabet.space)], after: state)
    }

    func retain(_ states: inout [ScorerState]) {
        var numbers = states.map { UInt32(truncatingIfNeeded: $0 >> 32) }
        queries.retain(&numbers)
        for (index, number) in numbers.enumerated() {
            states[index] = UInt64(number) << 32 | states[index] & 0xffff_ffff
        }
    }
}
