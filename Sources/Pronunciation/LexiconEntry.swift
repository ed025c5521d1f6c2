import Foundation

/// A word and its pronunciations, the most probable first.
public struct LexiconEntry: Sendable, Hashable {
    /// The word, in Unicode's composed form (NFC).
    public var word: String
    /// At least one.
    public var pronunciations: [Pronunciation]

    /// An entry.
    public init(word: String, pronunciations: [Pronunciation]) {
        self.word = word.precomposedStringWithCanonicalMapping
        self.pronunciations = pronunciations
    }

    /// Adds up equal pronunciations, lets the probabilities sum up to 1, and sorts.
    mutating func normalize() {
        var merged: [Pronunciation] = []
        for pronunciation in pronunciations {
            if let same = merged.firstIndex(where: { $0.phones == pronunciation.phones }) {
                merged[same].probability += pronunciation.probability
            } else {
                merged.append(pronunciation)
            }
        }
        let sum = merged.reduce(0) { $0 + $1.probability }
        if sum > 0, sum.isFinite { for index in merged.indices { merged[index].probability /= sum } }
        // Sorting by a number alone is not stable: those alike stay in their order.
        pronunciations = merged.enumerated().sorted {
            $0.element.probability != $1.element.probability
                ? $0.element.probability > $1.element.probability : $0.offset < $1.offset
        }.map(\.element)
    }
}
