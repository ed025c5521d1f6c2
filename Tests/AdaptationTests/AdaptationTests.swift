import AcousticModel
import Adaptation
import CTC
import Corpora
import Testing

@Suite struct AdaptationTests {
    private static let base = Vocabulary(symbols: ["<blank>", " ", "a", "b", "x"])

    private func vocabulary(_ texts: [String], dev: [String] = [], kind: HeadKind? = nil) throws -> AdaptationVocabulary
    {
        try AdaptationVocabulary(texts: texts, dev: dev, base: Self.base, kind: kind, path: "t.jsonl")
    }

    @Test("texts that come again are labels, sequences of few words are words, free text is characters")
    func kinds() throws {
        #expect(try vocabulary(["stop", "go", "stop", "go"]).kind == .classifier)
        #expect(try vocabulary(["stop", "go"]).kind == .classifier)
        // Every sequence of four of three words, once.
        let words = ["one", "two", "six"]
        let sequences = (0..<81).map { number in [1, 3, 9, 27].map { words[number / $0 % 3] }.joined(separator: " ") }
        #expect(try vocabulary(sequences).kind == .words)
        #expect(
            try vocabulary(["the cat sat on a mat", "dogs bark at night now", "all is well that ends"]).kind
                == .characters)
    }

    @Test("kept, new and dropped symbols of a head of characters")
    func symbols() throws {
        let found = try vocabulary(["ab ä", "ba"], kind: .characters)
        #expect(found.kept == [" ", "a", "b"] && found.new == ["ä"] && found.dropped == ["x"])
        #expect(found.vocabulary.symbols == ["<blank>", " ", "a", "b", "ä"])
    }

    @Test("labels that differ by case or spaces alone are refused by name; no text at all too")
    func twins() {
        for (a, b) in [("Alexa", "alexa"), ("view glass", "viewglass")] {
            #expect(throws: DataError.self) { try vocabulary([a, b, a, b]) }
            do { _ = try vocabulary([a, b, a, b]) } catch {
                #expect(
                    "\(error)".contains("'\(min(a, b))' and '\(max(a, b))' differ only by case, spaces or punctuation"))
            }
        }
        #expect(throws: DataError.self) { try vocabulary(["", ""]) }
    }

    @Test("a label with one recording is told by name")
    func lone() throws {
        #expect(try vocabulary(["go", "go", "stop"]).warnings.first?.contains("'stop'") == true)
        #expect(try vocabulary(["go", "go", "stop", "stop"]).warnings.isEmpty)
    }

    @Test("words are spelt as labels, the longest phrase first")
    func speller() {
        let speller = Speller(Vocabulary(symbols: ["<blank>", "view", "view glass", "go"], isOfWords: true))
        #expect(speller.labels(of: "go view glass view") == [3, 2, 1])
        #expect(speller.labels(of: "go home") == nil && speller.unknown(in: "go home") == ["home"])
    }

    @Test("stages: few recordings leave the encoder alone, frozen layers stay frozen")
    func stages() {
        var options = AdaptationOptions()
        #expect(options.stages(recordings: 5, hasDev: true, layers: 4) == [.head])
        #expect(options.stages(recordings: 100, hasDev: false, layers: 4) == [.head])
        #expect(options.stages(recordings: 100, hasDev: true, layers: 4) == [.head, .top(2), .top(4)])
        options.frozenLayers = 3
        #expect(options.stages(recordings: 5000, hasDev: false, layers: 4) == [.head, .top(1)])
        options.frozenLayers = 4
        #expect(options.stages(recordings: 5000, hasDev: true, layers: 4) == [.head])
    }

    @Test("the threshold parts right labels from other speech, and is low where there is none")
    func threshold() {
        let parted = Rejection(right: [0.9, 0.95, 0.99], false: [0, 0.3, 0.6])
        #expect(parted.threshold > 0.6 && parted.threshold < 0.9)
        #expect(parted.missed == 0 && parted.falselyAccepted == 0)
        let mixed = Rejection(right: [0.5, 0.9], false: [0.7])
        #expect(mixed.missed == 0.5 && mixed.falselyAccepted == 0)
        #expect(Rejection(right: [0.8, 0.9], false: []).threshold == 0.4)
    }
}
