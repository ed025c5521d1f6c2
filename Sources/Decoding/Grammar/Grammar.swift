import Files
import LanguageModel

/// What may be said, and nothing else: a list of phrases, or rules.
///
/// What was said in a recording that fits none of it is told by ``fit(_:bestPath:labels:)``.
public struct Grammar: Sendable {
    let network: GrammarNetwork
    let width: Int

    /// Bytes of the largest file.
    private static let largest = 16 << 20

    /// Reads a grammar: JSGF where the file begins with `#JSGF`, else a list with a phrase a line, in which empty lines
    /// and lines that begin with `#` are passed over.
    /// - Parameters:
    ///   - path: the file, plain or compressed; `-` is standard input.
    ///   - alphabet: what the acoustic model can spell.
    /// - Throws: ``DecodingError`` with line and column, or `FileError` where the file cannot be read.
    public init(path: String, alphabet: Alphabet) throws {
        try self.init(text: Self.text(path: path), name: path, alphabet: alphabet)
    }

    /// The text of a grammar's file.
    static func text(path: String) throws -> String {
        let lines = try LineSource(path: path)
        var text = ""
        while let line = try lines.text() {
            text += line + "\n"
            guard text.utf8.count <= Self.largest else {
                throw DecodingError.malformed(
                    path: path, reason: "it has more than \(Self.largest >> 20) MB", mend: "a grammar is smaller")
            }
        }
        return text
    }

    /// Reads a grammar from text.
    /// - Throws: ``DecodingError``, as from a file named `name`.
    public init(text: String, name: String = "grammar", alphabet: Alphabet) throws(DecodingError) {
        width = alphabet.characters.count
        guard text.hasPrefix("#JSGF") else {
            network = GrammarNetwork.Builder.network(
                ofPhrases: try Self.phrases(of: text, name: name, alphabet: alphabet))
            return
        }
        var builder = GrammarNetwork.Builder(try JSGFParser.rules(of: text, path: name, alphabet: alphabet))
        do {
            network = try builder.build()
        } catch {
            switch error {
            case .recursion(let rule, let place):
                throw .badPlace(
                    path: name, line: place.line, column: place.column,
                    reason: "<\(rule)> refers to itself before its end",
                    mend: "write it with * or +, or let it refer to itself at its end alone")
            case .tooLarge:
                throw .malformed(
                    path: name, reason: "it is too large, or its rules are too deep in one another",
                    mend: "rules are copied where they are referred to: refer to the large ones less often")
            }
        }
    }

    private static func phrases(
        of text: String, name: String, alphabet: Alphabet
    ) throws(DecodingError) -> [[[CharacterCode]]] {
        var phrases: [[[CharacterCode]]] = []
        var unspellable = UnspellablePlaces()
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard !line.hasPrefix("#") else { continue }
            do {
                let words = try alphabet.words(ofTyped: String(line))
                if !words.isEmpty { phrases.append(words) }
            } catch {
                unspellable.add(error, line: index + 1)
            }
        }
        if let error = unspellable.error(path: name) { throw error }
        guard !phrases.isEmpty else {
            throw .malformed(path: name, reason: "it has no phrase", mend: "give one a line, or JSGF under #JSGF V1.0;")
        }
        return phrases
    }

    /// A grammar of an automaton over so many characters.
    init(_ network: GrammarNetwork, width: Int) { (self.network, self.width) = (network, width) }

    /// A scorer for one search.
    public func makeScorer() -> any Scorer { GrammarScorer(self) }
}

/// How well a recording fits a grammar.
public struct GrammarFit: Sendable, Equatable {
    /// How much less likely the grammar's best text is than the best path of all, in nats for each letter of that path
    /// (see docs/decoding.md); 0 or more is a perfect fit, -infinity none at all.
    public let score: Double
    /// Whether the score is high enough.
    public let isAccepted: Bool

    /// The lowest score that is accepted unless another is asked for.
    public static let usualThreshold = -1.0

    init(score: Double, threshold: Double) { (self.score, isAccepted) = (score, score >= threshold) }

    /// Compares what a search within a grammar found with what was heard without one.
    init(_ best: Hypothesis?, _ search: BeamSearch, threshold: Double) {
        if let best, best.isComplete {
            score = (best.acoustic - search.bestPath) / Double(max(1, search.bestPathLabels))
        } else {
            score = -.infinity
        }
        isAccepted = score >= threshold
    }
}

extension GrammarFit: CustomStringConvertible {
    /// The score as a person reads it.
    public var description: String {
        score.isFinite ? "score \((score * 100).rounded() / 100) nats a letter" : "no text of it is possible"
    }
}
