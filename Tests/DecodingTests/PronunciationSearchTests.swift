import CTC
import Foundation
import LanguageModel
import TestSupport
import Testing

import Decoding

/// The search over phones against the sum over all paths, and what must hold of it whatever it hears.
@Suite struct PronunciationSearchTests {
    private let folder: TemporaryFolder
    private let model: NGramModel
    private let weights: DecodingWeights

    init() throws {
        folder = try TemporaryFolder()
        model = try tinyWords(folder)
        var weights = DecodingWeights(languageModelWeight: 0.7, wordBonus: 0.9)
        weights.spoken.joinedWords = -0.8
        weights.spoken.pronunciation = 0.6
        weights.spoken.unknownWord = -0.5
        weights.spoken.unknownPhone = -0.3
        self.weights = weights
    }

    private func words(characters: Vocabulary? = nil, added: [SpokenWords.Added] = []) throws -> SpokenWords {
        try SpokenWords(
            Phones.list, model: model, name: "tiny", vocabulary: Phones.tiny, characters: characters, added: added)
    }

    /// Weighted nats of words by the language model; nil is an unknown one, and `added` counts as no less than the rarest word.
    private func steering(_ words: [String?], added: Set<String> = []) -> Double {
        var (log10, state) = (0.0, model.beginState)
        for word in words {
            let score = model.score(word ?? "<unk>", after: state)
            log10 += added.contains(word ?? "") ? max(Double(score.log10), -1.1) : Double(score.log10)
            state = score.state
        }
        log10 += Double(model.score("</s>", after: state).log10)
        return 0.7 * log10 * log(10) + 0.9 * Double(words.count)
    }

    private func entries(_ extra: [(String, [Int])] = []) -> [(word: String, labels: [Int], steering: Double)] {
        // "zz" is no word of the language model.
        Phones.entries.filter { $0.word != "zz" }.map {
            ($0.word, $0.phones.map { Int($0) + 2 }, 0.6 * Double($0.logProbability))
        } + extra.map { ($0.0, $0.1, 0) }
    }

    private func key(_ hypothesis: Hypothesis) -> [String] {
        hypothesis.words.map { $0.isKnown ? $0.text : PlainSpokenWords.unknown($0.labels) }
    }

    @Test("words of the language model: what the sum over all paths finds", arguments: [1, 2, 3])
    func knownWords(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let search = PronunciationSearch(
            try words(), options: .exhaustive(beam: 5000, nBest: 5000), weights: weights)
        for steps in [0, 1, 2, 4, 5] {
            let posteriors = randomPosteriors(steps: steps, classes: 4, using: &generator)
            search.begin()
            search.step(posteriors)
            let found = search.end()
            let plain = PlainSpokenWords(
                posteriors, blank: 0, space: 1, classes: 4, joined: -0.8, entries: entries(), unknown: nil,
                score: { steering($0) }
            ).scores
            #expect(found.count == plain.count, "\(steps) steps")
            for hypothesis in found {
                let score = try #require(plain[key(hypothesis)], "\(hypothesis.text)")
                #expect(abs(hypothesis.score - score) < 1e-4, "\(hypothesis) \(score)")
                #expect(hypothesis.isComplete && hypothesis.text == hypothesis.words.map(\.text).joined(separator: " "))
            }
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
        }
    }

    @Test("words without a pronunciation and added ones beside them", arguments: [4, 5])
    func unknownWords(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let added = SpokenWords.Added(text: "new", pronunciations: [([1], 0), ([0, 0], 0)])
        let search = PronunciationSearch(
            try words(characters: Phones.letters, added: [added]), options: .exhaustive(beam: 3000, nBest: 3000),
            weights: weights)
        for steps in [1, 2, 3] {
            let posteriors = randomPosteriors(steps: steps, classes: 4, using: &generator)
            search.begin()
            search.step(Phones.beside(posteriors, randomPosteriors(steps: steps, classes: 4, using: &generator)))
            let found = search.end()
            let plain = PlainSpokenWords(
                posteriors, blank: 0, space: 1, classes: 4, joined: -0.8,
                entries: entries([("new", [3]), ("new", [2, 2])]), unknown: { -0.5 - 0.3 * Double($0.count) },
                score: { steering($0, added: ["new"]) }
            ).scores
            for hypothesis in found {
                let score = try #require(plain[key(hypothesis)], "\(hypothesis.words)")
                #expect(abs(hypothesis.score - score) < 1e-4, "\(hypothesis) \(score)")
                #expect(hypothesis.words.allSatisfy { !$0.text.isEmpty })
            }
            // Of texts that are spelled alike, the best one is given.
            let best = try #require(plain.values.max())
            #expect(abs(found[0].score - best) < 1e-4)
            let known = plain.keys.filter { $0.allSatisfy { !$0.hasPrefix("?") } }
            #expect(Set(found.map(key)).isSuperset(of: known))
        }
    }

