import Foundation
import Pronunciation
import TestSupport
import Testing

@Suite struct WordGuessTests {
    private let lexicon: PronunciationLexicon
    private let entries: [LexiconEntry]

    init() throws {
        entries = try LexiconText(path: Samples.lexicon).checked()
        var report = LexiconCompilerReport()
        lexicon = try LexiconCompiler.compile(entries, alphabet: .arpabet, report: &report)
    }

    private func best(_ word: String) -> String {
        lexicon.alphabet.text(of: lexicon.pronounce(word, count: 1).first?.phones ?? [])
    }

    @Test(
        "words that follow from others",
        arguments: [
            ("lamp", "L AE M P"), ("LAMP", "L AE M P"), ("light-house", "L AY T HH AW S"), ("x", "EH K S"),
            ("u.s.a.", "Y UW EH S EY"), ("U. S. A", "Y UW EH S EY"), ("a", "AH"), ("bdk", "B IY D IY K EY"),
            ("lamp's", "L AE M P S"), ("lamp\u{2019}s", "L AE M P S"), ("door's", "D AO R Z"),
            ("house's", "HH AW S IH Z"), ("light'd", "L AY T AH D"), ("brother'll", "B R AH DH ER AH L"),
            ("doors'", ""), ("boys'", "B OY Z"),
        ])
    func derived(word: String, phones: String) {
        let expected = phones.isEmpty ? best(String(word.dropLast())) : phones
        #expect(best(word) == expected && !expected.isEmpty)
    }

    @Test("letters with marks lose them, and a few are written as two")
    func transliterated() {
        for (marked, plain) in [("réading", "reading"), ("straße", "strasse"), ("ﬁre", "fire"), ("łoø", "loo")] {
            #expect(lexicon.guess(marked).map(\.phones) == lexicon.guess(plain).map(\.phones))
            #expect(!lexicon.guess(marked).isEmpty)
        }
    }

    @Test(
        "what nothing is known of gives no answer", arguments: ["", "-", "...", "hat7", "42", "дом", "漢字", "a-7", "😀"])
    func unspeakable(word: String) {
        #expect(lexicon.pronounce(word).isEmpty)
    }

    @Test("what comes from where is told, and no more is given than is asked for")
    func origins() {
        #expect(lexicon.pronounce("lamp").allSatisfy { $0.origin == .lexicon })
        #expect(lexicon.pronounce("lampion").allSatisfy { $0.origin == .guessed })
        #expect(lexicon.pronounce("lampion", count: 2).count == 2 && lexicon.pronounce("the", count: 1).count == 1)
        #expect(lexicon.pronounce("lamp", count: 0).isEmpty && lexicon.guess("lampion", count: -1).isEmpty)
    }

    @Test("without a model words still follow from others")
    func withoutModel() throws {
        let plain = try PronunciationLexicon(entries: entries, alphabet: .arpabet)
        #expect(!plain.guess("lamp's").isEmpty && plain.guess("lampion").isEmpty)
    }

    @Test("many threads may ask at once")
    func threads() async {
        let words = ["lampion", "the", "zotion", "light-house"]
        let expected = words.map { lexicon.pronounce($0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { [lexicon] in (0..<5).allSatisfy { _ in words.map { lexicon.pronounce($0) } == expected }
                }
            }
            for await same in group { #expect(same) }
        }
    }

    @Test("compiling stores guesses for further words and names those that have none")
    func compiled() throws {
        var options = LexiconCompilerOptions()
        (options.threads, options.addsBritish) = (2, true)
        var report = LexiconCompilerReport()
        let words =
            ["lamp", "lampion", "lampion", "hat7", ""] + (0..<100).map { "w" + String(repeating: "a", count: $0) }
        let compiled = try LexiconCompiler.compile(
            entries, alphabet: .arpabet, words: words, options: options, report: &report)
        #expect(report.words == entries.count && report.guessed == 101 && report.unspeakable == ["hat7"])
        #expect(compiled.words.count == entries.count + 101)
        let stored = compiled.pronunciations(of: "lampion")
        #expect((1...3).contains(stored.count) && stored.allSatisfy { $0.origin == .guessed })
        #expect(stored.first?.phones == lexicon.guess("lampion").first?.phones)
        #expect(compiled.pronunciations(of: "water").map(\.phones).contains(Samples.phones("W AO T AH")))
        #expect(try compiled.sortedPronunciations().count == compiled.pronunciationCount)
    }

    @Test("of several lexicons the last one that has a word counts")
    func merged() {
        let (entries, replaced) = LexiconCompiler.merged([
            [Samples.entry("a", "AH"), Samples.entry("b", "B IY")],
            [Samples.entry("a", "EY"), Samples.entry("c", "S IY")],
        ])
        #expect(entries.map(\.word) == ["a", "b", "c"] && replaced == 1)
        #expect(Samples.text(entries[0].pronunciations) == ["EY"])
    }
}
