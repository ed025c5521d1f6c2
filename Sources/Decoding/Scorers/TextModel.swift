import LanguageModel

/// What knows which texts are likely, fit to an alphabet: words or characters. It is shared; each search has a scorer.
public protocol TextModel: Sendable {
    /// A scorer for one search.
    func makeScorer(_ weights: DecodingWeights) -> any Scorer
}

/// Language models as models of text.
public enum TextModels {
    /// Fits a language model to an alphabet: as a ``CharacterModel`` where its words are single characters, else as a
    /// ``WordModel``.
    /// - Parameters:
    ///   - model: the language model.
    ///   - name: what errors call it, its path.
    ///   - alphabet: what can be recognised.
    ///   - addedWords: words that are allowed and no unknown ones, though the model may not hold them.
    ///   - isClosed: allow no words but the model's and the added ones; of no meaning for characters.
    /// - Throws: ``DecodingError`` where no word can be spelt with the alphabet.
    public static func fit(
        _ model: any LanguageModelQuery, name: String, alphabet: Alphabet, addedWords: [[CharacterCode]] = [],
        isClosed: Bool = false
    ) throws(DecodingError) -> any TextModel {
        if let unit = CharacterUnit(model) {
            return try CharacterModel(model, unit: unit, name: name, alphabet: alphabet)
        }
        return try WordModel(model, name: name, alphabet: alphabet, addedWords: addedWords, isClosed: isClosed)
    }
}
