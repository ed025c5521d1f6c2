import CTC

/// What the classes of a model's output are, and how its steps become a text: a ``Head`` by its name in files.
public enum HeadKind: String, Sendable, CaseIterable {
    /// CTC over characters: a class for each, and the blank.
    case characters = "ctc-characters"
    /// CTC over words or phrases: a class for each, and the blank.
    case words = "ctc-words"
    /// CTC over phones: a class for each, one for the boundary of words, and the blank. A head of characters may stand beside
    /// it (see ``CharacterHead``).
    case phones = "ctc-phones"
    /// One label for a whole recording: a class for each, and one for whatever is none of them. See ``PooledScores``.
    case classifier
    /// The same, where each label is spelled in the characters of the classes. See ``PhraseScores``.
    case phrases

    /// Whether a recording has one label as a whole, or none.
    public var labelsRecordings: Bool { self == .classifier || self == .phrases }

    /// Whether the classes are words or labels, not characters.
    public var isOfWords: Bool { self == .words || self == .classifier }

    /// What a symbol of the classes is.
    public var unit: Vocabulary.Unit {
        switch self {
        case .characters, .phrases: .character
        case .words, .classifier: .word
        case .phones: .phone
        }
    }

    /// Rows of the head's last layer: a classifier has one more than classes, the weight of a step.
    public func outputs(classes: Int) -> Int { self == .classifier ? classes + 1 : classes }
}
