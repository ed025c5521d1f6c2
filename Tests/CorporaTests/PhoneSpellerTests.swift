import Corpora
import TestSupport
import Testing

@Suite struct PhoneSpellerTests {
    private struct Dictionary: PronunciationSource {
        let phones = ["A", "B"]
        func pronunciations(of word: String, most: Int) -> [[UInt8]] {
            ["bee": [[1], [1, 1]], "a": [[0]], "a.": [[0, 0]], "b.": [[1]], "bad": [[7]], "none": [[]]][word] ?? []
        }
    }

    @Test("letters that are spelled have their names; the article among words is none of them")
    func spelledLetters() throws {
        #expect(PhoneSpeller.words(of: "x a g n") == ["x.", "a.", "g.", "n."])
        #expect(PhoneSpeller.words(of: "am i a fool o a") == ["am", "i", "a", "fool", "o", "a"])
        #expect(PhoneSpeller.words(of: "a cat and a b c") == ["a", "cat", "and", "a.", "b.", "c."])
        #expect(PhoneSpeller.words(of: "") == [] && PhoneSpeller.words(of: "x") == ["x"])
        let source = Dictionary()
        let vocabulary = PhoneSpeller.vocabulary(of: source)
        #expect(vocabulary.symbols == ["<blank>", " ", "A", "B"])
        let speller = PhoneSpeller(
            source, vocabulary: vocabulary, texts: ["a bee", "b a", "bad", "none", "other"], threads: 2)
        #expect(try speller.spoken("a bee").words == [[[2]], [[3], [3, 3]]])
        #expect(try speller.spoken("a b bee").labels() == [2, 2, 1, 3, 1, 3])
        #expect(try speller.spoken("").labels() == [])
        for word in ["bad", "none", "other"] {
            #expect(message { _ = try speller.spoken("a \(word)") }?.contains("for \\'\(word)\\'") == true)
        }
    }
}
