/// A word that a search over phones found.
public struct SpokenWord: Sendable, Equatable {
    /// The word, as it is written.
    public var text: String
    /// The classes of the phones by which it was heard, one at least.
    public let labels: [Int]
    /// False where it has no pronunciation, and was spelled by the sounds of its letters.
    public let isKnown: Bool

    /// Takes a word and how it was said.
    public init(text: String, labels: [Int], isKnown: Bool = true) {
        (self.text, self.labels, self.isKnown) = (text, labels, isKnown)
    }
}
