/// An n-gram model in memory, read from an ARPA file or estimated from text.
///
///     let model = try NGramModel(arpa: "model.arpa")
///     let first = model.score("good", after: model.beginState)
///     let second = model.score("morning", after: first.state)
///
/// It takes 16 bytes for each n-gram. ``CompactModel`` takes less and opens at once.
public final class NGramModel: LanguageModelQuery, Sendable {
    /// N-grams of more words than this are not supported: a state has a fixed size.
    public static let highestOrder = 9

    let words: SortedWords
    let trie: Trie

    init(words: SortedWords, trie: Trie) {
        self.words = words
        self.trie = trie
    }

    /// The length of the longest n-grams.
    public var order: Int { trie.order }
    /// How many words there are, `<unk>`, `<s>` and `</s>` included.
    public var vocabularySize: Int { words.count }
    /// How many n-grams of 1, 2, ... words there are.
    public var counts: [Int] { (0..<order).map(trie.count) }
    /// The state before a sentence whose beginning is not known.
    public var emptyState: LanguageModelState { LanguageModelState() }
    /// The state after `<s>`.
    public var beginState: LanguageModelState { score(SortedWords.begin, after: emptyState).state }

    /// The number of a word, 0 where it is not in the vocabulary.
    public func id(of word: String) -> WordID {
        var word = word
        return word.withUTF8 { words.id(of: UnsafeRawBufferPointer($0)) }
    }

    /// Looks words up by their hashes.
    public func makeFinder() -> (UnsafeRawBufferPointer) -> WordID { { [words] in words.id(of: $0) } }

    /// The word of a number.
    public func word(_ id: WordID) -> String { String(decoding: words.word(id), as: UTF8.self) }

    /// The probability of a word after a state.
    public func score(_ word: WordID, after state: LanguageModelState) -> WordScore { trie.scored(word, after: state) }
}
