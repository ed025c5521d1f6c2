import CTC
import Decoding
import Foundation
import LanguageModel
import TestSupport
import Testing

/// With a beam that holds every prefix, the search must find what the sum over all paths finds: the same texts in the same
/// order with the same scores.
@Suite struct ExhaustiveTests {
    private let folder: TemporaryFolder
    private let weights: DecodingWeights

    init() throws {
        folder = try TemporaryFolder()
        var weights = DecodingWeights(languageModelWeight: 0.7, wordBonus: 0.9)
        weights.unknownWordPenalty = -2
        self.weights = weights
    }

    /// Compares the search with the plain sums on random posteriors.
    private func agrees(
        _ vocabulary: Vocabulary, seed: UInt64, steering: (String) -> Double = { _ in 0 },
        set: (inout Decoder) throws -> Void = { _ in }
    ) throws {
        var generator = SeededGenerator(seed: seed)
        for steps in [0, 1, 2, 4, 5] {
            let posteriors = randomPosteriors(steps: steps, classes: vocabulary.symbols.count, using: &generator)
            var decoder = Decoder(
                alphabet: Alphabet(vocabulary), options: .exhaustive(beam: 5000, nBest: 5000), weights: weights)
            try set(&decoder)
            decoder.grammarThreshold = -.infinity
            let found = decoder.decode(posteriors).hypotheses.filter(\.isComplete)
            let plain = PlainDecoder(posteriors, vocabulary).ranked(steering)
            try #require(found.count == plain.count, "\(steps) steps")
            for (mine, theirs) in zip(found, plain) {
                #expect(abs(mine.score - theirs.score) < 1e-4, "\(mine) \(theirs)")
                let same = try #require(plain.first { $0.text == mine.text }, "\(mine.text)")
                #expect(abs(mine.acoustic - same.acoustic) < 1e-4, "\(mine) \(same)")
                #expect(abs(mine.score - same.score) < 1e-4, "\(mine) \(same)")
                #expect(vocabulary.text(of: mine.labels) == mine.text)
            }
        }
    }

    private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    @Test("without a language model", arguments: [1, 2, 3])
    func unsteered(seed: UInt64) throws {
        try agrees(Vocabularies.tiny, seed: seed)
        try agrees(Vocabularies.pieces, seed: seed)
    }

    @Test("words, unknown ones allowed", arguments: [4, 5])
    func openWords(seed: UInt64) throws {
        let model = try tinyWords(folder)
        for vocabulary in [Vocabularies.tiny, Vocabularies.pieces] {
            let known = try WordModel(model, name: "tiny", alphabet: Alphabet(vocabulary))
            // The formula, with none of the search's code.
            let symbols = vocabulary.symbols.enumerated().filter { $0.offset != vocabulary.blank }.map(\.element)
            let spelling = PlainSpelling(
                words: model.ordinaryWords.map(model.word), letters: Set(symbols.joined()).subtracting([" "]))
            let plain = { (text: String) -> Double in
                let score = model.score(sentence: text)
                let letters = words(text).filter { model.id(of: $0) == model.unknownWord }.reduce(0) {
                    $0 + spelling.cost($1)
                }
                return 0.7
                    * (score.log10 * log(10) - 2 * Double(score.unknownWords)
                        + weights.unknownLetterPenalty * letters) + 0.9 * Double(score.words - 1)
            }
            #expect(abs(known.score(["ab", "bb"], weights) - plain("ab bb")) < 1e-5)
            try agrees(vocabulary, seed: seed, steering: plain) { $0.textModel = known }
        }
    }

    @Test("words of the lexicon alone, added ones among them", arguments: [6, 7])
    func closedWords(seed: UInt64) throws {
        let model = try tinyWords(folder)
        let alphabet = Alphabet(Vocabularies.tiny)
        let lexicon: Set = ["a", "ab", "ba", "bb"]
        let added = try HotWords([("bb", .nats(0))], alphabet: alphabet).words
        try agrees(
            Vocabularies.tiny, seed: seed,
            steering: { text in
                guard words(text).allSatisfy(lexicon.contains) else { return -.infinity }
                // bb counts as <unk>, but as no less likely than the rarest word, ba.
                var (log10, state) = (0.0, model.beginState)
                for word in words(text) {
                    let score = model.score(word, after: state)
                    log10 += word == "bb" ? max(Double(score.log10), -1.1) : Double(score.log10)
                    state = score.state
                }
                log10 += Double(model.score("</s>", after: state).log10)
                return 0.7 * log10 * log(10) + 0.9 * Double(words(text).count)
            },
            set: {
                $0.textModel = try WordModel(
                    model, name: "tiny", alphabet: alphabet, addedWords: added, isClosed: true)
            })
    }

