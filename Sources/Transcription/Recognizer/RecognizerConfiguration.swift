import Decoding

extension Recognizer {
    /// What recognises, and what steers it: everything that `utter transcribe` takes, with the same defaults.
    ///
    /// ```swift
    /// var configuration = Recognizer.Configuration()
    /// configuration.hotWords = ["zorblax: high", "turn on the lamp"]
    /// let recognizer = try Recognizer(configuration)
    /// ```
    ///
    /// It can be stored as JSON; keys that are missing there have their defaults.
    public struct Configuration: Codable, Sendable, Hashable {
        /// A file that belongs to a model.
        public enum Companion: Sendable, Hashable {
            /// The one beside the acoustic model, if there is one.
            case automatic
            /// None.
            case none
            /// The file at this path.
            case file(String)
        }

        /// What may stand in a file: itself, or the file at this path; `-` is standard input.
        public enum Written<Content: Codable & Sendable & Hashable>: Sendable, Hashable {
            /// As it stands here.
            case here(Content)
            /// In the file at this path, in the same form.
            case file(String)
        }

        /// The acoustic model's file, or its name (see `DefaultModel`); nil for `$UTTER_MODEL`, else the one that comes with Utter.
        public var model: String?
        /// Adapters of the model, one transcript each; with several of them nothing steers the search.
        public var adapters: [String] = []
        /// The language model, `.arpa` or `.lm`.
        public var languageModel = Companion.automatic
        /// How words are said, for a model of phones: a compiled lexicon.
        public var lexicon = Companion.automatic
        /// How much the language model counts, 0 to 20; nil for what `utter lm tune` found.
        public var languageModelWeight: Double?
        /// Nats for each word; nil for what `utter lm tune` found.
        public var wordBonus: Double?
        /// Whether no other words are recognised than those of the language model and the hot words.
        public var knownWords = false
        /// Words and phrases to hear more readily, each perhaps with a colon and `low`, `medium`, `high` or nats behind it; in a
        /// file one a line.
        public var hotWords: Written<[String]> = []
        /// What alone can be said: phrases, one a line, or a grammar in JSGF.
        public var grammar: Written<String>?
        /// The lowest score, in nats a letter, of what is taken to be within the grammar.
        public var grammarThreshold = GrammarFit.usualThreshold
        /// How many beginnings of texts are followed at once; nil for the default where anything steers the search, else for
        /// the best path.
        public var beam: Int?
        /// How many texts to give, each with its score.
        public var alternatives = 1
        /// The only channel to hear, counted from 1; nil for the mean of all.
        public var channel: Int?
        /// The most threads at once; nil for all cores.
        public var threads: Int?

        /// The defaults: what `utter transcribe FILE` does.
        public init() {}

        /// Whether it says anything about the search for the text.
        package var steers: Bool {
            var plain = Configuration()
            (plain.model, plain.adapters, plain.channel, plain.threads) = (model, adapters, channel, threads)
            plain.grammarThreshold = grammarThreshold
            // To leave out what is used by itself steers nothing.
            if languageModel == .none { plain.languageModel = .none }
            if lexicon == .none { plain.lexicon = .none }
            return self != plain
        }

        /// Where these were given in a file, it had keys of its own.
        private enum FormerKeys: String, CodingKey { case hotWordsFile, grammarFile }

        /// Reads it from JSON.
        public init(from decoder: any Swift.Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func value<Value: Decodable>(_ key: CodingKeys, _ usual: Value) throws -> Value {
                try container.decodeIfPresent(Value.self, forKey: key) ?? usual
            }
            model = try value(.model, nil)
            adapters = try value(.adapters, adapters)
            languageModel = try value(.languageModel, languageModel)
            lexicon = try value(.lexicon, lexicon)
            languageModelWeight = try value(.languageModelWeight, nil)
            wordBonus = try value(.wordBonus, nil)
            knownWords = try value(.knownWords, knownWords)
            hotWords = try value(.hotWords, hotWords)
            grammar = try value(.grammar, nil)
            let former = try decoder.container(keyedBy: FormerKeys.self)
            if let path = try former.decodeIfPresent(String.self, forKey: .hotWordsFile) { hotWords = .file(path) }
            if let path = try former.decodeIfPresent(String.self, forKey: .grammarFile) { grammar = .file(path) }
            grammarThreshold = try value(.grammarThreshold, grammarThreshold)
            beam = try value(.beam, nil)
            alternatives = try value(.alternatives, alternatives)
            channel = try value(.channel, nil)
            threads = try value(.threads, nil)
        }
    }
}

extension Recognizer.Configuration.Written: ExpressibleByArrayLiteral where Content == [String] {
    /// As it stands here.
    public init(arrayLiteral phrases: String...) { self = .here(phrases) }

    /// Whether there is nothing.
    var isEmpty: Bool { self == .here([]) }
}

extension Recognizer.Configuration.Written: ExpressibleByStringLiteral, ExpressibleByExtendedGraphemeClusterLiteral,
    ExpressibleByUnicodeScalarLiteral
where Content == String {
    /// As it stands here.
    public init(stringLiteral text: String) { self = .here(text) }
}

extension Recognizer.Configuration.Written: Codable {
    private enum CodingKeys: String, CodingKey { case file }

    /// Reads what stands here, or `{"file": PATH}`.
    public init(from decoder: any Swift.Decoder) throws {
        if let container = try? decoder.container(keyedBy: CodingKeys.self) {
            self = .file(try container.decode(String.self, forKey: .file))
        } else {
            self = .here(try decoder.singleValueContainer().decode(Content.self))
        }
    }

    /// Writes what ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .here(let content):
            var container = encoder.singleValueContainer()
            try container.encode(content)
        case .file(let path):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(path, forKey: .file)
        }
    }
}

extension Recognizer.Configuration.Companion: Codable {
    private enum CodingKeys: String, CodingKey { case file }

    /// Reads `"automatic"`, `"none"` or `{"file": PATH}`.
    public init(from decoder: any Swift.Decoder) throws {
        if let container = try? decoder.container(keyedBy: CodingKeys.self) {
            self = .file(try container.decode(String.self, forKey: .file))
            return
        }
        let container = try decoder.singleValueContainer()
        switch try container.decode(String.self) {
        case "automatic": self = .automatic
        case "none": self = .none
        default:
            throw Swift.DecodingError.dataCorruptedError(
                in: container, debugDescription: #"give "automatic", "none" or {"file": PATH}"#)
        }
    }

    /// Writes what ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        if case .file(let path) = self {
            var container = encoder.container(keyedBy: CodingKeys.self)
            return try container.encode(path, forKey: .file)
        }
        var container = encoder.singleValueContainer()
        try container.encode(self == .none ? "none" : "automatic")
    }
}
