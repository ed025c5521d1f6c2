/// The number of a word in a model's vocabulary: 0 is `<unk>`, 1 is `<s>`, 2 is `</s>`, and the others follow in an order
/// that depends on the words alone.
public typealias WordID = UInt32

/// What an n-gram model remembers of the words before the next one: no more of them than can still matter, so that two
/// histories that predict the same are equal.
public struct LanguageModelState: Hashable, Sendable {
    /// The last words, the nearest first; zeros after `count`.
    var words = SIMD8<UInt32>()
    /// The log10 back-off weights of the contexts of 1, 2, ... words.
    var backOffs = SIMD8<Float>()
    /// How many words are remembered.
    public internal(set) var count = 0

    init() {}

    /// States are equal where they remember the same words: the weights follow from them.
    public static func == (a: Self, b: Self) -> Bool { a.count == b.count && a.words == b.words }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        hasher.combine(words)
    }
}

/// What a model says of one word.
public struct WordScore: Sendable {
    /// log10 of the word's probability after the words before it.
    public let log10: Float
    /// The state after the word.
    public let state: LanguageModelState
    /// The length of the longest n-gram of the model that ends in this word and fits the words before it.
    public let length: Int
}

/// The probability of a text.
public struct TextScore: Sendable, Equatable {
    /// The sum of log10 probabilities.
    public var log10 = 0.0
    /// The part of `log10` that stems from unknown words.
    public var unknownLog10 = 0.0
    /// How many words were scored, `</s>` included where it was asked for.
    public var words = 0
    /// How many sentences.
    public var sentences = 0
    /// How many of the words are not in the vocabulary.
    public var unknownWords = 0
    /// How many words were found with an n-gram of 1, 2, ... words.
    public var lengths: [Int] = []

    /// No words yet.
    public init() {}

    /// 10^(-log10 / words); not a number where there are no words.
    public var perplexity: Double { words == 0 ? .nan : exponential(-log10 / Double(words)) }
    /// The perplexity of the known words alone, in their contexts; unknown ones do count as contexts.
    public var perplexityWithoutUnknown: Double {
        words == unknownWords ? .nan : exponential(-(log10 - unknownLog10) / Double(words - unknownWords))
    }

    /// Adds the score of another text.
    public mutating func add(_ other: TextScore) {
        log10 += other.log10
        unknownLog10 += other.unknownLog10
        words += other.words
        unknownWords += other.unknownWords
        sentences += other.sentences
        if lengths.count < other.lengths.count {
            lengths += [Int](repeating: 0, count: other.lengths.count - lengths.count)
        }
        for (index, count) in other.lengths.enumerated() { lengths[index] += count }
    }
}

/// A back-off n-gram model that can be asked for probabilities (Katz 1987):
///
///     p(w | h) = P(h w)               where the model holds the n-gram h w
///                B(h) p(w | h')       elsewhere; h' is h without its first word, B(h) = 1 where h is not held
///
/// All values are log10, as on disk in ARPA files. A word that is not in the vocabulary is scored as `<unk>`; a model
/// without `<unk>` gives it 10^-100, as KenLM does.
public protocol LanguageModelQuery: Sendable {
    /// The length of the longest n-grams.
    var order: Int { get }
    /// How many words there are, `<unk>`, `<s>` and `</s>` included.
    var vocabularySize: Int { get }
    /// The state before a sentence whose beginning is not known.
    var emptyState: LanguageModelState { get }
    /// The state after `<s>`.
    var beginState: LanguageModelState { get }
    /// The number of a word, 0 where it is not in the vocabulary. Words are compared byte by byte.
    func id(of word: String) -> WordID
    /// Finds the numbers of many words, given by their UTF-8 bytes, faster than ``id(of:)`` one by one: it may take a pass over
    /// the vocabulary first, and memory while the function lives.
    func makeFinder() -> (UnsafeRawBufferPointer) -> WordID
    /// The word of a number, `<unk>` for numbers that are none.
    func word(_ id: WordID) -> String
    /// log10 of the probability of a word with none before it.
    func unigram(_ word: WordID) -> Float
    /// The probability of a word after a state, in time that does not depend on the size of the model but for the depth
    /// of searches in sorted arrays.
    func score(_ word: WordID, after state: LanguageModelState) -> WordScore
}

extension LanguageModelQuery {
    /// Looks up each word by itself.
    public func makeFinder() -> (UnsafeRawBufferPointer) -> WordID { { id(of: String(decoding: $0, as: UTF8.self)) } }

    /// The score after ``emptyState``.
    public func unigram(_ word: WordID) -> Float { score(word, after: emptyState).log10 }

    /// The number of `<unk>`.
    public var unknownWord: WordID { SortedWords.unknown }
    /// The number of `</s>`.
    public var sentenceEnd: WordID { SortedWords.end }
    /// The numbers of all words but `<unk>`, `<s>` and `</s>`.
    public var ordinaryWords: Range<WordID> {
        let first = WordID(SortedWords.special.count)
        return first..<max(first, WordID(vocabularySize))
    }

    /// The probability of a word after a state.
    public func score(_ word: String, after state: LanguageModelState) -> WordScore {
        score(id(of: word), after: state)
    }

    /// The probability of a sentence, its words between spaces.
    /// - Parameters:
    ///   - begin: start after `<s>`.
    ///   - end: score `</s>` as well.
    public func score(sentence: String, begin: Bool = true, end: Bool = true) -> TextScore {
        let words = sentence.utf8.split { $0 == 32 || (9...13).contains($0) }
        return score(words: words.map { id(of: String(decoding: $0, as: UTF8.self)) }, begin: begin, end: end)
    }

    /// The probability of a sentence given as numbers of words.
    public func score(words: some Sequence<WordID>, begin: Bool = true, end: Bool = true) -> TextScore {
        var text = TextScore()
        text.sentences = 1
        text.lengths = [Int](repeating: 0, count: order)
        var state = begin ? beginState : emptyState
        func add(_ word: WordID) {
            let next = score(word, after: state)
            text.log10 += Double(next.log10)
            text.words += 1
            text.lengths[next.length - 1] += 1
            if word == SortedWords.unknown {
                text.unknownWords += 1
                text.unknownLog10 += Double(next.log10)
            }
            state = next.state
        }
        for word in words { add(word) }
        if end { add(SortedWords.end) }
        return text
    }
}
