import AcousticModel
import CTC
import Decoding
import LanguageModel
import Messages
import Pronunciation

// What a configuration steers the search with, made ready for a model.
extension Recognizer.Configuration {
    /// The language model's file.
    /// - Parameter path: the file of the acoustic model.
    package func languageModelPath(_ path: String) -> String? {
        switch languageModel {
        case .automatic: DefaultModel.languageModel(beside: path)
        case .none: nil
        case .file(let file): file
        }
    }

    /// The lexicon's file.
    /// - Parameter path: the file of the acoustic model.
    package func lexiconPath(_ path: String) -> String? {
        switch lexicon {
        case .automatic: DefaultModel.lexicon(beside: path)
        case .none: nil
        case .file(let file): file
        }
    }

    /// The decoder for a model; nil for the best path.
    /// - Parameters:
    ///   - path: the file of the acoustic model.
    ///   - inBackground: whether the words' tree may be built by another thread, while a recording is read (see
    ///     ``Decoder/prepare()``).
    /// - Throws: what is wrong with a file; ``RecognizerError`` where the model cannot do what is asked for.
    package func decoder(for model: AcousticModel, at path: String, inBackground: Bool = false) throws -> Decoder? {
        if let decoder = try spokenGrammar(for: model, at: path) { return decoder }
        if let decoder = try phoneDecoder(for: model, at: path, inBackground: inBackground) { return decoder }
        guard !model.head.kind.labelsRecordings, model.textVocabulary.unit == .character else {
            guard !steers else {
                throw RecognizerError(
                    path, "a head of the kind \(model.head.kind.rawValue) takes its best path",
                    "leave out what steers the search (--lm, --beam, --hot-words, --grammar)")
            }
            return nil
        }
        let lm = languageModelPath(path)
        if lm == nil, languageModelWeight != nil || wordBonus != nil || knownWords {
            throw RecognizerError(
                nil, "there is no language model to weigh or to take words from", "give one with --lm")
        }
        guard lm != nil || beam != nil || alternatives > 1 || !hotWords.isEmpty || grammar != nil else { return nil }
        let alphabet = Alphabet(model.textVocabulary)
        var decoder = Decoder(alphabet: alphabet, options: beamOptions)
        decoder.grammarThreshold = grammarThreshold
        decoder.labelNGram = model.textNGram
        if !hotWords.isEmpty { decoder.hotWords = try phrases(alphabet) }
        switch grammar {
        case .here(let text)?: decoder.grammar = try Grammar(text: text, alphabet: alphabet)
        case .file(let path)?: decoder.grammar = try Grammar(path: path, alphabet: alphabet)
        case nil: break
        }
        if let lm {
            decoder.weights = try DecodingWeights.stored(beside: lm) ?? DecodingWeights()
            decoder.textModel = try TextModels.fit(
                LanguageModelFile.open(lm), name: lm, alphabet: alphabet, addedWords: decoder.hotWords?.words ?? [],
                isClosed: knownWords)
        }
        weigh(&decoder.weights)
        return decoder
    }

    /// A grammar whose words are heard by their phones; nil where there is no lexicon, or something else steers as well.
    private func spokenGrammar(for model: AcousticModel, at path: String) throws -> Decoder? {
        guard let grammar, model.head.kind == .phones, hotWords.isEmpty, let lexicon = lexiconPath(path)
        else { return nil }
        if case .file = languageModel { return nil }
        let pronunciations = try PronunciationLexicon(path: lexicon)
        var decoder = Decoder(alphabet: Alphabet(model.textVocabulary), options: beamOptions)
        decoder.grammarThreshold = grammarThreshold
        let (vocabulary, columns, ngram) = (model.vocabulary, model.posteriorColumns, model.head.ngram)
        switch grammar {
        case .here(let text):
            decoder.spokenGrammar = try SpokenGrammar(
                text: text, vocabulary: vocabulary, columns: columns, ngram: ngram, pronounce: pronunciations.spoken)
        case .file(let file):
            decoder.spokenGrammar = try SpokenGrammar(
                path: file, vocabulary: vocabulary, columns: columns, ngram: ngram, pronounce: pronunciations.spoken)
        }
        return decoder
    }

