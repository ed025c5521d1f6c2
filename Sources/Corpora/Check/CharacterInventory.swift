import AcousticModel
import CTC
import Foundation

/// The characters that texts may be made of.
public struct CharacterInventory: Sendable {
    /// What the inventory is called in reports.
    public let name: String
    /// The characters, without the blank.
    public let characters: Set<Character>

    /// The symbols of a model.
    public init(_ vocabulary: Vocabulary, name: String) {
        self.name = name
        characters = Set(
            vocabulary.symbols.enumerated().filter { $0.offset != vocabulary.blank }
                .compactMap { $0.element.count == 1 ? $0.element.first : nil })
    }

    /// The characters of a string, composed (NFC), and the space.
    public init(_ characters: String) {
        name = "--vocabulary"
        self.characters = Set(characters.precomposed).union([" "])
    }

    /// The characters of a text that are not in the inventory, in the order in which they stand.
    public func unknown(in text: String) -> [Character] { text.filter { !characters.contains($0) } }
}

extension String {
    /// The text with accents composed, white space as it is.
    fileprivate var precomposed: String { precomposedStringWithCanonicalMapping }
}
