import ArgumentParser
import Messages
import UtterTraining

/// What steers the search for the text: shared by the commands that recognise speech.
struct DecodingOptions: ParsableArguments {
    @Option(
        help: """
            A language model, .arpa or .lm (default: the one beside the acoustic model that has its name and ends in \
            .lm, if there is one).
            """, completion: .file())
    var lm: String?

    @Flag(name: .customLong("no-lm"), help: "Use no language model.")
    var withoutLM = false

    @Option(
        name: .customLong("lm-weight"),
        help: "How much the language model counts (default: as \"utter lm tune\" left it, else 0.5).")
    var weight: Double?

    @Option(
        name: .customLong("word-bonus"), parsing: .unconditional,
        help: "Nats for each word (default: as \"utter lm tune\" left it, else 1).")
    var bonus: Double?

    @Option(
        help: """
            How words are said, for a model of phones: a compiled lexicon (default: the one beside the acoustic model that has \
            its name and ends in .lexicon, if there is one).
            """,
        completion: .file())
    var lexicon: String?

    @Flag(help: "Recognise no other words than those of the language model and the hot words.")
    var knownWords = false

    @Option(
        help: """
            How many beginnings of texts are followed at once (default: \(BeamOptions().beam) where anything steers the \
            search; else the best path is taken).
            """)
    var beam: Int?

    @Option(help: "How many texts to give, each with its score.")
    var nBest = 1

    @Option(
        help: "Words and phrases to hear more readily, one a line; after a colon low, medium, high or nats.",
        completion: .file())
    var hotWords: String?

    @Option(help: "What alone can be said: phrases, one a line, or a grammar in JSGF.", completion: .file())
    var grammar: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The lowest score, in nats a letter, of what is taken to be within the grammar.", valueName: "score"))
    var grammarThreshold = GrammarFit.usualThreshold

    func validate() throws {
        if lm != nil, withoutLM { throw ValidationError("--lm and --no-lm: give one of them.") }
        if let bad = configuration(model: nil).outOfBounds {
            let option = Self.names[bad.key] ?? ""
            throw ValidationError("\(option)\(bad.value.map { " \($0)" } ?? ""): \(bad.remedy).")
        }
        if [lm, hotWords, grammar].filter(StandardStream.isNamed).count > 1 {
            throw ValidationError("- stands for standard input, which can be read once; give it once.")
        }
    }

    /// The options that may be out of their bounds.
    private static var names: [PartialKeyPath<Recognizer.Configuration>: String] {
        [
            \.beam: "--beam", \.alternatives: "--n-best", \.languageModelWeight: "--lm-weight",
            \.wordBonus: "--word-bonus", \.grammarThreshold: "--grammar-threshold",
        ]
    }

    /// Whether anything was asked for.
    var isGiven: Bool { configuration(model: nil).steers }

    /// The files that are read.
    var inputs: [String] { [lm, lexicon, hotWords, grammar].compactMap { $0 } }

    /// What was asked for, in the library's words.
    /// - Parameter model: the acoustic model's file or name; nil for the default.
    func configuration(model: String?, adapters: [String] = []) -> Recognizer.Configuration {
        var configuration = Recognizer.Configuration()
        configuration.model = model
        configuration.adapters = adapters
        configuration.languageModel = withoutLM ? .none : lm.map { .file($0) } ?? .automatic
        configuration.lexicon = lexicon.map { .file($0) } ?? .automatic
        configuration.languageModelWeight = weight
        configuration.wordBonus = bonus
        configuration.knownWords = knownWords
        configuration.beam = beam
        configuration.alternatives = nBest
        if let hotWords { configuration.hotWords = .file(hotWords) }
        configuration.grammar = grammar.map { .file($0) }
        configuration.grammarThreshold = grammarThreshold
        return configuration
    }

    /// What was asked for, made ready for a model; nil for the best path.
    /// - Parameter path: the file of the acoustic model.
    /// - Throws: what is wrong with a file.
    func decoder(for model: AcousticModel, at path: String) throws -> Decoder? {
        try configuration(model: path).decoder(for: model, at: path)
    }
}