    @Test("hot words: each phrase adds its weight, words that the model lacks are allowed", arguments: [8, 9])
    func hotWords(seed: UInt64) throws {
        let alphabet = Alphabet(Vocabulary(symbols: ["<blank>", " ", "a", "b", "z"]))
        let phrases: [(String, Double)] = [("ab", 2), ("a ba", 1.5), ("ba a", 3.25), ("zz", 4)]
        let hot = try HotWords(phrases.map { ($0.0, .nats(Float($0.1))) }, alphabet: alphabet)
        let spoken = try SpokenWords(
            Phones.list, model: model, name: "tiny", vocabulary: Phones.tiny, hotWords: (hot, alphabet))
        let search = PronunciationSearch(spoken, options: .exhaustive(beam: 5000, nBest: 5000), weights: weights)
        var generator = SeededGenerator(seed: seed)
        for steps in [1, 3, 4] {
            let posteriors = randomPosteriors(steps: steps, classes: 4, using: &generator)
            search.begin()
            search.step(posteriors)
            let found = search.end()
            let plain = PlainSpokenWords(
                posteriors, blank: 0, space: 1, classes: 4, joined: -0.8, entries: entries([("zz", [3])]), unknown: nil,
                score: { steering($0, added: ["zz"]) + plainCredit($0.map { $0 ?? "" }, phrases.map { ($0.0, $0.1) }) }
            ).scores
            #expect(found.count == plain.count)
            for hypothesis in found {
                let score = try #require(plain[key(hypothesis)], "\(hypothesis.text)")
                #expect(abs(hypothesis.score - score) < 1e-3, "\(hypothesis) \(score)")
            }
        }
    }

    /// A longer recording, and a search that gives things up.
    private func long(_ steps: Int, seed: UInt64) -> LogProbabilities {
        var generator = SeededGenerator(seed: seed)
        return Phones.beside(
            randomPosteriors(steps: steps, classes: 4, scale: 3, using: &generator),
            randomPosteriors(steps: steps, classes: 4, scale: 3, using: &generator))
    }

    @Test("in pieces or in one, bit for bit", arguments: [1, 3])
    func pieces(nBest: Int) throws {
        let posteriors = long(1200, seed: 6)
        let spoken = try words(characters: Phones.letters)
        let search = PronunciationSearch(spoken, options: BeamOptions(beam: 16, nBest: nBest), weights: weights)
        search.step(posteriors)
        let whole = search.end()
        #expect(whole[0].words.count > 100)
        for piece in [1, 7, 1000] {
            search.begin()
            for start in stride(from: 0, to: 1200, by: piece) {
                search.step(posteriors[start..<min(1200, start + piece)])
            }
            #expect(search.end() == whole)
        }
    }

    @Test("what is settled is given out once, and stays", arguments: [1, 4])
    func settles(nBest: Int) throws {
        let posteriors = long(900, seed: 7)
        let search = PronunciationSearch(
            try words(characters: Phones.letters), options: BeamOptions(beam: 32, nBest: nBest), weights: weights)
        var given: [SpokenWord] = []
        for start in stride(from: 0, to: 900, by: 150) {
            search.step(posteriors[start..<start + 150])
            given += try #require(search.settle())
            #expect(search.settledWords == given.count)
            #expect(search.settle() == [])
        }
        let found = search.end()
        #expect(found[0].words == given)
        #expect(found.count == nBest && Set(found.map(\.text)).count == nBest)
    }

    @Test("the memory of the tree does not grow with the recording")
    func memory() throws {
        let search = PronunciationSearch(try words(), options: BeamOptions(beam: 24), weights: weights)
        for seed in 0..<6 {
            var generator = SeededGenerator(seed: UInt64(seed))
            search.step(randomPosteriors(steps: 1000, classes: 4, scale: 2, using: &generator))
        }
        #expect(search.prefixCapacity <= 1 << 16)
        #expect(search.end()[0].words.count > 500)
    }

    @Test("a wider beam finds no worse, and the usual one hardly less than a very wide one")
    func widths() throws {
        let spoken = try words()
        for seed in 20..<26 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let posteriors = randomPosteriors(steps: 80, classes: 4, using: &generator)
            func best(_ options: BeamOptions) throws -> Hypothesis {
                let search = PronunciationSearch(spoken, options: options, weights: weights)
                search.step(posteriors)
                return try #require(search.end().first)
            }
            let wide = try best(.exhaustive(beam: 2000))
            for beam in [1, 8, 64] { #expect(try best(BeamOptions(beam: beam)).score <= wide.score + 0.05) }
            // What a narrow beam gives up is a small part of P.
            let usual = try best(BeamOptions(beam: 256)).score
            #expect(usual > wide.score - 3, "\(usual), and \(wide.score) in a very wide beam")
        }
    }

    @Test("whatever the posteriors are, nothing traps", arguments: [Float.nan, .infinity, -.infinity, 1e30, 0])
    func hostile(value: Float) throws {
        let search = PronunciationSearch(
            try words(characters: Phones.letters), options: BeamOptions(beam: 8, nBest: 3), weights: weights)
        search.step(LogProbabilities(classes: 8, values: [Float](repeating: value, count: 8 * 40)))
        _ = search.settle()
        search.step(LogProbabilities(classes: 8, values: [Float](repeating: value, count: 8 * 3)))
        _ = search.end()
        #expect(search.steps == 43)
        search.begin()
        #expect(search.end().map(\.text) == [""])
    }

    @Test("hundreds of words that sound alike")
    func homophones() throws {
        var entries = Phones.entries
        let added = (0..<300).map { SpokenWords.Added(text: "w\($0)", pronunciations: [([0], 0)]) }
        entries.append(("ab", [0], 0))
        let spoken = try SpokenWords(
            PronunciationList(symbols: ["X", "Y"], entries: entries), model: model, name: "tiny",
            vocabulary: Phones.tiny,
            added: added)
        let search = PronunciationSearch(spoken, options: BeamOptions(beam: 16), weights: weights)
        var generator = SeededGenerator(seed: 31)
        search.step(randomPosteriors(steps: 20, classes: 4, using: &generator))
        #expect(search.end().count == 1)
    }
}
