/// The symbols that the classes of a CTC head stand for.
public struct Vocabulary: Sendable, Equatable {
    /// The symbol of each class.
    public let symbols: [String]
    /// The class of the CTC blank, which spells nothing.
    public let blank: Int
    /// Whether a symbol is a whole word or phrase, not a character.
    public let isOfWords: Bool

    /// Takes the symbol of each class.
    /// - Precondition: the blank is one of them.
    public init(symbols: [String], blank: Int = 0, isOfWords: Bool = false) {
        precondition(symbols.indices.contains(blank))
        self.isOfWords = isOfWords
        self.symbols = symbols
        self.blank = blank
    }

    /// The text that labels spell, its words apart by single spaces.
    public func text(of labels: some Sequence<Int>) -> String {
        labels.filter { $0 != blank }.map { symbols[$0] }.joined(separator: isOfWords ? " " : "")
            .split(separator: " ").joined(separator: " ")
    }
}
