/// What a check of data found.
public struct CheckReport: Sendable, Encodable {
    /// A character that texts hold and the vocabulary does not.
    public struct UnknownCharacter: Sendable, Codable, Equatable {
        /// The character.
        public let character: String
        /// Its code points, such as `U+00E9`.
        public let codePoints: String
        /// How often it stands in the texts.
        public let count: Int
        /// `file:line` of the first.
        public let first: String
    }

    /// The rows of all manifests, and their lines that are none.
    public let rows: Int
    /// Those that are bad.
    public let badRows: Int
    /// The share of bad rows that is allowed.
    public let maxBad: Double
    /// Seconds of audio that could be read.
    public let seconds: Double
    /// The number of speakers that are named.
    public let speakers: Int
    /// The number of rows at each sample rate (hertz).
    public let sampleRates: [Int: Int]
    /// The characters of all texts, in the order of their code points.
    public let characters: String
    /// The name of the vocabulary that texts were held against; nil where there was none.
    public let vocabulary: String?
    /// What is outside it, most frequent first.
    public let unknownCharacters: [UnknownCharacter]
    /// Rows whose text was not in one form (NFC, single spaces); it was read as if it were.
    public let normalisedTexts: Int
    /// What is wrong, in the order of ``FindingKind``.
    public let findings: [Finding]

    /// The share of rows that are bad.
    public var badShare: Double { Double(badRows) / Double(max(1, rows)) }
    /// Whether the data can be used.
    public var isUsable: Bool { rows > badRows && badShare <= maxBad }

    enum CodingKeys: String, CodingKey {
        case rows, seconds, speakers, characters, vocabulary, findings, usable
        case badRows = "bad_rows"
        case badShare = "bad_share"
        case maxBad = "max_bad"
        case sampleRates = "sample_rates"
        case unknownCharacters = "unknown_characters"
        case normalisedTexts = "normalised_texts"
    }

    /// Encodes the report with its verdict.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rows, forKey: .rows)
        try container.encode(badRows, forKey: .badRows)
        try container.encode(badShare, forKey: .badShare)
        try container.encode(maxBad, forKey: .maxBad)
        try container.encode(isUsable, forKey: .usable)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(speakers, forKey: .speakers)
        try container.encode(
            Dictionary(uniqueKeysWithValues: sampleRates.map { ("\($0)", $1) }), forKey: .sampleRates)
        try container.encode(characters, forKey: .characters)
        try container.encode(vocabulary, forKey: .vocabulary)
        try container.encode(unknownCharacters, forKey: .unknownCharacters)
        try container.encode(normalisedTexts, forKey: .normalisedTexts)
        try container.encode(findings, forKey: .findings)
    }
}
