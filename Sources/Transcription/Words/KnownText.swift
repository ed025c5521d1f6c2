import AcousticModel
import CTC
import Foundation
import Messages
import Pronunciation
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
    /// How each word may be said, with ln of how probable that is; empty where words are spelled in characters.
    package let pronunciations: [[(labels: [Int], logProbability: Float)]]
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
        (self.source, self.words, pronunciations) = (source, words, [])
    }

    /// Takes a text whose words are known by how they are said: any white space parts words.
    /// - Parameters:
    ///   - text: what is said.
    ///   - source: what the text is called in errors: the path of its file.
    ///   - vocabulary: the phones of the model that is to align it.
    ///   - pronounce: the symbols of a word's phones and ln of how probable it is that it is said so, the most probable
    ///     first; none where that is not known. It is given words without the punctuation around them.
    /// - Throws: ``KnownTextError``.
    public init(
        _ text: String, source: String, vocabulary: Vocabulary,
        pronounce: (String) -> [(symbols: [String], logProbability: Float)]
    ) throws(KnownTextError) {
        let labels = Dictionary(
            vocabulary.symbols.enumerated().filter { $0.offset != vocabulary.blank }.map { ($0.element, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        var words: [(text: String, labels: [Int])] = []
        var pronunciations: [[(labels: [Int], logProbability: Float)]] = []
        var unknown: [KnownTextError.UnknownWord] = []
        var known: [String: [(labels: [Int], logProbability: Float)]] = [:]
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            for part in line.split(whereSeparator: \.isWhitespace) {
                let word = String(part).precomposedStringWithCanonicalMapping.withoutInvisibleCharacters
                let spoken = Self.withoutPunctuation(word)
                guard !spoken.isEmpty else { continue }
                let ways =
                    known[spoken]
                    ?? pronounce(spoken).compactMap { way -> (labels: [Int], logProbability: Float)? in
                        let found = way.symbols.compactMap { labels[$0] }
                        return found.isEmpty || found.count < way.symbols.count ? nil : (found, way.logProbability)
                    }
                known[spoken] = ways
                guard let first = ways.first else {
                    if !unknown.contains(where: { $0.word == word }) {
                        unknown.append(.init(word: word, line: number + 1))
                    }
                    continue
                }
                words.append((word, first.labels))
                pronunciations.append(ways)
            }
        }
        guard unknown.isEmpty else { throw .unpronounceable(source: source, unknown: unknown) }
        guard !words.isEmpty else { throw .empty(source: source) }
        (self.source, self.words, self.pronunciations) = (source, words, pronunciations)
    }

    /// Takes a text for a model: by phones where it hears those and a lexicon is there, else by characters.
    /// - Throws: ``KnownTextError``.
    package init(
        _ text: String, source: String, model: AcousticModel, lexicon: PronunciationLexicon?
    ) throws(KnownTextError) {
        guard model.head.kind == .phones, let lexicon else {
            try self.init(text, source: source, vocabulary: model.textVocabulary)
            return
        }
        try self.init(text, source: source, vocabulary: model.vocabulary, pronounce: lexicon.spoken)
    }

    /// A word without what is not spoken: punctuation, hyphens at its ends, and quotation marks around it. An apostrophe at one end
    /// alone is a part of it ("boys'").
    private static func withoutPunctuation(_ word: String) -> String {
        func parts(_ character: Character) -> Bool { TypedCharacter(character) == .separator }
        func isMark(_ character: Character) -> Bool { TypedCharacter(character) == .apostrophe }
        var spoken = word.filter { ![.silent, .invisible, .space].contains(TypedCharacter($0)) }[...].drop(
            while: parts)
        while spoken.last.map(parts) ?? false { spoken.removeLast() }
        while spoken.count > 1, spoken.first.map(isMark) ?? false, spoken.last.map(isMark) ?? false {
            spoken = spoken.dropFirst().dropLast()
        }
        return spoken.allSatisfy(isMark) ? "" : String(spoken.map { parts($0) ? "-" : $0 })
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
            let plain = String(String.UnicodeScalarView(character.unicodeScalars.flatMap(\.plainLetters)))
            if TypedCharacter(character) == .spoken, !plain.isEmpty, let labels = speller.labels(of: plain) {
                return labels
            }
            switch TypedCharacter(character) {
            case .apostrophe: return apostrophe.map { [$0] } ?? []
            case .separator: return space.map { [$0] } ?? []
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

    /// A word of which nobody knows how it is said, and where it first stands. Lines are counted from 1.
    public struct UnknownWord: Sendable, Equatable {
        /// The word.
        public let word: String
        /// The line of the text.
        public let line: Int
    }

    /// It has words of which no pronunciation is known or can be guessed.
    case unpronounceable(source: String, unknown: [UnknownWord])
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
        case .unpronounceable(let source, let unknown):
            let listed = unknown.prefix(5).map { "\(OneLine.quoted($0.word, limit: 40)) (line \($0.line))" }
            let more = unknown.count > 5 ? " and \(unknown.count - 5) more words" : ""
            return Fault(
                .unsupported, source,
                "has words of which no pronunciation can be guessed: \(listed.joined(separator: ", "))\(more)",
                remedy: "write them as they are spoken", separator: "; ")
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
