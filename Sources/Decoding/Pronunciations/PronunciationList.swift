import Pronunciation

/// Words and how each is said, in the order of their pronunciations: what a search over phones is built from.
///
/// A phone is a number below 256 here. Pronunciation p consists of the phones from `starts[p]` to before `starts[p + 1]`, and
/// pronunciations are in ascending order of these bytes, compared as text is (a beginning before what goes on from it). Words
/// that sound alike stand side by side, each with a pronunciation of its own.
public struct PronunciationList: Sendable {
    /// The name of each phone, as the classes of an acoustic model are named: `AA`.
    public let symbols: [String]
    /// The phones of all pronunciations, one after the other.
    public let phones: [UInt8]
    /// Where each pronunciation begins in `phones`; one more at the end.
    public let starts: [UInt32]
    /// The word of each pronunciation.
    public let words: [UInt32]
    /// ln of how probable the pronunciation is, where the word is said.
    public let logProbabilities: [Float]
    /// Words are numbered from 0 to before this.
    public let wordCount: Int
    /// A word as it is written, by its number.
    public let text: @Sendable (Int) -> String
    /// Hands over the UTF-8 bytes of all words in the order of their numbers.
    let forEachWord: @Sendable ((UnsafeRawBufferPointer) -> Void) -> Void

    /// How many pronunciations there are.
    public var count: Int { words.count }

    /// Takes the parts of a list that is sorted already, as that of a compiled lexicon is.
    /// - Precondition: one start more than there are words, and as many probabilities as words. What is in them is checked where
    ///   a ``SpokenWords`` is made of the list.
    public init(
        symbols: [String], phones: [UInt8], starts: [UInt32], words: [UInt32], logProbabilities: [Float],
        wordCount: Int,
        text: @escaping @Sendable (Int) -> String
    ) {
        precondition(starts.count == words.count + 1 && logProbabilities.count == words.count)
        (self.symbols, self.phones, self.starts, self.words) = (symbols, phones, starts, words)
        (self.logProbabilities, self.wordCount, self.text) = (logProbabilities, wordCount, text)
        forEachWord = { body in
            for number in 0..<wordCount {
                var text = text(number)
                text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
            }
        }
    }

    /// The pronunciations of a compiled lexicon.
    /// - Throws: `PronunciationError` where it is damaged.
    public init(_ lexicon: PronunciationLexicon) throws {
        let sorted = try lexicon.sortedPronunciations()
        (symbols, phones, starts) = (lexicon.alphabet.symbols, sorted.phones, sorted.starts)
        (words, logProbabilities) = (sorted.words, sorted.logProbabilities)
        wordCount = lexicon.words.count
        text = { lexicon.words[$0] }
        forEachWord = { lexicon.words.forEachWord($0) }
    }

    /// Sorts pronunciations: for a few words, or where there is no compiled lexicon.
    /// - Parameters:
    ///   - symbols: the names of the phones.
    ///   - entries: a word, its phones by their numbers in `symbols`, and ln of the pronunciation's probability.
    public init(symbols: [String], entries: [(word: String, phones: [UInt8], logProbability: Float)]) {
        var numbers: [String: UInt32] = [:]
        var texts: [String] = []
        for entry in entries where numbers[entry.word] == nil {
            numbers[entry.word] = UInt32(texts.count)
            texts.append(entry.word)
        }
        let sorted = entries.enumerated().sorted { a, b in
            if a.element.phones != b.element.phones {
                return a.element.phones.lexicographicallyPrecedes(b.element.phones)
            }
            return a.offset < b.offset
        }
        var (phones, starts): ([UInt8], [UInt32]) = ([], [0])
        for (_, entry) in sorted {
            phones += entry.phones
            starts.append(UInt32(phones.count))
        }
        let written = texts
        self.init(
            symbols: symbols, phones: phones, starts: starts, words: sorted.map { numbers[$0.element.word] ?? 0 },
            logProbabilities: sorted.map(\.element.logProbability), wordCount: texts.count, text: { written[$0] })
    }
}
