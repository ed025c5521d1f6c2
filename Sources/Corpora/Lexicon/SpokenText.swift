import CTC

/// A text as it may be said: the labels of each word's pronunciations, the most probable first.
public struct SpokenText: Sendable, Equatable {
    /// For each word its pronunciations, one at least; each the labels of its phones.
    public let words: [[[Int]]]
    /// The label between words; nil where the vocabulary has none.
    public let boundary: Int?

    /// Takes the pronunciations of each word.
    /// - Precondition: each word has one.
    public init(words: [[[Int]]], boundary: Int?) {
        precondition(words.allSatisfy { !$0.isEmpty })
        (self.words, self.boundary) = (words, boundary)
    }

    /// Whether a word may be said in more than one way.
    public var hasAlternatives: Bool { words.contains { $0.count > 1 } }

    /// The labels of the text with a pronunciation for each word.
    /// - Parameter choices: the number of each word's pronunciation; words beyond them have their first.
    public func labels(choosing choices: [UInt8] = []) -> [Int] {
        var labels: [Int] = []
        for (place, pronunciations) in words.enumerated() {
            if let boundary, place > 0 { labels.append(boundary) }
            let choice = place < choices.count ? Int(choices[place]) : 0
            labels += pronunciations[min(choice, pronunciations.count - 1)]
        }
        return labels
    }
}
