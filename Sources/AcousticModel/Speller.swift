import CTC

/// From texts to classes: one for each character.
public struct Speller: Sendable {
    private let classes: [Character: Int]

    /// Takes the symbols of a model that are characters, without the blank.
    public init(_ vocabulary: Vocabulary) {
        classes = Dictionary(
            vocabulary.symbols.enumerated().compactMap { index, symbol in
                index != vocabulary.blank && symbol.count == 1 ? symbol.first.map { ($0, index) } : nil
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The characters that have a class.
    public var characters: Set<Character> { Set(classes.keys) }

    /// The class of a character; nil where it has none.
    public func label(of character: Character) -> Int? { classes[character] }

    /// The classes that spell a text; nil where a character has none.
    public func labels(of text: String) -> [Int]? {
        var labels: [Int] = []
        labels.reserveCapacity(text.utf8.count)
        for character in text {
            guard let label = classes[character] else { return nil }
            labels.append(label)
        }
        return labels
    }

    /// The characters that have no class.
    public func unknown(in text: String) -> [Character] { text.filter { classes[$0] == nil } }
}
