import CTC
import LanguageModel
import TestSupport
import Testing

import Decoding

/// A pause ends words.
@Suite struct PauseTests {
    /// Posteriors of a path: its classes with most of the probability.
    private func heard(_ path: [Int], classes: Int) -> LogProbabilities {
        LogProbabilities(
            classes: classes, values: path.flatMap { best in (0..<classes).map { $0 == best ? Float(-0.05) : -5 } })
    }

    @Test("letters on both sides of a pause are two words, those around a short one are one", arguments: [6, 20])
    func characters(blanks: Int) {
        var options = BeamOptions(beam: 32)
        options.pauseSteps = 10
        let search = BeamSearch(alphabet: Alphabet(Phones.letters), options: options)
        search.step(heard([2] + [Int](repeating: 0, count: blanks) + [3], classes: 4))
        #expect(search.end().first?.text == (blanks < 10 ? "pq" : "p q"))
    }

    @Test("words by their phones: none lasts through a pause", arguments: [6, 20])
    func phones(blanks: Int) throws {
        let folder = try TemporaryFolder()
        let words = try SpokenWords(
            PronunciationList(
                symbols: ["X", "Y"], entries: [("ab", [0, 1], 0), ("a", [0], 0), ("ba", [1], 0)]),
            model: tinyWords(folder), name: "tiny", vocabulary: Phones.tiny)
        var options = BeamOptions(beam: 32)
        options.pauseSteps = 10
        var weights = DecodingWeights(languageModelWeight: 0.5, wordBonus: -2)
        weights.spoken.joinedWords = -3
        let search = PronunciationSearch(words, options: options, weights: weights)
        search.step(heard([2] + [Int](repeating: 0, count: blanks) + [3], classes: 4))
        #expect(search.end().first?.text == (blanks < 10 ? "ab" : "a ba"))
    }

    @Test("a word that cannot end is not ended")
    func unfinished() throws {
        let grammar = try Grammar(text: "pq\n", alphabet: Alphabet(Phones.letters))
        var decoder = Decoder(alphabet: Alphabet(Phones.letters))
        decoder.grammar = grammar
        (decoder.options.pauseSteps, decoder.grammarThreshold) = (10, -99)
        #expect(decoder.decode(heard([2] + [Int](repeating: 0, count: 20) + [3], classes: 4)).best?.text == "pq")
    }
}
