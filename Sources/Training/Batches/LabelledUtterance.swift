import Corpora

/// A recording and the labels that a network is to give to it.
public struct LabelledUtterance: Sendable, Equatable {
    /// The path at which the recording is opened.
    public let path: String
    /// The manifest and the line that name it.
    public let manifest: String, line: Int
    /// What is said.
    public let text: String
    /// The classes of the first head that spell the text; nil where a character has none, or a word no pronunciation.
    public let labels: [Int]?
    /// The classes of a second head, of characters; nil where there is none, or it cannot spell the text.
    public internal(set) var characters: [Int]?
    /// How the text may be said, where the first head's classes are phones.
    public internal(set) var spoken: SpokenText?
    /// Who says it.
    public let speaker: String?
    /// How long it is.
    public let seconds: Double

    /// The fewest steps in which its labels can be said, of either head.
    var shortest: Int { max(CTCLength.shortest(labels ?? []), CTCLength.shortest(characters ?? [])) }
}
