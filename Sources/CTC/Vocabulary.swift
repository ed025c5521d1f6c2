/// The symbols that the classes of a CTC head stand for.
public struct Vocabulary: Sendable, Equatable {
    /// What a symbol is.
    public enum Unit: Sendable {
        /// A character, or a piece of a word.
        case character
        /// A whole word or phrase.
        case word
        /// A phone, such as `AA`; the symbol of one space is the boundary of two words.
        case phone
    }

    /// What stands between the phones of a word in a text of phones: `HH-AH-L-OW W-ER-L-D`.
    public static let phoneSeparator: Character = "-"

    /// The symbol of each class.
    public let symbols: [String]
    /// The class of the CTC blank, which spells nothing.
    public let blank: Int
    /// What a symbol is.
    public let unit: Unit
    /// Whether a symbol is a whole word or phrase, not a character.
    public var isOfWords: Bool { unit == .word }

    /// Takes the symbol of each class.
    /// - Precondition: the blank is one of them.
    public init(symbols: [String], blank: Int = 0, unit: Unit = .character) {
        precondition(symbols.indices.contains(blank))
        self.unit = unit
        self.symbols = symbols
        self.blank = blank
    }

    /// Takes the symbol of each class, characters or words.
    /// - Precondition: the blank is one of them.
    public init(symbols: [String], blank: Int = 0, isOfWords: Bool) {
        self.init(symbols: symbols, blank: blank, unit: isOfWords ? .word : .character)
    }

    /// The text that labels spell, its words apart by single spaces; of phones, those of a word apart by hyphens.
    public func text(of labels: some Sequence<Int>) -> String {
        let spoken = labels.filter { $0 != blank }
        guard unit != .phone else {
            return spoken.split { symbols[$0] == " " }
                .map { $0.map { symbols[$0] }.joined(separator: String(Self.phoneSeparator)) }
                .joined(separator: " ")
        }
        return spoken.map { symbols[$0] }.joined(separator: isOfWords ? " " : "")
            .split(separator: " ").joined(separator: " ")
    }
}
