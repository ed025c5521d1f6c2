/// How a model of characters writes text: each character is a word of the model, and a mark stands for the space.
///
/// `utter lm estimate --characters` makes such models with ``spaceMark``; `|` and `<space>`, which other tools use, are
/// known too.
public struct CharacterUnit: Sendable, Equatable {
    /// What stands for a space in models that are made here: U+2581, as in SentencePiece.
    public static let spaceMark = "\u{2581}"
    /// What stands for a space in this model.
    public let space: String

    /// Recognises a model of characters: every word is one Unicode scalar, and there is a mark for the space.
    /// - Returns: nil where words are longer, so that it is a model of words.
    public init?(_ model: some LanguageModelQuery) {
        guard let mark = [Self.spaceMark, "|", "<space>"].first(where: { model.id(of: $0) != model.unknownWord }) else {
            return nil
        }
        for id in model.ordinaryWords {
            let word = model.word(id)
            guard word == mark || word.unicodeScalars.count == 1 else { return nil }
        }
        space = mark
    }
}
