import Messages
import Utter

extension DecodingOptions {
    /// The lexicon for a model of phones: the one that was given, or the one beside the model.
    func lexiconPath(_ modelPath: String) -> String? { lexicon ?? DefaultModel.lexicon(beside: modelPath) }

    /// What finds words by their phones; nil where the model has none, or where the text comes from its characters: without a
    /// language model, with hot words and with a grammar.
    /// - Parameter path: the file of the acoustic model.
    /// - Throws: what is wrong with a file.
    func phoneDecoder(for model: AcousticModel, at path: String) throws -> Decoder? {
        let lm = withoutLM ? nil : self.lm ?? DefaultModel.languageModel(beside: path)
        guard model.kind == .phones, let lm, grammar == nil, hotWords == nil else {
            guard lexicon == nil else {
                throw CommandError(
                    "--lexicon is for a model of phones with a language model, without hot words and grammar: leave it out"
                )
            }
            return nil
        }
        guard let lexicon = lexiconPath(path) else {
            // Characters beside the phones do without.
            guard model.characterVocabulary == nil else { return nil }
            throw CommandError(
                "\(OneLine.file(path)) hears phones, and there is no lexicon beside it: give one with --lexicon")
        }
        var decoder = Decoder(
            alphabet: Alphabet(model.textVocabulary),
            options: BeamOptions(beam: beam ?? BeamOptions().beam, nBest: nBest))
        decoder.weights = try DecodingWeights.stored(beside: lm) ?? DecodingWeights.usualForPhones
        decoder.spokenWords = try SpokenWords(
            lexicon: lexicon, languageModel: lm, vocabulary: model.vocabulary, characters: model.characterVocabulary,
            isClosed: knownWords)
        if let weight { decoder.weights.languageModelWeight = weight }
        if let bonus { decoder.weights.wordBonus = bonus }
        return decoder
    }
}

extension SpokenWords {
    /// The words of a language model by their pronunciations, from two files.
    init(
        lexicon: String, languageModel: String, vocabulary: Vocabulary, characters: Vocabulary?, isClosed: Bool
    ) throws {
        try self.init(
            PronunciationList(PronunciationLexicon(path: lexicon)), model: LanguageModelFile.open(languageModel),
            name: languageModel, vocabulary: vocabulary, characters: characters, isClosed: isClosed)
    }
}
