import Foundation
import GRDB
import Transcription

/// Finds where words were said in the recordings of an output folder, by the full-text index of its ledger.
///
/// ```swift
/// for hit in try BatchSearch(BatchFolder("texts")).hits(["turn on", "lamp"]) { print(hit.file, hit.start, hit.context) }
/// ```
public struct BatchSearch {
    /// A place at which one of the phrases was said.
    public struct Hit: Sendable, Equatable, Encodable {
        /// The recording, as it was named.
        public let file: String
        /// Seconds at which the first word of the phrase begins.
        public let start: Double
        /// Seconds at which its last word ends.
        public let end: Double
        /// The phrase as it was written, with some words around it.
        public let context: String
    }

    private let ledgers: [Ledger]
    /// Words before and after the phrase that are shown.
    private static let around = 6

    /// - Throws: ``BatchError`` where the folder holds no ledger.
    public init(_ folder: BatchFolder) throws { ledgers = try folder.ledgers().map(\.ledger) }

    /// The places in recordings in which all phrases are said, by recording and time.
    /// - Parameters:
    ///   - phrases: words in a row; upper case, accents and punctuation make no difference, a `*` at the end stands for any
    ///     ending.
    ///   - limit: of recordings, the best matches first.
    /// - Throws: ``BatchError`` where a phrase has no word, or a ledger has no index yet.
    public func hits(_ phrases: [String], limit: Int = 1000) throws -> [Hit] {
        let phrases = phrases.map(Phrase.init)
        guard !phrases.isEmpty, phrases.allSatisfy({ !$0.words.isEmpty }) else {
            throw BatchError("the search", "has a phrase without a word", mend: "give words to look for")
        }
        let query = phrases.map(\.query).joined(separator: " AND ")
        var found: [(rank: Double, hits: [Hit])] = []
        for ledger in ledgers {
            guard try ledger.hasIndexOfWords else {
                throw BatchError(
                    ledger.path, "has no index of words yet", mend: "run its utter batch command again, which makes it")
            }
            for (rank, name, json) in try ledger.transcripts(matching: query, limit: limit) {
                guard let transcript = try? JSONWriter.transcript(from: json) else { continue }
                let tokens = Self.tokens(transcript.words)
                let hits = phrases.flatMap { phrase in
                    tokens.indices.filter { phrase.matches(tokens, at: $0) }.map { place in
                        let words = tokens[place].word...tokens[place + phrase.words.count - 1].word
                        return Self.hit(words, in: transcript, name)
                    }
                }
                if !hits.isEmpty { found.append((rank, hits.sorted { $0.start < $1.start })) }
            }
        }
        return found.sorted { $0.rank < $1.rank }.prefix(limit).flatMap(\.hits)
    }

    private static func hit(_ words: ClosedRange<Int>, in transcript: Transcript, _ name: String) -> Hit {
        let shown = max(0, words.lowerBound - around)..<min(transcript.words.count, words.upperBound + 1 + around)
        return Hit(
            file: name, start: transcript.words[words.lowerBound].start, end: transcript.words[words.upperBound].end,
            context: (shown.lowerBound > 0 ? "… " : "") + transcript.words[shown].map(\.text).joined(separator: " ")
                + (shown.upperBound < transcript.words.count ? " …" : ""))
    }

    /// What the index takes for words, and the word of the transcript that each is in.
    private static func tokens(_ words: [Word]) -> [(text: String, word: Int)] {
        words.enumerated().flatMap { index, word in folded(word.text).map { ($0, index) } }
    }

    /// The words of a text as the index has them: letters, digits and apostrophes, small, without accents.
    static func folded(_ text: String) -> [String] {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
            .split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
    }

    /// Words in a row.
    struct Phrase {
        let words: [String]
        /// Whether the last word may go on.
        let isPrefix: Bool

        init(_ text: String) {
            words = BatchSearch.folded(text.replacingOccurrences(of: "\u{2019}", with: "'"))
            isPrefix = text.hasSuffix("*")
        }

        /// As FTS5 has it.
        var query: String { "\"\(words.joined(separator: " "))\"" + (isPrefix ? "*" : "") }

        func matches(_ tokens: [(text: String, word: Int)], at place: Int) -> Bool {
            guard place + words.count <= tokens.count else { return false }
            return words.indices.allSatisfy { index in
                let text = tokens[place + index].text
                return index == words.count - 1 && isPrefix ? text.hasPrefix(words[index]) : text == words[index]
            }
        }
    }
}

extension Ledger {
    fileprivate var hasIndexOfWords: Bool {
        get throws { try read { try $0.tableExists("spoken") } }
    }

    /// Transcripts of an expression of FTS5, the best matches first.
    fileprivate func transcripts(
        matching query: String, limit: Int
    ) throws -> [(rank: Double, name: String, json: String)] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT spoken.rank AS rank, name, json FROM spoken JOIN recordings ON recordings.id = spoken.rowid
                    JOIN transcripts ON recording = recordings.id WHERE spoken MATCH ? ORDER BY spoken.rank LIMIT ?
                    """, arguments: [query, limit]
            ).map { ($0["rank"], $0["name"], $0["json"]) }
        }
    }
}
