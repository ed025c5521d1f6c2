import CTC
import Text

/// A character that a scorer reads, by its number in an ``Alphabet``; 0 is the space, which ends a word.
public typealias CharacterCode = Int32

/// The characters that the classes of a CTC head spell, numbered.
///
/// What steers a search reads text by characters, whatever the classes are: letters, syllables, pieces of words, even
/// pieces with spaces in them. Here a class becomes the characters of its symbol. Characters are Unicode scalars.
public struct Alphabet: Sendable {
    /// The code of the space.
    public static let space: CharacterCode = 0

    /// The classes.
    public let vocabulary: Vocabulary
    /// The characters by code; the first is the space, also where no class spells it.
    public let characters: [Unicode.Scalar]
    private let codes: [Unicode.Scalar: CharacterCode]
    /// The characters of class c are those from `starts[c]` to before `starts[c + 1]`; the blank has none.
    private let starts: [Int]
    private let spelling: [CharacterCode]

    /// Numbers the characters of a vocabulary in the order in which its classes spell them.
    public init(_ vocabulary: Vocabulary) {
        var characters: [Unicode.Scalar] = [" "]
        var codes: [Unicode.Scalar: CharacterCode] = [" ": Self.space]
        var starts = [0]
        var spelling: [CharacterCode] = []
        for (label, symbol) in vocabulary.symbols.enumerated() {
            for scalar in label == vocabulary.blank ? "".unicodeScalars : symbol.unicodeScalars {
                let code = codes[scalar] ?? CharacterCode(characters.count)
                if codes[scalar] == nil {
                    codes[scalar] = code
                    characters.append(scalar)
                }
                spelling.append(code)
            }
            starts.append(spelling.count)
        }
        self.vocabulary = vocabulary
        (self.characters, self.codes, self.starts, self.spelling) = (characters, codes, starts, spelling)
    }

    /// The characters that a class spells; none for the blank.
    public func characters(of label: Int) -> ArraySlice<CharacterCode> { spelling[starts[label]..<starts[label + 1]] }

    /// The codes of a word as it is written; nil where a character is in no symbol, or is a space.
    func codes(ofWord word: String) -> [CharacterCode]? {
        var result: [CharacterCode] = []
        for scalar in word.unicodeScalars {
            guard let code = codes[scalar], code != Self.space else { return nil }
            result.append(code)
        }
        return result.isEmpty ? nil : result
    }

    /// A character that no class spells, in neither case.
    struct Unspellable: Error {
        let character: Unicode.Scalar
        /// The number of scalars before it.
        let offset: Int
    }

    /// The words of a text that a person typed: a letter that is known only in its other case, or without its accent, becomes that;
    /// hyphens, apostrophes and punctuation that no class spells are what ``TypedCharacter`` says.
    /// - Throws: ``Unspellable``, at the first character that cannot be recognised at all.
    func words(ofTyped text: String) throws(Unspellable) -> [[CharacterCode]] {
        var words: [[CharacterCode]] = []
        var isInside = false
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            let kind = TypedCharacter(scalar)
            if kind == .invisible { continue }
            if kind == .space {
                isInside = false
                continue
            }
            let properties = scalar.properties
            let forms =
                [[scalar]]
                + [properties.lowercaseMapping, properties.uppercaseMapping].map(\.unicodeScalars).map(Array.init)
                + (kind == .spoken ? [scalar.plainLetters] : [])
            let spellings = forms.compactMap { form -> [CharacterCode]? in
                let found = form.compactMap { codes[$0] }
                return found.count == form.count && !found.isEmpty ? found : nil
            }
            guard let spelt = spellings.first ?? spoken(kind) else {
                throw Unspellable(character: scalar, offset: offset)
            }
            if spelt.isEmpty {
                if kind == .separator { isInside = false }
                continue
            }
            if !isInside { words.append([]) }
            isInside = true
            words[words.count - 1] += spelt
        }
        return words.map(withoutQuotationMarks).filter { !$0.isEmpty }
    }

    /// A word without apostrophes at both of its ends, which are quotation marks.
    private func withoutQuotationMarks(_ word: [CharacterCode]) -> [CharacterCode] {
        guard let mark = codes["'"], word.first == mark, word.last == mark else { return word }
        return Array(word.drop { $0 == mark }.reversed().drop { $0 == mark }.reversed())
    }

    /// What is spoken of a mark that no class spells; nil where it is more than a mark.
    private func spoken(_ kind: TypedCharacter) -> [CharacterCode]? {
        switch kind {
        case .apostrophe: codes["'"].map { [$0] } ?? []
        case .silent, .separator: []
        default: nil
        }
    }

    /// The text of codes.
    public func text(of codes: some Sequence<CharacterCode>) -> String {
        var text = ""
        for code in codes { text.unicodeScalars.append(characters[Int(code)]) }
        return text
    }
}
