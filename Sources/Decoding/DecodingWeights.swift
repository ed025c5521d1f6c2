import Foundation

/// How much a language model counts beside the acoustic model, in
///
///     ln P(text | recording) + languageModelWeight (ln P(text) + unknownWordPenalty * (unknown words)
///                                                   + unknownLetterPenalty * (cost of the letters of unknown words))
///                            + wordBonus * (words)
///
/// The file that `utter lm tune` writes beside a language model holds these, so that every later use finds them.
public struct DecodingWeights: Codable, Sendable, Equatable {
    /// Multiplies the language model's logarithm.
    public var languageModelWeight = 0.5
    /// Nats for each word: a language model makes every word cost something, which would shorten texts.
    public var wordBonus = 1.0
    /// Natural logarithm, added for each word that the language model does not know.
    public var unknownWordPenalty = -3.0
    /// Natural logarithm, added for a letter of such a word, for usual ones less than for others (by a trigram of the letters of the
    /// words that the model knows; on average they cost 1): an unknown word costs by its length, so that several short ones do
    /// not lose to one long one for being several.
    public var unknownLetterPenalty = -1.5

    /// What else counts in a search over phones; the defaults unless said otherwise.
    public var spoken = PronunciationWeights()

    /// What the confidences of words are worth in texts that the language model has chosen; nil where nobody measured it: then
    /// they are those of the acoustic model.
    public var confidence: ConfidenceScale?

    /// ln 10: language models on disk have logarithms to the base 10.
    static let naturalLogOfTen = 2.302585092994046

    enum CodingKeys: String, CodingKey {
        case languageModelWeight = "lm_weight"
        case wordBonus = "word_bonus"
        case unknownWordPenalty = "unknown_word_penalty"
        case unknownLetterPenalty = "unknown_letter_penalty"
        case spoken = "phones"
        case confidence
    }

    /// The defaults.
    public init() {}

    /// Writes what search over phones needs only where it is not as usual, so that other files stay as they were.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(languageModelWeight, forKey: .languageModelWeight)
        try fields.encode(wordBonus, forKey: .wordBonus)
        try fields.encode(unknownWordPenalty, forKey: .unknownWordPenalty)
        try fields.encode(unknownLetterPenalty, forKey: .unknownLetterPenalty)
        if spoken != PronunciationWeights() { try fields.encode(spoken, forKey: .spoken) }
        try fields.encodeIfPresent(confidence, forKey: .confidence)
    }

    /// Other weights than the defaults.
    public init(languageModelWeight: Double, wordBonus: Double) {
        (self.languageModelWeight, self.wordBonus) = (languageModelWeight, wordBonus)
    }

    /// The defaults of a search over phones.
    public static let usualForPhones = {
        var weights = DecodingWeights(languageModelWeight: 0.9, wordBonus: 0)
        weights.spoken.blank = -0.5
        return weights
    }()

    /// Fields that are absent have their defaults.
    public init(from decoder: any Swift.Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        languageModelWeight = try fields.decodeIfPresent(Double.self, forKey: .languageModelWeight) ?? 0.5
        wordBonus = try fields.decodeIfPresent(Double.self, forKey: .wordBonus) ?? 1
        let penalty = try fields.decodeIfPresent(Double.self, forKey: .unknownWordPenalty)
        let letters = try fields.decodeIfPresent(Double.self, forKey: .unknownLetterPenalty)
        // Files of before letters counted hold the usual penalty of that time, which glued unknown words together.
        let isOld = letters == nil && penalty.map { abs($0 + 10 * Self.naturalLogOfTen) < 1e-6 } ?? true
        let usual = DecodingWeights()
        unknownWordPenalty = isOld ? usual.unknownWordPenalty : penalty ?? usual.unknownWordPenalty
        unknownLetterPenalty = letters ?? (isOld ? usual.unknownLetterPenalty : 0)
        spoken = try fields.decodeIfPresent(PronunciationWeights.self, forKey: .spoken) ?? PronunciationWeights()
        confidence = try fields.decodeIfPresent(ConfidenceScale.self, forKey: .confidence)
    }

    /// What a weight may be: no search makes sense beyond.
    public static let lawfulWeights = 0.0...100.0
    /// What a bonus may be, in nats.
    public static let lawfulBonuses = -100.0...100.0

    /// Whether every value lies where it may.
    public var isLawful: Bool {
        Self.lawfulWeights.contains(languageModelWeight) && Self.lawfulBonuses.contains(wordBonus)
            && [unknownWordPenalty, unknownLetterPenalty].allSatisfy((-1000.0...0).contains) && spoken.isLawful
            && confidence?.isLawful != false
    }
}

extension DecodingWeights {
    /// Where the weights of a language model are kept: beside it, `.json` after its name.
    public static func path(beside languageModel: String) -> String { languageModel + ".json" }

    /// The weights that are kept beside a language model; nil where there are none.
    /// - Throws: ``DecodingError`` where the file is there and cannot be used.
    public static func stored(beside languageModel: String) throws(DecodingError) -> DecodingWeights? {
        let path = path(beside: languageModel)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        func malformed(_ reason: String) -> DecodingError {
            .malformed(path: path, reason: reason, mend: "run \"utter lm tune\" again, or delete it")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw malformed("it cannot be read")
        }
        guard let weights = try? JSONDecoder().decode(DecodingWeights.self, from: data) else {
            throw malformed("it is no JSON object with the numbers lm_weight and word_bonus")
        }
        guard weights.isLawful else { throw malformed("a weight in it is out of all reason") }
        return weights
    }
}
