import Messages
import Utter

extension DecodingOptions {
    /// The lexicon for a model of phones: the one that was given, or the one beside the model.
    func lexiconPath(_ modelPath: String) -> String? { lexicon ?? DefaultModel.lexicon(beside: modelPath) }

    /// What finds words by their phones; nil where the model has none, or where the text comes from its characters: without a
    /// language model and with a grammar.
    /// - Parameter path: the file of the acoustic model.
    /// - Throws: what is wrong with a file.
    func phoneDecoder(for model: AcousticModel, at path: String) throws -> Decoder? {
        let lm = withoutLM ? nil : self.lm ?? DefaultModel.languageModel(beside: path)
        guard model.kind == .phones, let lm, grammar == nil else {
            guard lexicon == nil else {
                throw CommandError(
                    "--lexicon is for a model of phones with a language model, and without a grammar: leave it out"
                )
            }
            return nil
        }
        // A model of characters steers the head of characters: its "words" are letters, which as words have names.
        let languageModel = try LanguageModelFile.open(lm)
        guard model.characterVocabulary == nil || CharacterUnit(languageModel) == nil else { return nil }
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
            lexicon: lexicon, languageModel: languageModel, name: lm, vocabulary: model.vocabulary,
            characters: model.characterVocabulary,
            hotWords: hotWords, isClosed: knownWords)
        if let weight { decoder.weights.languageModelWeight = weight }
        if let bonus { decoder.weights.wordBonus = bonus }
        return decoder
    }
}

extension SpokenWords {
    /// The words of a language model by their pronunciations, from two files.
    convenience init(
        lexicon: String, languageModel: any LanguageModelQuery, name: String, vocabulary: Vocabulary,
        characters: Vocabulary?,
        hotWords: String? = nil, isClosed: Bool
    ) throws {
        let pronunciations = try PronunciationLexicon(path: lexicon)
        let hot = try hotWords.map { path in
            let alphabet = Self.alphabet(of: pronunciations)
            return (try HotWords(path: path, alphabet: alphabet), alphabet)
        }
        let added = try hot.map { try Self.added($0.0, $0.1, pronunciations, path: hotWords ?? "") } ?? []
        try self.init(
            PronunciationList(pronunciations), model: languageModel, name: name,
            vocabulary: vocabulary, characters: characters, added: added, hotWords: hot, isClosed: isClosed)
    }

    /// The letters of the lexicon's words: what a hot word may be written with.
    private static func alphabet(of lexicon: PronunciationLexicon) -> Alphabet {
        var letters: Set<Unicode.Scalar> = []
        for word in lexicon.words { letters.formUnion(word.unicodeScalars) }
        return Alphabet(Vocabulary(symbols: ["<blank>", " "] + letters.sorted().map { String($0) }))
    }

    /// The hot words that the lexicon does not have, as they are guessed to be said.
    private static func added(
        _ hotWords: HotWords, _ alphabet: Alphabet, _ lexicon: PronunciationLexicon, path: String
    ) throws -> [Added] {
        var seen: Set<String> = []
        return try hotWords.words.map(alphabet.text(of:)).filter { seen.insert($0).inserted }.compactMap {
            word -> Added? in
            guard lexicon.number(of: word) == nil else { return nil }
            let guesses = lexicon.pronounce(word).filter { !$0.phones.isEmpty }
            guard !guesses.isEmpty else {
                throw CommandError(
                    "\(OneLine.file(path)): no pronunciation of \(OneLine.quoted(word)) can be guessed: write it as it is spoken"
                )
            }
            return Added(text: word, pronunciations: guesses.map { ($0.phones, $0.logProbability) })
        }
    }
}
