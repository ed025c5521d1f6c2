/// What counts in a search over phones beside the language model and the bonus of a word (``DecodingWeights``), in nats.
public struct PronunciationWeights: Codable, Sendable, Equatable {
    /// Added where a word follows another with no boundary heard between them.
    public var joinedWords = -3.0
    /// Multiplies ln of how probable a pronunciation is where its word is said.
    public var pronunciation = 1.0
    /// Added for each step at which a blank is taken: a model that is sure of blanks gives too little to short phones.
    public var blank = 0.0
    /// Added for a word that has no pronunciation, beside what the language model says of `<unk>`.
    public var unknownWord = -6.0
    /// Added for each phone of such a word.
    public var unknownPhone = -2.5

    enum CodingKeys: String, CodingKey {
        case joinedWords = "joined_words"
        case pronunciation, blank
        case unknownWord = "unknown_word"
        case unknownPhone = "unknown_phone"
    }

    /// The defaults.
    public init() {}

    /// Fields that are absent have their defaults.
    public init(from decoder: any Swift.Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let usual = PronunciationWeights()
        joinedWords = try fields.decodeIfPresent(Double.self, forKey: .joinedWords) ?? usual.joinedWords
        pronunciation = try fields.decodeIfPresent(Double.self, forKey: .pronunciation) ?? usual.pronunciation
        blank = try fields.decodeIfPresent(Double.self, forKey: .blank) ?? usual.blank
        unknownWord = try fields.decodeIfPresent(Double.self, forKey: .unknownWord) ?? usual.unknownWord
        unknownPhone = try fields.decodeIfPresent(Double.self, forKey: .unknownPhone) ?? usual.unknownPhone
    }

    /// Whether every value lies where it may.
    public var isLawful: Bool {
        let penalties = [joinedWords, unknownWord, unknownPhone]
        return penalties.allSatisfy { (-1000.0...0).contains($0) } && (0...100).contains(pronunciation)
            && (-100.0...100).contains(blank)
    }
}