    /// What finds words by their phones; nil where the model has none, or where the text comes from its characters: without a
    /// language model, and with a grammar where there is no lexicon, or something else steers as well.
    private func phoneDecoder(for model: AcousticModel, at path: String, inBackground: Bool) throws -> Decoder? {
        guard model.head.kind == .phones, let lm = languageModelPath(path), grammar == nil else {
            guard case .file = lexicon else { return nil }
            throw RecognizerError(
                nil, "--lexicon is for a model of phones with a language model, or with a grammar alone", "leave it out"
            )
        }
        // A model of characters steers the head of characters: its "words" are letters, which as words have names.
        let own = try LanguageModelFile.open(lm)
        guard model.characterVocabulary == nil || CharacterUnit(own) == nil else { return nil }
        guard let lexicon = lexiconPath(path) else {
            // Characters beside the phones do without.
            guard model.characterVocabulary == nil else { return nil }
            throw RecognizerError(
                path, "it hears phones, and there is no lexicon beside it", "give one with --lexicon")
        }
        let pronunciations = try PronunciationLexicon(path: lexicon)
        let (languageModel, general) = try Self.mixed(
            own, lm: lm, lexicon: pronunciations, at: path, isClosed: knownWords)
        var decoder = Decoder(alphabet: Alphabet(model.textVocabulary), options: beamOptions)
        decoder.weights =
            try DecodingWeights.stored(beside: lm)
            ?? general.flatMap(DecodingWeights.stored)
            ?? DecodingWeights.usualForPhones
        decoder.generalModel = general
        let (vocabulary, characters) = (model.vocabulary, model.characterVocabulary)
        decoder.pendingWords = PendingWords(columns: model.posteriorColumns, inBackground: inBackground) {
            try SpokenWords(
                lexicon: pronunciations, languageModel: languageModel, name: lm, vocabulary: vocabulary,
                characters: characters, hotWords: hotWords.isEmpty ? nil : { try phrases($0) }, isClosed: knownWords)
        }
        // A mistake in the hot words is told before anything is heard.
        if !inBackground || !hotWords.isEmpty { try decoder.prepare() }
        weigh(&decoder.weights)
        return decoder
    }

    private var beamOptions: BeamOptions { BeamOptions(beam: beam ?? BeamOptions().beam, nBest: alternatives) }

    private func weigh(_ weights: inout DecodingWeights) {
        if let languageModelWeight { weights.languageModelWeight = languageModelWeight }
        if let wordBonus { weights.wordBonus = wordBonus }
    }

    /// The hot words, spelled in an alphabet.
    private func phrases(_ alphabet: Alphabet) throws -> HotWords {
        switch hotWords {
        case .here(let lines): try HotWords(lines: lines, alphabet: alphabet)
        case .file(let path): try HotWords(path: path, alphabet: alphabet)
        }
    }
}

extension Recognizer.Configuration {
    /// Models with more words than this stand by themselves.
    private static let fewWords = 20_000

    /// A small language model together with the one beside the acoustic model, so that words that it lacks can still be heard; a
    /// large one by itself, and one that alone may be heard.
    /// - Parameters:
    ///   - lm: its file.
    ///   - lexicon: a model none of whose words it has is left to fail by itself.
    ///   - path: the file of the acoustic model; nil where there is none.
    /// - Returns: the mixture, and the file of the model beside; the model itself and nil where it stands by itself.
    package static func mixed(
        _ model: any LanguageModelQuery, lm: String, lexicon: PronunciationLexicon, at path: String?, isClosed: Bool
    ) throws -> (model: any LanguageModelQuery, general: String?) {
        guard !isClosed, model.vocabularySize < fewWords, CharacterUnit(model) == nil,
            let beside = path.flatMap(DefaultModel.languageModel), beside != lm,
            model.ordinaryWords.contains(where: { lexicon.number(of: model.word($0)) != nil })
        else { return (model, nil) }
        let general = try LanguageModelFile.open(beside)
        guard CharacterUnit(general) == nil, let mixed = MixedModel(model, general) else { return (model, nil) }
        return (mixed, beside)
    }
}

extension PronunciationLexicon {
    /// The ways to say a word, by the symbols of their phones.
    package func spoken(_ word: String) -> [SpokenGrammar.Spoken] {
        pronounce(word, count: 6).map { way in (way.phones.map { alphabet.symbols[Int($0)] }, way.logProbability) }
    }
}

extension SpokenWords {
    /// The words of a language model by their pronunciations.
    /// - Parameters:
    ///   - hotWords: gives what is to be heard more readily, spelled in an alphabet.
    package convenience init(
        lexicon pronunciations: PronunciationLexicon, languageModel: any LanguageModelQuery, name: String,
        vocabulary: Vocabulary,
        characters: Vocabulary?, hotWords: ((Alphabet) throws -> HotWords)? = nil, isClosed: Bool
    ) throws {
        let hot = try hotWords.map { phrases in
            let alphabet = Self.alphabet(of: pronunciations)
            return (try phrases(alphabet), alphabet)
        }
        let added = try hot.map { try Self.added($0.0, $0.1, pronunciations) } ?? []
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
        _ hotWords: HotWords, _ alphabet: Alphabet, _ lexicon: PronunciationLexicon
    ) throws -> [Added] {
        var seen: Set<String> = []
        return try hotWords.words.map(alphabet.text(of:)).filter { seen.insert($0).inserted }.compactMap {
            word -> Added? in
            guard lexicon.number(of: word) == nil else { return nil }
            let guesses = lexicon.pronounce(word).filter { !$0.phones.isEmpty }
            guard !guesses.isEmpty else {
                throw RecognizerError(
                    nil, "no pronunciation of the hot word \(OneLine.quoted(word)) can be guessed",
                    "write it as it is spoken")
            }
            return Added(text: word, pronunciations: guesses.map { ($0.phones, $0.logProbability) })
        }
    }
}
