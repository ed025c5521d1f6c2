/// A kind of thing that is wrong with rows of a manifest.
public enum FindingKind: String, Sendable, Codable, CaseIterable {
    // Bad: the row cannot be used, or should not be.
    case brokenLine = "broken line"
    case doesNotOpen = "does not open"
    case notFinite = "sample not finite"
    case damaged = "truncated or damaged"
    case silent = "silent, with a text"
    case unknownCharacters = "characters outside the vocabulary"
    case unpronounced = "word without a pronunciation"
    case tooShort = "too short for its text"
    case repeated = "recording named twice"
    case contradiction = "same sound, another text"
    case sharedSound = "same sound in train and dev"
    // Doubtful: worth a look.
    case clipped
    case narrow = "sample rate below the model's"
    case duration = "not as long as stated"
    case slow = "few characters a second"
    case fast = "many characters a second"
    case sameSound = "same sound, same text"
    case sharedSpeaker = "speaker in train and dev"
    // Notes: often meant to be so.
    case newCharacters = "characters that the model lacks"
    case emptyText = "no text"
    case sameText = "same text, same speaker"
    case sharedText = "text in train and dev"

    /// How much a kind matters.
    public enum Severity: String, Sendable, Codable, CaseIterable {
        /// The row cannot be used.
        case bad
        /// Worth a look.
        case doubtful
        /// Often meant to be so.
        case note
    }

    /// How much it matters.
    public var severity: Severity {
        switch self {
        case .brokenLine, .doesNotOpen, .notFinite, .damaged, .silent, .unknownCharacters, .unpronounced, .tooShort,
            .repeated,
            .contradiction, .sharedSound:
            .bad
        case .clipped, .narrow, .duration, .slow, .fast, .sameSound, .sharedSpeaker: .doubtful
        case .newCharacters, .emptyText, .sameText, .sharedText: .note
        }
    }
}

/// All rows with which one kind of thing is wrong.
public struct Finding: Sendable, Codable, Equatable {
    /// What is wrong.
    public let kind: FindingKind
    /// How much it matters.
    public let severity: FindingKind.Severity
    /// In how many rows.
    public let rows: Int
    /// The worst of them, worst first.
    public let worst: [Example]

    /// One row.
    public struct Example: Sendable, Codable, Equatable {
        /// `file:line`.
        public let place: String
        /// What is wrong with it.
        public let detail: String
    }
}

/// One thing that is wrong with one row.
struct Issue: Sendable {
    let kind: FindingKind
    /// The index of the row; nil for a line that is no row.
    let row: Int?
    let place: String
    let detail: String
    /// The higher, the worse among its kind.
    var weight = 0.0
}
