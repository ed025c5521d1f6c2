import Files
import Foundation
import Pronunciation
import TensorFiles
import Testing
import TestSupport

@Suite struct PronunciationLexiconTests {
    private let folder: TemporaryFolder
    /// Words enough for several blocks, many with the same beginning.
    private let entries: [LexiconEntry]

    init() throws {
        folder = try TemporaryFolder()
        var entries = [
            Samples.entry("a", "AH", "EY"), Samples.entry("ab", "AE B"), Samples.entry("abc", "EY B IY S IY"),
            Samples.entry("café", "K AE F EY"), Samples.entry("zoo", "Z UW"), Samples.entry("their", "DH EH R"),
            Samples.entry("there", "DH EH R"),
        ]
        var random = SeededGenerator(seed: 5)
        var words: Set<String> = []
        while words.count < 100 {
            let letters = (0..<Int.random(in: 3...9, using: &random)).compactMap { _ in
                "aborst".randomElement(using: &random)
            }
            words.insert(String(letters))
        }
        for word in words.sorted() where !entries.contains(where: { $0.word == word }) {
            let phones = (0..<Int.random(in: 1...4, using: &random)).map { _ in UInt8.random(in: 0..<39, using: &random)
            }
            entries.append(LexiconEntry(word: word, pronunciations: [Pronunciation(phones: phones)]))
        }
        self.entries = entries
    }

    private func file(_ name: String = "l.lexicon") throws -> String {
        let path = folder.path(name)
        try LexiconWriter.write(entries.reversed(), alphabet: .arpabet, to: path)
        return path
    }

    @Test("what was written is read: words in the order of their bytes, pronunciations with their probabilities")
    func roundTrip() throws {
        let lexicon = try PronunciationLexicon(path: file())
        #expect(lexicon.alphabet == .arpabet && lexicon.model == nil)
        let sorted = entries.map(\.word).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(Array(lexicon.words) == sorted)
        #expect(sorted.indices.map { lexicon.words[$0] } == sorted)
        for entry in entries {
            let found = lexicon.pronunciations(of: entry.word)
            #expect(found.map(\.phones) == entry.pronunciations.map(\.phones))
            for (a, b) in zip(found, entry.pronunciations) { #expect(abs(a.probability / b.probability - 1) < 0.02) }
            #expect(found.allSatisfy { $0.origin == .lexicon })
            #expect(lexicon.number(of: entry.word) == sorted.firstIndex(of: entry.word))
        }
        #expect(lexicon.pronunciations(of: "cafe\u{301}").count == 1)
        for word in ["", "0", "aa", "abb", "zz", "\u{10ffff}", "thei"] {
            #expect(lexicon.number(of: word) == nil && lexicon.pronunciations(of: word).isEmpty)
        }
    }

    @Test("sorted pronunciations are all pronunciations, in the order of their phones")
    func sorted() throws {
        let lexicon = try PronunciationLexicon(path: file())
        let sorted = try lexicon.sortedPronunciations()
        #expect(sorted.count == lexicon.pronunciationCount && sorted.count == entries.count + 1)
        #expect(sorted.starts.first == 0 && Int(sorted.starts[sorted.count]) == sorted.phones.count)
        var pairs: Set<String> = []
        for index in 0..<sorted.count {
            if index > 0 {
                let (a, b) = (sorted.phones(index - 1), sorted.phones(index))
                #expect(a == b || a.lexicographicallyPrecedes(b))
                if a == b { #expect(sorted.words[index - 1] < sorted.words[index]) }
            }
            let word = lexicon.words[Int(sorted.words[index])]
            let said = try #require(
                lexicon.pronunciations(of: word).first { $0.phones == Array(sorted.phones(index)) })
            #expect(abs(said.logProbability - sorted.logProbabilities[index]) < 1e-5)
            pairs.insert("\(word) \(said.phones)")
        }
        #expect(pairs.count == sorted.count)
    }

    @Test("a lexicon in memory is that of the file")
    func memory() throws {
        let lexicon = try PronunciationLexicon(entries: entries, alphabet: .arpabet)
        #expect(Array(lexicon.words) == Array(try PronunciationLexicon(path: file()).words))
        #expect(Samples.text(lexicon.pronunciations(of: "their")) == ["DH EH R"])
    }

    @Test("no file that is cut short or longer opens, and the message says what it is")
    func length() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: file()))
        for count in [0, 7, 8, 40, 71, 72, 100, whole.count - 1] {
            let path = try folder.write(whole.prefix(count), to: "short")
            #expect(throws: PronunciationError.self, "\(count)") { try PronunciationLexicon(path: path) }
        }
        let path = try folder.write(whole + [0], to: "long")
        #expect(throws: PronunciationError.malformed(path: path, reason: "more follows after its end")) {
            try PronunciationLexicon(path: path)
        }
        #expect(throws: FileError.self) { try PronunciationLexicon(path: folder.path("missing")) }
        #expect(throws: FileError.self) { try PronunciationLexicon(path: folder.url.path) }
    }

    @Test("a damaged file never traps: it is refused, or words are not found")
    func damage() throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: file())))
        var random = SeededGenerator(seed: 7)
        var (refused, unsorted) = (0, 0)
        for trial in 0..<300 {
            var bytes = whole
            // The first trials meet the head, whose checksum they break; the others what lies behind it.
            let range = trial < 40 ? 0..<72 : 72..<bytes.count
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: range, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let path = try folder.write(bytes, to: "damaged")
            guard let lexicon = try? PronunciationLexicon(path: path) else {
                refused += 1
                continue
            }
            for word in lexicon.words { _ = lexicon.pronunciations(of: word) }
            for entry in entries { _ = lexicon.pronounce(entry.word) }
            for number in lexicon.words.indices { _ = lexicon.words[number] }
            if (try? lexicon.sortedPronunciations()) == nil { unsorted += 1 }
        }
        #expect(refused >= 38 && unsorted > 100)
    }

    @Test("entries that the format cannot hold are refused")
    func limits() {
        func refused(_ entries: LexiconEntry..., line: Int = #line) {
            #expect(throws: PronunciationError.self, "line \(line)") {
                try PronunciationLexicon(entries: entries, alphabet: .arpabet)
            }
        }
        let one = Pronunciation(phones: [1])
        refused()
        refused(LexiconEntry(word: "", pronunciations: [one]))
        refused(LexiconEntry(word: "a", pronunciations: []))
        refused(LexiconEntry(word: "a", pronunciations: [Pronunciation(phones: [])]))
        refused(LexiconEntry(word: "a", pronunciations: [Pronunciation(phones: [39])]))
        refused(LexiconEntry(word: "a", pronunciations: [one]), LexiconEntry(word: "a", pronunciations: [one]))
        refused(LexiconEntry(word: String(repeating: "a", count: 256), pronunciations: [one]))
        refused(LexiconEntry(word: "a", pronunciations: (0..<128).map { Pronunciation(phones: [$0 % 39]) }))
    }
}
