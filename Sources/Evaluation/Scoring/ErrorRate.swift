import Corpora

/// Edits between references and hypotheses, counted; sums over a corpus by `+=`.
///
/// rate = (S + D + I) / N, where N = H + S + D is the length of the references. It may be above 1.
public struct EditCounts: Sendable, Equatable {
    /// Tokens that are right.
    public var hits = 0
    /// One token for another.
    public var substitutions = 0
    /// Tokens left out.
    public var deletions = 0
    /// Tokens put in.
    public var insertions = 0

    /// None yet.
    public init() {}

    /// Counts the steps of an alignment.
    public init<Token>(_ alignment: Alignment<Token>) {
        for step in alignment.steps {
            switch step {
            case .hit: hits += 1
            case .substitution: substitutions += 1
            case .deletion: deletions += 1
            case .insertion: insertions += 1
            }
        }
    }

    /// S + D + I.
    public var errors: Int { substitutions + deletions + insertions }
    /// H + S + D, the tokens of the references.
    public var referenceLength: Int { hits + substitutions + deletions }
    /// Errors over the length of the references; nil where they have no token.
    public var rate: Double? { referenceLength == 0 ? nil : Double(errors) / Double(referenceLength) }

    /// Adds the counts of another pair.
    public static func += (total: inout EditCounts, other: EditCounts) {
        total.hits += other.hits
        total.substitutions += other.substitutions
        total.deletions += other.deletions
        total.insertions += other.insertions
    }
}

extension EditCounts: Encodable {
    enum CodingKeys: String, CodingKey {
        case rate, errors, hits, substitutions, deletions, insertions
        case referenceLength = "reference_length"
    }

    /// Encodes the counts and the rate.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rate, forKey: .rate)
        try container.encode(errors, forKey: .errors)
        try container.encode(referenceLength, forKey: .referenceLength)
        try container.encode(hits, forKey: .hits)
        try container.encode(substitutions, forKey: .substitutions)
        try container.encode(deletions, forKey: .deletions)
        try container.encode(insertions, forKey: .insertions)
    }
}

/// Word and character errors of a pair of texts, or of a corpus of them.
///
/// ```swift
/// let pair = ErrorRate(reference: "the cat sat", hypothesis: "the bat sat")
/// print(pair.words.rate ?? 0, pair.characters.rate ?? 0)  // 0.333..., 0.0909...
/// ```
///
/// Texts are put into one form first (``ManifestEntry/normalised(_:)``); nothing else is forgiven, neither case nor
/// punctuation. Characters are Unicode code points, the spaces between words among them.
public struct ErrorRate: Sendable, Equatable, Encodable {
    /// Edits of words: their rate is the WER.
    public var words = EditCounts()
    /// Edits of characters: their rate is the CER.
    public var characters = EditCounts()

    /// None yet.
    public init() {}

    /// Counts the edits of one pair.
    public init(reference: String, hypothesis: String) {
        self.init(Self.words(of: reference), Self.words(of: hypothesis))
    }

    init(_ reference: [String], _ hypothesis: [String]) {
        words = EditCounts(Alignment(reference: reference, hypothesis: hypothesis))
        characters = EditCounts(
            Alignment(
                reference: Array(reference.joined(separator: " ").unicodeScalars),
                hypothesis: Array(hypothesis.joined(separator: " ").unicodeScalars)))
    }

    /// Adds the edits of another pair.
    public static func += (total: inout ErrorRate, other: ErrorRate) {
        total.words += other.words
        total.characters += other.characters
    }

    /// The words of a text in one form.
    public static func words(of text: String) -> [String] {
        ManifestEntry.normalised(text).split(separator: " ").map(String.init)
    }
}
