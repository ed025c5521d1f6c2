import CTC
import Foundation

/// Turns posteriors into text by a beam search, steered by what it is given.
///
/// ```swift
/// let alphabet = Alphabet(model.textVocabulary)
/// var decoder = Decoder(alphabet: alphabet)
/// decoder.textModel = try TextModels.fit(LanguageModelFile.open("news.lm"), name: "news.lm", alphabet: alphabet)
/// decoder.hotWords = try HotWords([("zorblax", .high)], alphabet: alphabet)
/// print(decoder.decode(posteriors).best?.text ?? "")
/// ```
///
/// A decoder is a description and may be shared; ``makeSearch()`` gives each thread what works.
public struct Decoder: Sendable {
    /// What the classes spell.
    public let alphabet: Alphabet
    /// How wide the search looks.
    public var options: BeamOptions
    /// A language model or a list of words; nil for none.
    public var textModel: (any TextModel)?
    /// Words by their pronunciations, for a head of phones: they are found by a ``PronunciationSearch``, and nothing but
    /// `options` and `weights` counts beside them. Reading it waits until they are built; nil where that fails, too.
    public var spokenWords: SpokenWords? {
        get { try? pendingWords?.words() }
        set { pendingWords = newValue.map(PendingWords.init) }
    }
    /// The same, where they may still be under construction; see ``prepare()``.
    public var pendingWords: PendingWords?
    /// The file of the language model that another is mixed with for these; nil where that stands by itself.
    package var generalModel: String?
    /// How much it counts.
    public var weights: DecodingWeights
    /// What is to be heard more readily.
    public var hotWords: HotWords?
    /// What alone may be said.
    public var grammar: Grammar?
    /// The same for a head of phones: words by their pronunciations. Nothing but `options` counts beside it.
    public var spokenGrammar: SpokenGrammar?
    /// The n-gram that the classes' scores leave out; counts where there is no text model, which says more of the same.
    public var labelNGram: LabelNGram?
    /// The lowest score of a fit to the grammar that is accepted, nats a letter.
    public var grammarThreshold = GrammarFit.usualThreshold

    /// Steered by nothing yet.
    public init(
        alphabet: Alphabet, options: BeamOptions = BeamOptions(), weights: DecodingWeights = DecodingWeights()
    ) {
        (self.alphabet, self.options, self.weights) = (alphabet, options, weights)
    }

    /// Whether words are found by their phones.
    public var goesByPhones: Bool { pendingWords != nil || spokenGrammar != nil }
    /// The columns of the posteriors that a search takes which goes by phones.
    public var columns: Int? { pendingWords?.columns ?? spokenGrammar?.columns }
    /// Whether a language model has a say.
    public var hasLanguageModel: Bool { textModel != nil || pendingWords != nil }

    /// Waits for what is built in the background; to be called before searches are made.
    /// - Throws: what is wrong with it.
    public func prepare() throws { _ = try pendingWords?.words() }

    /// A search for one thread, which can be used for one recording after another.
    public func makeSearch() -> BeamSearch {
        var scorers = [textModel?.makeScorer(weights), hotWords?.makeScorer(), grammar?.makeScorer()].compactMap { $0 }
        if textModel == nil, let labelNGram, LabelNGramScorer.fits(labelNGram, alphabet) {
            scorers.append(LabelNGramScorer(labelNGram, alphabet: alphabet))
        }
        var options = options
        // What a phrase has earned on trust must not drive out the others before it is lost again.
        if let hotWords { options.scoreThreshold += hotWords.greatest }
        if grammar != nil { options = Self.options(forGrammar: options) }
        return BeamSearch(alphabet: alphabet, options: options, scorer: ScorerSum.joining(scorers))
    }

    /// Whatever was said, the best text of a grammar is wanted, to tell how far from it that is.
    private static func options(forGrammar options: BeamOptions) -> BeamOptions {
        var options = options
        (options.scoreThreshold, options.classThreshold) = (.infinity, .infinity)
        options.remembersSettled = false
        return options
    }

    /// A search for one thread: by phones where there are words by their pronunciations, else by characters.
    public func makeTextSearch() -> any TextSearch {
        if let spokenGrammar { return SpokenGrammarSearch(spokenGrammar, options: Self.options(forGrammar: options)) }
        guard let spokenWords else { return makeSearch() }
        var options = options
        // As in a search over characters.
        options.scoreThreshold += spokenWords.hotWords?.automaton.greatest ?? 0
        return PronunciationSearch(spokenWords, options: options, weights: weights)
    }

    /// Ends a search that this decoder made.
    public func end(_ search: any TextSearch) -> DecodingResult {
        let hypotheses = search.end()
        if let spoken = search as? SpokenGrammarSearch {
            let fit = spoken.fit(hypotheses.first, threshold: grammarThreshold)
            return DecodingResult(hypotheses: fit.isAccepted ? hypotheses : [], grammarFit: fit)
        }
        let beam = search as? BeamSearch
        let fit = grammar.flatMap { _ in
            beam.map { GrammarFit(hypotheses.first, $0, threshold: grammarThreshold) }
        }
        return DecodingResult(hypotheses: fit?.isAccepted == false ? [] : hypotheses, grammarFit: fit)
    }

    /// The texts of one recording.
    public func decode(_ posteriors: LogProbabilities) -> DecodingResult {
        let search = makeTextSearch()
        search.step(posteriors)
        return end(search)
    }
}

/// What a decoder made of a recording.
public struct DecodingResult: Sendable, Equatable {
    /// The texts, best first; none where the grammar does not fit.
    public let hypotheses: [Hypothesis]
    /// How well the recording fits the grammar; nil without one.
    public let grammarFit: GrammarFit?

    /// The best text.
    public var best: Hypothesis? { hypotheses.first }
}
