import Files
import Foundation
import LanguageModel
import Pronunciation
import TestSupport
import Testing

@Suite struct LexiconTextTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, _ options: LexiconTextOptions = LexiconTextOptions()) throws -> LexiconText {
        try LexiconText(path: folder.write(Array(text.utf8), to: "lexicon.txt"), options: options)
    }

    private func problems(_ text: String) throws -> [String] {
        try read(text).problems.map { "\($0.line) \($0.word): \($0.reason)" }
    }

    @Test("CMUdict's form: comments, further pronunciations, stress, CR LF and a byte order mark")
    func cmudict() throws {
        let text = try read(
            "\u{feff};;; a comment\r\na AH0\r\na(2)  EY1\r\naalto AA1 L T OW2 # name, finnish\r\n\r\n## x\r\n")
        #expect(text.problemCount == 0)
        #expect(text.entries.map(\.word) == ["a", "aalto"])
        #expect(Samples.text(text.entries[0].pronunciations) == ["AH", "EY"])
        #expect(abs(text.entries[0].pronunciations[0].probability - 2.0 / 3) < 1e-6)
        #expect(Samples.text(text.entries[1].pronunciations) == ["AA L T OW"])
    }

    @Test("Kaldi's forms: words in several lines, with and without probabilities")
    func kaldi() throws {
        let plain = try read("<unk> SPN\n!SIL SIL\nthe\tDH AH\nthe\tDH IY\n")
        #expect(plain.problemCount == 0 && plain.entries.count == 1)
        #expect(Samples.text(plain.entries[0].pronunciations) == ["DH AH", "DH IY"])
        let weighed = try read("the 0.25 DH IY\nthe 1.0 DH AH\nor 1 AO R\n")
        #expect(weighed.problemCount == 0)
        #expect(Samples.text(weighed.entries[0].pronunciations) == ["DH AH", "DH IY"])
        #expect(abs(weighed.entries[0].pronunciations[0].probability - 0.8) < 1e-6)
    }

    @Test("pronunciations that differ in their stress alone become one, with the sum of their probabilities")
    func merged() throws {
        let text = try read("abuse AH0 B Y UW1 S\nabuse(2) AH0 B Y UW1 Z\nabuse(3) AH1 B Y UW0 S\n")
        #expect(text.problemCount == 0)
        #expect(Samples.text(text.entries[0].pronunciations) == ["AH B Y UW S", "AH B Y UW Z"])
        #expect(abs(text.entries[0].pronunciations[0].probability - 8.0 / 11) < 1e-6)
        var options = LexiconTextOptions()
        options.alphabet = .arpabetWithStress
        #expect(try read("abuse AH0 B Y UW1 S\nabuse(2) AH1 B Y UW0 S\n", options).entries[0].pronunciations.count == 2)
    }

    @Test("each problem is named with its line and its word; the other lines are read")
    func bad() throws {
        let text = "a AH0\na(2) EY1\nb B II\nc\nd(2)\na AE\na(3) AH0\ne EH1 # x\n(2) B\n"
        #expect(
            try problems(text) == [
                "3 b: the phone \"II\" is unknown", "4 c: the word has no phones", "5 d: the word has no phones",
                "6 a: the word is there twice, first in line 1",
                "7 a: the word has this pronunciation already, in line 1",
            ])
        #expect(try read(text).entries.map(\.word) == ["a", "e", "(2)"])
        #expect(try problems("a B\na B\n") == ["2 a: the word has this pronunciation already, in line 1"])
        #expect(try problems("a 0 B\nb 1.5 B\nc nan B\n").count == 3)
        #expect(throws: PronunciationError.self) { try read(text).checked() }
        #expect(throws: PronunciationError.noWords(names: [folder.path("lexicon.txt")])) { try read("\n").checked() }
    }

    @Test("a message is one line, names the file, and control characters in it are escaped")
    func message() throws {
        let problem = try #require(try read("a\u{1b}[31m B X\u{7}\n").problems.first)
        #expect(!problem.description.contains("\u{1b}") && !problem.description.contains("\u{7}"))
        #expect(problem.description.contains("lexicon.txt\" is wrong in line 1, \"a\\u{1b}[31m\":"))
        #expect(problem.description.hasSuffix("use the 39 phones of the alphabet, AA to ZH"))
    }

    @Test("only so many problems are kept, and all are counted")
    func limit() throws {
        let text = try read((1...50).map { "w\($0) XX\n" }.joined())
        #expect(text.problems.count == 20 && text.problemCount == 50)
    }

    @Test("bytes that are not UTF-8 are a problem of their line")
    func bytes() throws {
        let path = try folder.write(Array("a B\n".utf8) + [0x67, 0xfc, 0x20, 0x42, 0x0a], to: "latin")
        let text = try LexiconText(path: path)
        #expect(text.problems.map(\.line) == [2] && text.entries.count == 1)
    }

    @Test("words are compared in their composed form, and brought to lower case on request")
    func composed() throws {
        #expect(try problems("caf\u{e9} K\ncafe\u{301} K\n").count == 1)
        var options = LexiconTextOptions()
        options.lowercases = true
        #expect(try read("THE DH AH\n", options).entries[0].word == "the")
    }

    @Test("a file that is missing says so")
    func missing() {
        #expect(throws: FileError.self) { try LexiconText(path: folder.path("missing")) }
    }
}
