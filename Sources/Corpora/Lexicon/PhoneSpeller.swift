import CTC
import VectorKernels

/// Where pronunciations come from: a lexicon, and what guesses those of words that it lacks.
package protocol PronunciationSource: Sendable {
    /// The symbols of the phones.
    var phones: [String] { get }
    /// How a word is said, the most probable first, each the numbers of its phones; none where that cannot be guessed.
    func pronunciations(of word: String, most: Int) -> [[UInt8]]
}

/// From texts to phones, for all texts of a training run: each of their words is looked up once.
///
/// Letters that are spelled one by one ("x a g n") have their names: `a` among them is not the article.
package struct PhoneSpeller: Sendable {
    /// The classes: blank, the boundary of words, phones.
    package let vocabulary: Vocabulary
    /// The labels of each word's pronunciations; words without one are missing. Spelled letters have a full stop behind them.
    private let known: [String: [[Int]]]
    private let boundary: Int?

    /// Pronunciations of a word that are told apart.
    static let most = 6

    /// The classes of a head of phones.
    package static func vocabulary(of source: any PronunciationSource) -> Vocabulary {
        Vocabulary(symbols: ["<blank>", " "] + source.phones, unit: .phone)
    }

    /// Looks up the words of texts.
    /// - Parameter vocabulary: of the head; a pronunciation with a phone that it lacks is left out.
    package init(_ source: any PronunciationSource, vocabulary: Vocabulary, texts: [String], threads: Int) {
        let labels = Dictionary(
            vocabulary.symbols.enumerated().filter { $0.offset != vocabulary.blank }.map { ($0.element, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        let labelOfPhone = source.phones.map { labels[$0] }
        let words = Set(texts.flatMap(Self.words)).sorted()
        let found = Parallel.map(words.count, threads: threads) { index in
            source.pronunciations(of: words[index], most: Self.most).compactMap { phones -> [Int]? in
                let labels = phones.compactMap { Int($0) < labelOfPhone.count ? labelOfPhone[Int($0)] : nil }
                return labels.count == phones.count && !labels.isEmpty ? labels : nil
            }
        }
        known = Dictionary(uniqueKeysWithValues: zip(words, found).filter { !$0.1.isEmpty })
        boundary = labels[" "]
        self.vocabulary = vocabulary
    }

    /// A text as it may be said.
    /// - Throws: `TextLines.Problem` where no pronunciation of a word can be guessed, naming it.
    package func spoken(_ text: String) throws(TextLines.Problem) -> SpokenText {
        var words: [[[Int]]] = []
        for word in Self.words(of: text) {
            guard let pronunciations = known[word] else {
                throw TextLines.Problem(
                    reason:
                        "no pronunciation can be guessed for '\(word.shortened)': add it to data.lexicon, or write it "
                        + "as it is said")
            }
            words.append(pronunciations)
        }
        return SpokenText(words: words, boundary: boundary)
    }

    /// The words of a text; letters that are spelled one by one with a full stop behind each.
    package static func words(of text: String) -> [String] {
        var words = text.split(separator: " ").map(String.init)
        var start = 0
        while start < words.count {
            let run = words[start...].prefix { isLetter($0) }
            if run.count > 1, run.contains(where: { !lettersThatAreWords.contains($0.lowercased()) }) {
                for place in run.indices { words[place] += "." }
            }
            start = run.endIndex + 1
        }
        return words
    }

    private static func isLetter(_ word: String) -> Bool { word.count == 1 && word.first?.isLetter == true }

    /// Letters that stand beside each other in sentences too: "am i a fool".
    private static let lettersThatAreWords: Set<String> = ["a", "i", "o"]
}