    @Test("a list of words")
    func wordList() throws {
        let alphabet = Alphabet(Vocabularies.tiny)
        let list = try HotWords([("aa", .low), ("b", .low)], alphabet: alphabet).words
        try agrees(
            Vocabularies.tiny, seed: 8,
            steering: { text in
                words(text).allSatisfy { ["aa", "b"].contains($0) } ? 0.9 * Double(words(text).count) : -.infinity
            }
        ) { $0.textModel = WordModel(words: list) }
    }

    @Test("characters", arguments: [9, 10])
    func characters(seed: UInt64) throws {
        let model = try tinyCharacters(folder)
        for vocabulary in [Vocabularies.tiny, Vocabularies.pieces] {
            try agrees(
                vocabulary, seed: seed,
                steering: { text in
                    let marked = text.map { $0 == " " ? "\u{2581}" : String($0) }.joined(separator: " ")
                    return 0.7 * model.score(sentence: marked).log10 * log(10) + 0.9 * Double(words(text).count)
                },
                set: {
                    let fitted = try TextModels.fit(model, name: "tiny", alphabet: $0.alphabet)
                    #expect(fitted is CharacterModel)
                    $0.textModel = fitted
                })
        }
    }

    @Test("hot words", arguments: [11, 12, 13])
    func hotWords(seed: UInt64) throws {
        for vocabulary in [Vocabularies.tiny, Vocabularies.pieces] {
            let phrases: [(String, Double)] = [("ab", 2), ("a b", 1.5), ("b a", 3.25), ("ab a b", 4)]
            try agrees(vocabulary, seed: seed, steering: { plainCredit(words($0), phrases) }) {
                $0.hotWords = try HotWords(
                    phrases.map { ($0.0, .nats(Float($0.1))) }, alphabet: $0.alphabet)
            }
        }
    }

    @Test("a grammar")
    func grammar() throws {
        let grammar = "#JSGF V1.0;\npublic <x> = [a] (/2/ b | /1/ a b | /0/ a a a)+;"
        let plain: (String) -> Double = { text in
            // By trying every way to read the words.
            func read(_ rest: ArraySlice<String>, _ repeats: Int) -> Double {
                var best = rest.isEmpty && repeats > 0 ? 0.0 : -.infinity
                if rest.first == "b" { best = max(best, read(rest.dropFirst(), repeats + 1)) }
                if rest.starts(with: ["a", "b"]) { best = max(best, log(0.5) + read(rest.dropFirst(2), repeats + 1)) }
                return best
            }
            let all = words(text)[...]
            return max(read(all, 0), all.first == "a" ? read(all.dropFirst(), 0) : -.infinity)
        }
        for vocabulary in [Vocabularies.tiny, Vocabularies.pieces] {
            try agrees(vocabulary, seed: 14, steering: { (plain($0) * 1024).rounded() / 1024 }) {
                $0.grammar = try Grammar(text: grammar, alphabet: $0.alphabet)
            }
        }
    }

    @Test("all together: the sum of what each gives")
    func together() throws {
        let model = try tinyWords(folder)
        let alphabet = Alphabet(Vocabularies.tiny)
        let known = try WordModel(model, name: "tiny", alphabet: alphabet)
        let phrases = [("ab", 2.0), ("a ba", 3.0)]
        try agrees(
            Vocabularies.tiny, seed: 15,
            steering: { text in
                let all = words(text)
                guard !all.isEmpty, all.allSatisfy({ ["a", "ab", "ba", "bb"].contains($0) }) else { return -.infinity }
                return known.score(all, weights) + plainCredit(all, phrases)
            },
            set: {
                $0.textModel = known
                $0.hotWords = try HotWords(phrases.map { ($0.0, .nats(Float($0.1))) }, alphabet: alphabet)
                $0.grammar = try Grammar(text: "#JSGF V1.0; public <x> = (a | ab | ba | bb)+;", alphabet: alphabet)
            })
    }
}

/// What hot words add to a text of whole words, from their definition: going through the words, a phrase that ends at a
/// word adds its weight, or what that is above the weight of phrases heard before that it overlaps with.
func plainCredit(_ words: [String], _ phrases: [(text: String, weight: Double)]) -> Double {
    var (total, granted, grantedEnd) = (0.0, 0.0, 0)
    for end in 1..<max(1, words.count + 1) {
        var (best, isCovered) = (0.0, false)
        for phrase in phrases {
            let parts = phrase.text.split(separator: " ").map(String.init)
            guard words[..<end].suffix(parts.count) == parts[...] else { continue }
            best = max(best, phrase.weight)
            if granted > 0, end - parts.count < grantedEnd { isCovered = true }
        }
        guard best > 0 else { continue }
        total += isCovered ? max(0, best - granted) : best
        granted = isCovered ? max(best, granted) : best
        grantedEnd = end
    }
    return total
}
