import CTC
import Decoding
import Foundation
import TestSupport
import Testing

@Suite struct HotWordsTests {
    private let folder: TemporaryFolder
    private let alphabet = Alphabet(Vocabularies.english)

    init() throws { folder = try TemporaryFolder() }

    /// What the scorer adds with each letter of a text, and at its end.
    private func steps(_ text: String, _ hotWords: HotWords) -> [Float] {
        let scorer = hotWords.makeScorer()
        var state = scorer.start()
        var scores: [Float] = []
        for character in text {
            let label = Vocabularies.english.symbols.firstIndex(of: String(character)) ?? 0
            for code in alphabet.characters(of: label) {
                let step = scorer.extend(state, by: code)
                state = step.state
                scores.append(step.score)
            }
        }
        return scores + [scorer.finish(state)]
    }

    private func hot(_ phrases: [(String, HotWordWeight)]) throws -> HotWords {
        try HotWords(phrases.map { (text: $0.0, weight: $0.1) }, alphabet: alphabet)
    }

    @Test("each letter earns its part at once; a failed match gives all back")
    func refund() throws {
        let hotWords = try hot([("lamp", .nats(4))])
        #expect(steps("lamp", hotWords) == [1, 1, 1, 1, 0])
        #expect(steps("lane", hotWords) == [1, 1, -2, 0, 0])
        #expect(steps("lam", hotWords) == [1, 1, 1, -3])
        #expect(steps("a lamp on", hotWords) == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0])
        #expect(steps("  lamp  ", hotWords) == [0, 0, 1, 1, 1, 1, 0, 0, 0])
    }

    @Test("a phrase begins and ends where words do")
    func boundaries() throws {
        let hotWords = try hot([("lamp", .nats(4)), ("on it", .nats(8))])
        #expect(steps("lamps", hotWords) == [1, 1, 1, 1, -4, 0])
        #expect(steps("clamp", hotWords) == [0, 0, 0, 0, 0, 0])
        #expect(steps("on it", hotWords) == [2, 2, 0, 2, 2, 0])
        #expect(steps("on item", hotWords) == [2, 2, 0, 2, 2, -8, 0, 0])
        #expect(steps("on lamp", hotWords) == [2, 2, 0, -3, 1, 1, 1, 0])
    }

    @Test("what overlaps is paid once, what stands apart each time")
    func cap() throws {
        let hotWords = try hot([("new york", .nats(7)), ("york city", .nats(8)), ("new york city", .nats(11))])
        func total(_ text: String) -> Float { steps(text, hotWords).reduce(0, +) }
        #expect(abs(total("new york") - 7) < 1e-3)
        #expect(abs(total("new york city") - 11) < 1e-3)
        #expect(abs(total("york city") - 8) < 1e-3)
        #expect(abs(total("new york new york") - 14) < 1e-3)
        #expect(abs(total("new new york") - 7) < 1e-3)
        #expect(abs(total("york citys")) < 1e-3)
        // On the way no more is lent than the weightiest phrase pays.
        var sum: Float = 0
        for step in steps("new york cit", hotWords) {
            sum += step
            #expect(sum < 11.001)
        }
        #expect(abs(sum - 7) < 1e-3)
    }

    @Test("the sum over random texts is that of the plain definition", arguments: 1...20)
    func property(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let parts = ["a", "b", "ab", "ba", "aab"]
        func words(_ count: ClosedRange<Int>) -> [String] {
            (0..<Int.random(in: count, using: &generator)).map { _ in parts.randomElement(using: &generator) ?? "a" }
        }
        let phrases = (0..<6).map { _ in
            (text: words(1...3).joined(separator: " "), weight: Double(Int.random(in: 1...40, using: &generator)) / 4)
        }
        let hotWords = try hot(phrases.map { ($0.text, .nats(Float($0.weight))) })
        for _ in 0..<50 {
            let text = words(0...8)
            let sum = steps(text.joined(separator: " "), hotWords).reduce(0, +)
            #expect(abs(Double(sum) - plainCredit(text, phrases)) < 1e-2, "\(text) \(phrases)")
        }
    }

