/// How a model is estimated.
public struct EstimationOptions: Sendable {
    /// The length of the longest n-grams, 1 to ``NGramModel/highestOrder``.
    public var order = 3
    /// For n-grams of 1, 2, ... words: those that come at most so often in the text are left out. The last number holds
    /// for all longer n-grams too; the first must be 0, and none may be less than the one before. KenLM's `--prune`.
    public var pruning: [Int] = []
    /// Keep so many words, the most frequent ones; the others become `<unk>`. Nil keeps all.
    public var vocabularySize: Int?
    /// Whether the text is brought to lower case first.
    public var lowercases = false
    /// Whether what is spoken of the text counts: no punctuation, hyphens as spaces, one form of the apostrophe. Otherwise
    /// words are what stands between spaces.
    public var isSpoken = false
    /// What n-grams are made of. Of characters, one space between words is one too (see ``CharacterUnit``).
    public var unit = TextUnit.word

    /// Order 3, nothing pruned, all words as given.
    public init() {}

    /// - Throws: ``LanguageModelError/badSetting(name:value:mend:)``.
    public func validate() throws {
        guard (1...NGramModel.highestOrder).contains(order) else {
            throw LanguageModelError.badSetting(
                name: "the order", value: "\(order)", mend: "give 1 to \(NGramModel.highestOrder)")
        }
        let list = pruning.map(String.init).joined(separator: " ")
        guard pruning.count <= order else {
            throw LanguageModelError.badSetting(
                name: "pruning by", value: list, mend: "give at most \(order) numbers, one for each length of n-grams")
        }
        guard pruning.first ?? 0 == 0 else {
            throw LanguageModelError.badSetting(
                name: "pruning by", value: list, mend: "begin with 0, and limit words with the vocabulary's size")
        }
        guard zip(pruning, pruning.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw LanguageModelError.badSetting(
                name: "pruning by", value: list, mend: "give numbers that do not fall: a long n-gram needs its parts")
        }
        if let vocabularySize, vocabularySize < 1 {
            throw LanguageModelError.badSetting(
                name: "a vocabulary of", value: "\(vocabularySize) words", mend: "give 1 or more")
        }
    }

    /// The largest count of n-grams of `level` + 1 words that is left out.
    func threshold(_ level: Int) -> Int { level < pruning.count ? pruning[level] : pruning.last ?? 0 }
}

/// What a model takes apart a text into.
public enum TextUnit: Sendable {
    /// What stands between spaces.
    case word
    /// Unicode scalars; ``CharacterUnit/spaceMark`` stands for the space.
    case character
}

/// The discounts of one length of n-grams.
public struct Discounts: Sendable, Equatable {
    /// What is taken off counts of 1, 2, and 3 or more.
    public var amounts: [Double]
    /// Whether the text was too small or odd to compute them, and the usual ones stand in.
    public var isFallback: Bool
}

/// What an estimate was made of.
public struct EstimationReport: Sendable {
    /// Sentences in the text.
    public var sentences = 0
    /// Words in the text, without the bounds of sentences.
    public var words = 0
    /// The discounts for n-grams of 1, 2, ... words.
    public var discounts: [Discounts] = []
    /// How many n-grams of 1, 2, ... words were in the text, before any were left out.
    public var counts: [Int] = []

    /// An empty report.
    public init() {}
}
