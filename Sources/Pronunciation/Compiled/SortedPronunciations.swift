/// All pronunciations of a lexicon in the order of their phones, in flat arrays, so that a tree of them is built in one
/// pass: each shares a beginning with the one before it, and nothing is to be sorted.
public struct SortedPronunciations: Sendable {
    /// The phones of all, one pronunciation after the other.
    public let phones: [UInt8]
    /// Where each pronunciation begins among the phones; one more at the end.
    public let starts: [UInt32]
    /// The number of the word of each (see ``PronunciationLexicon/words``).
    public let words: [UInt32]
    /// The natural logarithm of the probability of each, given its word.
    public let logProbabilities: [Float]

    /// How many pronunciations there are.
    public var count: Int { words.count }

    /// The phones of a pronunciation.
    public func phones(_ index: Int) -> ArraySlice<UInt8> { phones[Int(starts[index])..<Int(starts[index + 1])] }
}