    @Test("levels grow with the phrase up to a bound")
    func levels() throws {
        let sums = try [HotWordWeight.low, .medium, .high].map { level in
            try ["turn", "turn off all of the lamps"].map { phrase in
                steps(phrase, try hot([(phrase, level)])).reduce(0, +)
            }
        }
        #expect(sums == [[1, 5], [2, 10], [4, 15]])
        #expect(HotWordWeight("HIGH") == .high && HotWordWeight("2.5") == .nats(2.5))
        for wrong in ["", "-1", "21", "nan", "inf", "higher", "1e9"] { #expect(HotWordWeight(wrong) == nil) }
    }

    @Test("a word that the language model has never seen is heard where it is hot, and its neighbours stay whole")
    func unknownWord() throws {
        var generator = SeededGenerator(seed: 3)
        let text = try NGramFixture.household(folder)
        var decoder = Decoder(alphabet: alphabet, weights: DecodingWeights(languageModelWeight: 1, wordBonus: 0))
        // Dear enough that it is not heard by its sound alone.
        decoder.weights.unknownLetterPenalty = -4
        let hotWords = try hot([("zorblax", .high)])
        let posteriors = spoken("turn on the zorblax please", Vocabularies.english, certainty: 3.5, using: &generator)
        decoder.textModel = try WordModel(text, name: "household", alphabet: alphabet)
        let before = try #require(decoder.decode(posteriors).best?.text)
        #expect(!before.contains("zorblax"), "\(before)")
        decoder.hotWords = hotWords
        decoder.textModel = try WordModel(text, name: "household", alphabet: alphabet, addedWords: hotWords.words)
        let after = try #require(decoder.decode(posteriors).best?.text)
        #expect(after.hasPrefix("turn on the zorblax "), "\(after)")
        // Where it is not said, nothing changes.
        let other = spoken("turn on the lamp", Vocabularies.english, certainty: 5, using: &generator)
        #expect(decoder.decode(other).best?.text == "turn on the lamp")
    }

    @Test("the file: weights after a colon or a tab, comments, either case")
    func file() throws {
        let path = try folder.write(
            Array("\u{feff}# names\r\n\r\nTurn on\r\nzorblax: high\nnew york:4.5\nlamp\tlow \nnote\t\n".utf8), to: "hot"
        )
        let hotWords = try HotWords(path: path, alphabet: alphabet)
        #expect(hotWords.words.count == 7)
        func total(_ text: String) -> Float { steps(text, hotWords).reduce(0, +) }
        #expect(total("turn on") == 3 && total("zorblax") == 7 && total("lamp") == 1 && total("note") == 2)
        #expect(abs(total("new york") - 4.5) < 1e-3)
    }

    @Test("a line that cannot be used is named")
    func badLines() throws {
        for (text, words) in [
            ("lamp\nzorblax: hihg\n", "\"hihg\" is no weight: give low, medium, high or a number of nats from 0 to 20"),
            ("lamp\nzorblax: 21\n", "\"21\" is no weight"), ("lamp\ncaf9: high\n", "column 4, \"9\" is none of"),
            ("lamp\n: high\n", "there is no phrase before the weight"),
            ("lamp\n\(String(repeating: "a", count: 1001))\n", "the phrase has 1001 letters"),
        ] {
            let path = try folder.write(Array(text.utf8), to: "hot")
            let error = #expect(throws: DecodingError.self) { try HotWords(path: path, alphabet: alphabet) }
            let message = error?.description ?? ""
            #expect(message.contains(words) && message.contains("line 2"), "\(message)")
            #expect(message.hasPrefix("\"\(path)\"") && !message.contains("\n"))
        }
        let latin = try folder.write([0x67, 0xfc, 0x0a], to: "latin")
        #expect(throws: DecodingError.self) { try HotWords(path: latin, alphabet: alphabet) }
    }
}
