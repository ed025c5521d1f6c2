import CTC
import TestSupport
import Testing

import Decoding

/// Grammars whose words are heard by their phones.
@Suite struct SpokenGrammarTests {
    private let said: [String: [(symbols: [String], logProbability: Float)]] = [
        "on": [(["X"], -0.1)], "off": [(["X", "Y"], 0)], "of": [(["X", "Y"], 0)],
        "lamp": [(["Y", "X"], 0), (["Y"], -0.7)],
    ]

    private func decoder(_ text: String, ngram: LabelNGram? = nil) throws -> Decoder {
        var decoder = Decoder(alphabet: Alphabet(Vocabularies.english))
        decoder.spokenGrammar = try SpokenGrammar(
            text: text, vocabulary: Phones.tiny, columns: 4, ngram: ngram,
            pronounce: { said[$0] ?? ($0.count == 1 ? [(["X"], 0)] : []) })
        decoder.grammarThreshold = -99
        return decoder
    }

    /// Posteriors of a path, each class of it with most of the probability.
    private func heard(_ path: [Int]) -> LogProbabilities {
        LogProbabilities(
            classes: 4, values: path.flatMap { best in (0..<4).map { $0 == best ? Float(-0.05) : -4 } })
    }

    @Test("the words of a phrase are heard by any of their pronunciations")
    func pronunciations() throws {
        let decoder = try decoder("lamp on\nlamp off\n")
        let full = decoder.decode(heard([3, 2, 1, 2, 0, 3]))
        #expect(full.best?.text == "lamp off")
        #expect(full.best?.words.map(\.labels) == [[3, 2], [2, 3]])
        #expect(decoder.decode(heard([3, 1, 0, 2])).best?.text == "lamp on")
        #expect(decoder.decode(heard([3, 1, 0, 2])).best?.words.map(\.labels) == [[3], [2]])
    }

    @Test("of words that sound alike the one that the grammar allows is written")
    func homophones() throws {
        let rules = "#JSGF V1.0;\npublic <x> = lamp of | on off;\n"
        let decoder = try decoder(rules)
        #expect(decoder.decode(heard([3, 1, 2, 0, 3])).best?.text == "lamp of")
        #expect(decoder.decode(heard([2, 1, 2, 0, 3])).best?.text == "on off")
        let loop = try self.decoder("#JSGF V1.0;\npublic <x> = (lamp)+ [on];\n")
        #expect(loop.decode(heard([3, 1, 3, 2, 1, 2])).best?.text == "lamp lamp on")
    }

    @Test("a word that nobody can say is named")
    func unknown() throws {
        #expect { try decoder("lamp flap\nlamp on\n") } throws: {
            "\($0)".contains("no pronunciation can be guessed for")
                || "\($0)".contains("none of the model's characters")
        }
    }

    @Test("what was heard is compared with the best path of all, the n-gram counted in for both")
    func fits() throws {
        // The n-gram that says nothing: all labels and the end alike.
        let ngram = try LabelNGram(bigram: [Float](repeating: -1.4, count: 16), classes: 4)
        for counted in [nil, ngram] {
            let decoder = try decoder("lamp on\n", ngram: counted)
            let inside = try #require(decoder.decode(heard([3, 2, 1, 2])).grammarFit)
            let outside = try #require(decoder.decode(heard([2, 3, 2, 3, 2, 3])).grammarFit)
            #expect(inside.score > -0.5 && outside.score < inside.score - 0.5)
        }
    }
}
