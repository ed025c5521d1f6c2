import CTC
import Messages
import Text

/// A grammar whose words are heard by their phones: each by all of its pronunciations.
///
/// ```swift
/// let grammar = try SpokenGrammar(path: "commands.jsgf", vocabulary: model.vocabulary, columns: model.posteriorColumns,
///     ngram: model.ngram) { word in lexicon.pronounce(word) ... }
/// ```
public struct SpokenGrammar: Sendable {
    /// A way to say a word: the symbols of its phones, and ln of how probable it is.
    public typealias Spoken = (symbols: [String], logProbability: Float)

    /// The classes of the head of phones.
    public let vocabulary: Vocabulary
    /// Columns of the posteriors; those of the phones come first.
    public let columns: Int
    /// The n-gram that the head's scores leave out; nil where they stand by themselves.
    let ngram: LabelNGram?
    /// The class of the boundary between words.
    let space: Int
    /// The phones as an alphabet: a character for each.
    let alphabet: Alphabet
    /// What may be said, in that alphabet.
    let spoken: Grammar
    /// What may be said, in letters.
    private let typed: Grammar
    private let letters: Alphabet
    /// The words that are said so, in letters.
    private let words: [[CharacterCode]: [[CharacterCode]]]

    /// Reads a grammar from a file.
    /// - Throws: as ``init(text:name:vocabulary:columns:ngram:pronounce:)``, or `FileError` where the file cannot be read.
    public init(
        path: String, vocabulary: Vocabulary, columns: Int, ngram: LabelNGram?, pronounce: (String) -> [Spoken]
    ) throws {
        try self.init(
            text: Grammar.text(path: path), name: path, vocabulary: vocabulary, columns: columns, ngram: ngram,
            pronounce: pronounce)
    }

    /// Reads a grammar from text, phrases or JSGF (see ``Grammar``).
    /// - Parameters:
    ///   - vocabulary: the blank, a space as the boundary of words, and phones.
    ///   - pronounce: how a word is said; none where that is not known.
    /// - Throws: ``DecodingError``, also where a word has no pronunciation in phones of the vocabulary.
    public init(
        text: String, name: String = "grammar", vocabulary: Vocabulary, columns: Int, ngram: LabelNGram?,
        pronounce: (String) -> [Spoken]
    ) throws(DecodingError) {
        guard let space = vocabulary.symbols.firstIndex(of: " "), space != vocabulary.blank else {
            throw .malformed(
                path: name, reason: "the acoustic model has no class for the boundary of words",
                mend: "train it with a space between the pronunciations of words")
        }
        (self.vocabulary, self.columns, self.ngram, self.space) = (vocabulary, columns, ngram, space)
        let letters = Alphabet(Self.letters(of: text) { !pronounce($0).isEmpty })
        let alphabet = Alphabet(Self.characters(for: vocabulary))
        let typed = try Grammar(text: text, name: name, alphabet: letters)
        (self.letters, self.alphabet, self.typed) = (letters, alphabet, typed)

        var codes: [String: CharacterCode] = [:]
        for (label, symbol) in vocabulary.symbols.enumerated() where label != vocabulary.blank && label != space {
            codes[symbol] = alphabet.characters(of: label).first
        }
        var known: [[CharacterCode]: [(characters: [CharacterCode], weight: Float)]] = [:]
        var words: [[CharacterCode]: [[CharacterCode]]] = [:]
        var unknown: [String] = []
        let network = typed.network.spelled { word in
            if let found = known[word] { return found }
            let text = letters.text(of: word)
            let found = pronounce(text).compactMap { spoken -> (characters: [CharacterCode], weight: Float)? in
                let characters = spoken.symbols.compactMap { codes[$0] }
                guard !characters.isEmpty, characters.count == spoken.symbols.count else { return nil }
                return (characters, min(0, spoken.logProbability))
            }
            if found.isEmpty { unknown.append(text) }
            for spoken in found { words[spoken.characters, default: []].append(word) }
            known[word] = found
            return found
        }
        guard unknown.isEmpty else {
            let listed = unknown.sorted().prefix(8).map { OneLine.quoted($0, limit: 40) }.joined(separator: ", ")
            throw .malformed(
                path: name, reason: "no pronunciation can be guessed for \(listed)",
                mend: "write what is spoken in words, without figures and signs")
        }
        guard let network else {
            throw .malformed(
                path: name, reason: "it is too large with the pronunciations of its words",
                mend: "rules are copied where they are referred to: refer to the large ones less often")
        }
        spoken = Grammar(network, width: alphabet.characters.count)
        self.words = words
    }

    /// What words may be written with: those letters of the grammar's own text, in lower case, that can be said.
    private static func letters(of text: String, canBeSaid: (String) -> Bool) -> Vocabulary {
        var letters: Set<String> = []
        for scalar in text.unicodeScalars where TypedCharacter(scalar) == .spoken {
            for small in scalar.properties.lowercaseMapping.unicodeScalars { letters.insert(String(small)) }
        }
        return Vocabulary(symbols: ["<blank>", " ", "'"] + letters.filter(canBeSaid).sorted())
    }

    /// The same classes with a character of Unicode's private use for each phone.
    private static func characters(for vocabulary: Vocabulary) -> Vocabulary {
        let symbols = vocabulary.symbols.enumerated().map { label, symbol in
            label == vocabulary.blank || symbol == " "
                ? symbol : Unicode.Scalar(UInt32(0xE000 + label)).map { String($0) } ?? symbol
        }
        return Vocabulary(symbols: symbols, blank: vocabulary.blank)
    }

    /// The words that labels of phones and boundaries may be, by the grammar: of those that sound alike the likeliest. Ends where
    /// no word is said so.
    func words(of labels: [Int]) -> [SpokenWord] {
        let chunks = labels.split(separator: space).map { Array($0) }
        let scorer = typed.makeScorer()
        var ways: [(state: ScorerState, score: Float, words: [[CharacterCode]])] = [(scorer.start(), 0, [])]
        for chunk in chunks {
            var next: [(state: ScorerState, score: Float, words: [[CharacterCode]])] = []
            let characters = chunk.flatMap { alphabet.characters(of: $0) }
            for way in ways {
                for word in words[characters] ?? [] {
                    var step = ScorerStep(way.state, way.score)
                    for character in word + [Alphabet.space] where step.score > -.infinity {
                        let after = scorer.extend(step.state, by: character)
                        step = ScorerStep(after.state, step.score + after.score)
                    }
                    if step.score > -.infinity { next.append((step.state, step.score, way.words + [word])) }
                }
            }
            if next.isEmpty { break }
            next.sort { $0.score > $1.score }
            ways = Array(next.prefix(64))
        }
        // Where all words were found, the text should be able to end after them.
        let best = ways.max { $0.score + scorer.finish($0.state) < $1.score + scorer.finish($1.state) }
        return zip(best?.words ?? [], chunks).map { SpokenWord(text: letters.text(of: $0), labels: $1) }
    }
}
