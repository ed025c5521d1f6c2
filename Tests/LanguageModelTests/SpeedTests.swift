import Foundation
import LanguageModel
import TestSupport
import Testing

/// Look-ups in a second of one core's time, of a model and a text that the environment names: UTTER_LM and UTTER_LM_TEXT.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["UTTER_LM"] != nil, "set UTTER_LM and UTTER_LM_TEXT"))
struct SpeedTests {
    @Test("words scored in a second")
    func lookups() throws {
        let environment = ProcessInfo.processInfo.environment
        let model = try LanguageModelFile.open(environment["UTTER_LM"] ?? "")
        let text = try String(contentsOfFile: environment["UTTER_LM_TEXT"] ?? "", encoding: .utf8)
        let sentences = text.split(separator: "\n").map { $0.split(separator: " ").map { model.id(of: String($0)) } }
        var best = 0.0
        for round in 0..<4 {
            let begin = clock()
            var total = TextScore()
            for sentence in sentences { total.add(model.score(words: sentence)) }
            let rate = Double(total.words) * Double(CLOCKS_PER_SEC) / Double(clock() - begin)
            // A word that is found as an n-gram of n words took n looks at the trie, and one that failed unless n is the order.
            let looks = total.lengths.enumerated().reduce(0) { $0 + $1.element * min($1.offset + 2, model.order) }
            let looksRate = rate * Double(looks) / Double(total.words)
            print("round \(round): \(Int(rate)) words, \(Int(looksRate)) n-grams a second, \(total.perplexity)")
            best = max(best, rate)
        }
        // The floor is low: the machines that run tests are shared, and memory is what a large model waits for.
        #expect(best > 3e5)
    }
}
