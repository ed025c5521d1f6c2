import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct ReferenceScoreTests {
    private let sentences: [[String: Any]]
    private let model: NGramModel

    init() throws {
        sentences = try Reference.json("lm_scores")["sentences"] as? [[String: Any]] ?? []
        model = try NGramModel(arpa: Folders.reference?.appendingPathComponent("lm3.arpa").path ?? "")
    }

    @Test("sentences score as KenLM scores them, with and without their bounds")
    func sentenceScores() throws {
        try check(model)
    }

    @Test("an ARPA file that was read and written scores the same")
    func writtenAgain() throws {
        let folder = try TemporaryFolder()
        try model.write(arpa: folder.path("again.arpa"))
        try check(try NGramModel(arpa: folder.path("again.arpa")))
    }

    private func check(_ model: some LanguageModelQuery) throws {
        try #require(!sentences.isEmpty)
        for sentence in sentences {
            let text = try #require(sentence["text"] as? String)
            let whole = model.score(sentence: text)
            #expect(abs(whole.log10 - (try #require(sentence["log10_bos_eos"] as? Double))) < 1e-4)
            #expect(abs(whole.perplexity / (try #require(sentence["perplexity"] as? Double)) - 1) < 1e-4)
            let bare = model.score(sentence: text, begin: false, end: false)
            #expect(abs(bare.log10 - (try #require(sentence["log10_nobos_noeos"] as? Double))) < 1e-4)
            var state = model.beginState
            let words = try #require(sentence["words"] as? [[String: Any]])
            for (word, expected) in zip(text.split(separator: " ").map(String.init) + ["</s>"], words) {
                let score = model.score(word, after: state)
                #expect(abs(Double(score.log10) - (expected["log10"] as? Double ?? .nan)) < 1e-5, "\(word) in \(text)")
                #expect(score.length == expected["ngram"] as? Int, "\(word) in \(text)")
                #expect((model.id(of: word) == 0) == (expected["oov"] as? Bool))
                state = score.state
            }
        }
    }
}
