import CTC

/// The n-gram of labels that a model's scores leave out, as a scorer: what a search over the classes themselves must count in
/// (see `CTCCRFLoss`).
///
/// The sum over a text is ln P(labels, end) by `LabelNGram`, a space at the end left out. A state is where the n-gram stands, and in
/// the lowest bits whether a word has begun and whether a space is still to be scored.
final class LabelNGramScorer: Scorer {
    private static let afterSpace: UInt64 = 1
    private static let hasBegun: UInt64 = 2
    /// What the n-gram rules out costs so many nats: a search may have to go that way.
    private static let least: Float = -30

    private let ngram: LabelNGram
    /// The class of each character; -1 for a space that no class spells.
    private let labels: [Int]

    /// - Precondition: each class of the alphabet but the blank is one character.
    init(_ ngram: LabelNGram, alphabet: Alphabet) {
        precondition(Self.fits(ngram, alphabet))
        self.ngram = ngram
        var labels = [Int](repeating: -1, count: alphabet.characters.count)
        for label in alphabet.vocabulary.symbols.indices {
            if let character = alphabet.characters(of: label).first { labels[Int(character)] = label }
        }
        self.labels = labels
    }

    /// Whether an n-gram is of an alphabet's classes, each of which is one character.
    static func fits(_ ngram: LabelNGram, _ alphabet: Alphabet) -> Bool {
        let vocabulary = alphabet.vocabulary
        return ngram.classes == vocabulary.symbols.count && ngram.blank == vocabulary.blank
            && vocabulary.symbols.indices.allSatisfy {
                $0 == vocabulary.blank || alphabet.characters(of: $0).count == 1
            }
    }

    func start() -> ScorerState { UInt64(ngram.blank) << 2 }

    func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep {
        if character == Alphabet.space {
            return ScorerStep(state & Self.hasBegun != 0 ? state | Self.afterSpace : state, 0)
        }
        var place = Int(state >> 2)
        var score: Float = 0
        if state & Self.afterSpace != 0 { score += advance(&place, labels[Int(Alphabet.space)]) }
        score += advance(&place, labels[Int(character)])
        return ScorerStep(UInt64(place) << 2 | Self.hasBegun, score)
    }

    func mostGain(for character: CharacterCode) -> Float { 0.01 }

    func finish(_ state: ScorerState) -> Float {
        var place = Int(state >> 2)
        return advance(&place, ngram.blank)
    }

    private func advance(_ place: inout Int, _ label: Int) -> Float {
        guard label >= 0 else { return 0 }
        let (block, last) = (place / ngram.classes, place % ngram.classes)
        let value = ngram.logProbability(of: label, after: last, in: block)
        place = ngram.nextBlocks[place] * ngram.classes + label
        return max(value, Self.least)
    }
}
