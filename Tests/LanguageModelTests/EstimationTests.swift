import Foundation
import LanguageModel
import TestSupport
import Testing

/// Small texts whose words come about as often as those of a language.
enum SmallText {
    static func sentences(_ count: Int, words: Int, seed: UInt64) -> [[String]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            var word = 0
            return (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                let step = Int(pow(Double(words), Double.random(in: 0..<1, using: &generator)))
                word = (word * 3 + step) % words
                return "w\(word)"
            }
        }
    }

    static func write(_ sentences: [[String]], to folder: TemporaryFolder) throws -> String {
        let text = sentences.map { $0.joined(separator: " ") }.joined(separator: "\n") + "\n"
        return try folder.write(Array(text.utf8), to: "text.txt")
    }
}

@Suite struct EstimationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func estimate(
        _ sentences: [[String]], order: Int, pruning: [Int] = [], vocabulary: Int? = nil
    ) throws -> (NGramModel, EstimationReport) {
        var options = EstimationOptions()
        (options.order, options.pruning, options.vocabularySize) = (order, pruning, vocabulary)
        var report = EstimationReport()
        let path = try SmallText.write(sentences, to: folder)
        return (try NGramModel.estimate(from: [path], options: options, report: &report), report)
    }

    @Test(
        "estimates are those of the plain formulas",
        arguments: [(1, []), (2, []), (3, []), (4, []), (6, []), (3, [0, 0, 1]), (4, [0, 1, 1, 2])] as [(Int, [Int])])
    func plain(order: Int, pruning: [Int]) throws {
        let sentences = SmallText.sentences(300, words: 25, seed: 1)
        let (model, report) = try estimate(sentences, order: order, pruning: pruning)
        let plain = PlainKneserNey(sentences, order: order, pruning: pruning)
        #expect(report.words == sentences.joined().count)
        #expect(model.vocabularySize == plain.vocabulary.count + 1)
        for sentence in SmallText.sentences(40, words: 27, seed: 2) {
            var history = order > 1 ? ["<s>"] : []
            var state = model.beginState
            for word in sentence + ["</s>"] {
                let known = model.id(of: word) == 0 ? "<unk>" : word
                let score = model.score(word, after: state)
                let expected = log10(plain.probability(known, after: history))
                #expect(abs(Double(score.log10) - expected) < 1e-4, "\(known) after \(history)")
                history = Array((history + [known]).suffix(order - 1))
                state = score.state
            }
        }
    }

    @Test(
        "probabilities after every context sum to 1",
        arguments: [(1, [], nil), (2, [], nil), (4, [], nil), (4, [0, 0, 1], nil), (3, [0, 1], 12), (9, [], nil)]
            as [(Int, [Int], Int?)])
    func sums(order: Int, pruning: [Int], vocabulary: Int?) throws {
        let sentences = SmallText.sentences(150, words: 25, seed: 3)
        let (model, _) = try estimate(sentences, order: order, pruning: pruning, vocabulary: vocabulary)
        var states: Set<LanguageModelState> = [model.emptyState, model.beginState]
        for sentence in sentences {
            var state = model.beginState
            for word in sentence {
                state = model.score(word, after: state).state
                states.insert(state)
            }
        }
        if let vocabulary { #expect(model.vocabularySize == vocabulary + 3) }
        for state in states {
            let sum = (0..<UInt32(model.vocabularySize)).filter { $0 != 1 }
                .reduce(0.0) { $0 + pow(10, Double(model.score($1, after: state).log10)) }
            #expect(abs(sum - 1) < 1e-4)
        }
    }

    @Test("what a model says of its text survives ARPA")
    func throughARPA() throws {
        let sentences = SmallText.sentences(200, words: 30, seed: 4)
        let (model, _) = try estimate(sentences, order: 4, pruning: [0, 0, 1])
        try model.write(arpa: folder.path("model.arpa"))
        let again = try NGramModel(arpa: folder.path("model.arpa"))
        #expect(again.counts == model.counts)
        for sentence in sentences {
            let text = sentence.joined(separator: " ")
            #expect(again.score(sentence: text) == model.score(sentence: text))
        }
    }

    @Test("a text too small for discounts takes the usual ones and says so")
    func fallback() throws {
        let (model, report) = try estimate([["good", "morning"]], order: 3)
        #expect(report.discounts.map(\.isFallback) == [true, true, true])
        #expect(model.counts == [5, 3, 2])
        #expect(model.score(sentence: "good morning").log10 > model.score(sentence: "morning good").log10)
    }

    @Test("words are as given, or in lower case on request, and compared byte by byte")
    func normalisation() throws {
        let text = "\u{FEFF}Äpfel  GRÜN\tja\r\n\r\ncafe\u{301} caf\u{e9} a\u{a0}b\n"
        let path = try folder.write(Array(text.utf8), to: "a")
        var options = EstimationOptions()
        var report = EstimationReport()
        let given = try NGramModel.estimate(from: [path], options: options, report: &report)
        #expect(report.sentences == 2)
        #expect(report.words == 7)
        #expect(given.id(of: "Äpfel") != 0 && given.id(of: "äpfel") == 0)
        #expect(given.id(of: "cafe\u{301}") != given.id(of: "caf\u{e9}"))
        #expect(given.id(of: "a") != 0 && given.id(of: "b") != 0 && given.id(of: "a\u{a0}b") == 0)
        options.lowercases = true
        let lower = try NGramModel.estimate(from: [path], options: options, report: &report)
        #expect(lower.id(of: "äpfel") != 0 && lower.id(of: "grün") != 0 && lower.id(of: "Äpfel") == 0)
    }

    @Test("what is spoken of a text, on request: no punctuation, hyphens part words, one apostrophe")
    func spoken() throws {
        let path = try folder.write(Array("Well-known, don’t.\n\"Stop!\"\n".utf8), to: "spoken")
        var options = EstimationOptions()
        var report = EstimationReport()
        let written = try NGramModel.estimate(from: [path], options: options, report: &report)
        #expect(written.id(of: "Well-known,") != 0 && written.id(of: "don’t.") != 0)
        options.isSpoken = true
        let spoken = try NGramModel.estimate(from: [path], options: options, report: &report)
        #expect(["Well", "known", "don't", "Stop"].allSatisfy { spoken.id(of: $0) != 0 } && report.words == 4)
    }

    @Test("settings that cannot be are refused with what to do")
    func settings() throws {
        for (order, pruning) in [(0, []), (99, []), (2, [0, 0, 0]), (3, [1]), (3, [0, 2, 1])] as [(Int, [Int])] {
            #expect(throws: LanguageModelError.self) { _ = try estimate([["a"]], order: order, pruning: pruning) }
        }
        #expect(throws: LanguageModelError.self) { _ = try estimate([], order: 2) }
        #expect(throws: LanguageModelError.self) { _ = try estimate([["a", "<s>"]], order: 2) }
        #expect(throws: LanguageModelError.self) { _ = try estimate([["a"]], order: 2, vocabulary: 0) }
    }
}
