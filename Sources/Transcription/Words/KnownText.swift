import AcousticModel
import CTC
import Foundation
import Messages
import Text

/// A text that is said in a recording, and how a model spells its words.
///
/// Words stay as they are written; a model that has no capital letters hears them as small ones, and punctuation that it
/// cannot spell is silent. A hyphen between letters is heard as the space between two words.
public struct KnownText: Sendable {
    /// What the text is called in errors: the path of its file.
    public let source: String
    /// The words, each with the labels that spell it.
    package let words: [(text: String, labels: [Int])]
    /// The words as they are written, apart by single spaces.
    public var text: String { words.map(\.text).joined(separator: " ") }

    /// Takes a text: any white space parts words.
    /// - Parameters:
    ///   - text: what is said.
    ///   - source: what the text is called in errors: the path of its file.
    ///   - vocabulary: of the model that is to align it.
    /// - Throws: ``KnownTextError``.
    public init(_ text: String, source: String, vocabulary: Vocabulary) throws(KnownTextError) {
        var hearing = Hearing(vocabulary)
        var words: [(text: String, labels: [Int])] = []
        var unknown: [KnownTextError.Unknown] = []
        var seen: Set<Character> = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            for part in line.split(whereSeparator: \.isWhitespace) {
                let word = String(part).precomposedStringWithCanonicalMapping.withoutInvisibleCharacters
                let (labels, unspellable) = hearing.hear(word)
                if !labels.isEmpty { words.append((word, labels)) }
                for character in unspellable where seen.insert(character).inserted {
                    unknown.append(.init(character: character, word: word, line: number + 1))
                }
            }
        }
        guard unknown.isEmpty else {
            throw .unspellable(source: source, unknown: unknown, characters: hearing.speller.characters)
        }
        guard !words.isEmpty else { throw .empty(source: source) }
        self.source = source
        self.words = words
    }

    /// What a model hears of the characters of written words.
    private struct Hearing {
        let speller: Speller
        /// The labels of each character met so far; none where it is silent, nil where it cannot be spelled.
        private var heard: [Character: [Int]?] = [:]
        private let space: Int?
        private let apostrophe: Int?

        init(_ vocabulary: Vocabulary) {
            speller = Speller(vocabulary)
            (space, apostrophe) = (speller.label(of: " "), speller.label(of: "'"))
        }

        /// The labels of a word, and the characters that have none.
        mutating func hear(_ word: String) -> (labels: [Int], unspellable: [Character]) {
            var labels: [Int] = []
            var unspellable: [Character] = []
            for character in word {
                let own: [Int]?
                if let known = heard[character] {
                    own = known
                } else {
                    own = self.labels(of: character)
                    heard[character] = .some(own)
                }
                guard let own else {
                    unspellable.append(character)
                    continue
                }
                // Two hyphens in a row part two words once.
                if own.count == 1, own.first == space, labels.last == space { continue }
                labels += own
            }
            // Quotation marks around a word are no letters of it; nor is a hyphen at its edge.
            func isEdge(_ label: Int) -> Bool { label == space || label == apostrophe }
            let first = labels.firstIndex { !isEdge($0) } ?? labels.endIndex
            let last = labels.lastIndex { !isEdge($0) } ?? labels.startIndex
            return (first < labels.endIndex ? Array(labels[first...last]) : [], unspellable)
        }

        private func labels(of character: Character) -> [Int]? {
            if let label = speller.label(of: character) { return [label] }
            let small = String(character).lowercased()
            if small != String(character), let labels = speller.labels(of: small) { return labels }
            switch TypedCharacter(character) {
            case .apostrophe: return apostrophe.map { [$0] } ?? []
            case .hyphen: return space.map { [$0] } ?? []
            case .silent, .invisible, .space: return []
            case .spoken: return nil
            }
        }
    }
}

/// A text that cannot be aligned.
public enum KnownTextError: UtterError, Equatable {
    /// A character that a model has no class for, and where it first stands. Lines are counted from 1.
    public struct Unknown: Sendable, Equatable {
        /// The character.
        public let character: Character
        /// The word that it is in.
        public let word: String
        /// The line of the text.
        public let line: Int
    }

    /// It has no word that is spoken.
    case empty(source: String)
    /// It has characters outside the vocabulary.
    case unspellable(source: String, unknown: [Unknown], characters: Set<Character>)
    /// The recording has fewer steps than the text's letters need.
    case tooLong(source: String, recording: String, seconds: Double, fewest: Double)
    /// The recording is digital silence.
    case silence(recording: String)

    /// The text, what is wrong and what to do.
    public var fault: Fault {
        switch self {
        case .empty(let source):
            return Fault(.empty, source, "holds no word", remedy: "give what is said in the recording")
        case .unspellable(let source, let unknown, let characters):
            let listed = unknown.prefix(5).map {
                "\(OneLine.quoted(String($0.character))) in \(OneLine.quoted($0.word, limit: 40)) (line \($0.line))"
            }
            let more = unknown.count > 5 ? " and \(unknown.count - 5) more characters" : ""
            let known = String(characters.sorted().filter { $0 != " " })
            return Fault(
                .unsupported, source, "has what the model cannot spell: \(listed.joined(separator: ", "))\(more)",
                remedy: "write such words as they are spoken, with \(known)", separator: "; ")
        case .tooLong(let source, let recording, let seconds, let fewest):
            let lengths = String(
                format: "takes %.1f s at the very least, and the recording has %.1f s", fewest, seconds)
            return Fault(
                .mismatch, source, "is too long for \(OneLine.file(recording)): it \(lengths)",
                remedy: "give the text of this recording alone", separator: "; ")
        case .silence(let recording):
            return Fault(
                .empty, recording, "is digital silence, so no word can be aligned to it", remedy: "check the recording")
        }
    }
}
