import CTC

/// From texts to classes: one for each character, for each word, or for each phone.
public struct Speller: Sendable {
    private let classes: [Character: Int]
    private let words: [String: Int]?
    /// Phones by their names, the boundary of words among them; nil where classes are no phones.
    private let phones: [String: Int]?
    /// Words of the longest phrase that is a class of its own.
    private let longest: Int

    /// Takes the symbols of a model that are characters, without the blank.
    public init(_ vocabulary: Vocabulary) {
        let others = vocabulary.symbols.enumerated().filter { $0.offset != vocabulary.blank }
        words =
            vocabulary.isOfWords
            ? Dictionary(others.map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first }) : nil
        phones =
            vocabulary.unit == .phone
            ? Dictionary(others.map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first }) : nil
        longest = others.map { $0.element.split(separator: " ").count }.max() ?? 1
        classes = Dictionary(
            vocabulary.symbols.enumerated().compactMap { index, symbol in
                index != vocabulary.blank && symbol.count == 1 ? symbol.first.map { ($0, index) } : nil
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The characters that have a class.
    public var characters: Set<Character> { Set(classes.keys) }

    /// The class of a character; nil where it has none.
    public func label(of character: Character) -> Int? { classes[character] }

    /// The classes that spell a text; nil where a character has none. A text of phones is `HH-AH-L-OW W-ER-L-D`.
    public func labels(of text: String) -> [Int]? {
        if let phones { return Self.phoneLabels(of: text, phones) }
        guard words == nil else { return wordLabels(of: text) }
        var labels: [Int] = []
        labels.reserveCapacity(text.utf8.count)
        for character in text {
            guard let label = classes[character] else { return nil }
            labels.append(label)
        }
        return labels
    }

    private static func phoneLabels(of text: String, _ phones: [String: Int]) -> [Int]? {
        var labels: [Int] = []
        for word in text.split(separator: " ") {
            if !labels.isEmpty {
                guard let boundary = phones[" "] else { return nil }
                labels.append(boundary)
            }
            for phone in word.split(separator: Vocabulary.phoneSeparator) {
                guard let label = phones[String(phone)] else { return nil }
                labels.append(label)
            }
        }
        return labels
    }

    /// Word by word, the longest phrase that is a class first.
    private func wordLabels(of text: String) -> [Int]? {
        var left = text.split(separator: " ")[...]
        var labels: [Int] = []
        while !left.isEmpty {
            let lengths = stride(from: min(longest, left.count), through: 1, by: -1)
            guard
                let found = lengths.lazy.compactMap({ count in
                    words?[left.prefix(count).joined(separator: " ")].map { (label: $0, count: count) }
                }).first
            else { return nil }
            labels.append(found.label)
            left = left.dropFirst(found.count)
        }
        return labels
    }

    /// What has no class: characters, or words.
    public func unknown(in text: String) -> [String] {
        if let phones {
            return text.split { $0 == " " || $0 == Vocabulary.phoneSeparator }.map(String.init)
                .filter { phones[$0] == nil }
        }
        guard let words else { return text.filter { classes[$0] == nil }.map { String($0) } }
        return labels(of: text) == nil
            ? text.split(separator: " ").map(String.init).filter { words[$0] == nil } : []
    }
}
