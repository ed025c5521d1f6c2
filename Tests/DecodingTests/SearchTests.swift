import CTC
import Decoding
import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite struct SearchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Long, uncertain posteriors of random letters.
    private func long(_ steps: Int, seed: UInt64) -> LogProbabilities {
        var generator = SeededGenerator(seed: seed)
        return randomPosteriors(steps: steps, classes: 4, scale: 1.5, using: &generator)
    }

    @Test("in pieces or in one, the texts and scores are the same, bit for bit", arguments: [1, 2])
    func streamed(seed: UInt64) throws {
        // Long enough that the tree is swept many times and old labels are decided.
        let posteriors = long(6000, seed: seed)
        let alphabet = Alphabet(Vocabularies.tiny)
        var decoder = Decoder(alphabet: alphabet, options: BeamOptions(beam: 32, nBest: 5))
        decoder.textModel = try WordModel(tinyWords(folder), name: "tiny", alphabet: alphabet)
        decoder.hotWords = try HotWords([("ab ab", .high), ("bbb", .low)], alphabet: alphabet)
        let whole = decoder.decode(posteriors)
        #expect(whole.hypotheses.count == 5)
        #expect(whole.best?.text.count ?? 0 > 1500)
        var generator = SeededGenerator(seed: seed)
        let search = decoder.makeSearch()
        // A search that has done another recording is as good as new.
        search.step(long(700, seed: seed + 100))
        search.begin()
        var done = 0
        while done < posteriors.steps {
            let next = min(posteriors.steps, done + Int.random(in: 0...90, using: &generator))
            search.step(posteriors[done..<next])
            done = next
        }
        #expect(decoder.end(search) == whole)
        #expect(search.steps == 6000)
    }

    @Test("what was decided on the way is the beginning of the end, and the language model goes on from it")
    func settled() throws {
        var generator = SeededGenerator(seed: 9)
        let alphabet = Alphabet(Vocabularies.english)
        var decoder = Decoder(alphabet: alphabet)
        decoder.textModel = try WordModel(
            NGramFixture.household(folder), name: "household", alphabet: alphabet, isClosed: true)
        let parts = ["turn on the lamp ", "stop the ", "timer"].map {
            spoken($0, Vocabularies.english, certainty: 5, using: &generator)
        }
        let search = decoder.makeSearch()
        var labels: [Int] = []
        for part in parts.dropLast() {
            search.step(part)
            labels += search.settle()
            #expect(search.settledLabels == labels.count)
            #expect(search.settle() == [])
        }
        search.step(parts[2])
        let result = decoder.end(search)
        #expect(result.best?.labels.starts(with: labels) == true)
        #expect(Vocabularies.english.text(of: labels) == "turn on the lamp stop the")
        // As if the search had been left alone, which was sure as well.
        var whole = LogProbabilities(classes: parts[0].classes)
        for part in parts { whole.append(part) }
        let undisturbed = decoder.decode(whole)
        #expect(result.best?.text == undisturbed.best?.text)
        #expect(abs((result.best?.score ?? 0) - (undisturbed.best?.score ?? 99)) < 0.5)
    }

    @Test("several texts of the whole are made of those of parts decided on the way, and none is missed")
    func settledAlternatives() throws {
        let wanted = 12
        let parts = (0..<3).map { long(9, seed: 40 + UInt64($0)) }
        let decoder = Decoder(
            alphabet: Alphabet(Vocabularies.tiny), options: .exhaustive(beam: 4000, nBest: wanted))
        let search = decoder.makeSearch()
        var labels: [Int] = []
        for part in parts.dropLast() {
            search.step(part)
            labels += search.settle()
        }
        search.step(parts[2])
        let found = search.end()
        #expect(found.count == wanted && Set(found.map(\.text)).count == wanted)
        #expect(found[0].labels.starts(with: labels))
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
        // Some differ before the last pause.
        #expect(found.contains { !$0.labels.starts(with: labels) })
        // What is searched in one piece has the same first texts before the last pause.
        let first = Decoder(alphabet: decoder.alphabet, options: decoder.options).decode(parts[0]).hypotheses
        let begun = Set(first.prefix(3).map(\.text).filter { !$0.isEmpty })
        #expect(found.filter { text in begun.contains { text.text.hasPrefix($0) } }.count > 1)
    }

    @Test("the best sums over parts are those of all combinations", arguments: [1, 2, 3])
    func joinedParts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func part(_ count: Int, _ label: Int) -> [SettledParts<Int>.Text] {
            (0..<count).map { index in
                SettledParts<Int>.Text(
                    units: [label + index], acoustic: -Double(generator.uniform() + 1) * 3,
                    steering: Double(generator.uniform()))
            }
            .sorted { $0.score > $1.score }
        }
        let all = [part(7, 0), part(1, 10), part(5, 20), part(6, 30)]
        for limit in [1, 4, 10] {
            var settled = SettledParts<Int>(limit: limit)
            for part in all.dropLast() { settled.append(part) }
            let joined = settled.joined(with: all[3])
            var sums: [Double] = []
            for a in all[0] {
                for b in all[1] {
                    for c in all[2] {
                        for d in all[3] { sums.append(a.score + b.score + c.score + d.score) }
                    }
                }
            }
            let base = all.dropLast().reduce(0) { $0 + $1[0].score }
            let expected = sums.sorted(by: >).prefix(limit).map { $0 - base }
            #expect(joined.count == limit && joined.allSatisfy { $0.units.count == 4 })
            #expect(zip(joined, expected).allSatisfy { abs($0.score - $1) < 1e-9 })
        }
    }

    @Test("the best hypotheses come first, each text once, and one is the first of many")
    func order() {
        let posteriors = long(60, seed: 4)
        func decode(_ nBest: Int) -> [Hypothesis] {
            Decoder(alphabet: Alphabet(Vocabularies.tiny), options: .exhaustive(beam: 50, nBest: nBest))
                .decode(posteriors).hypotheses
        }
        let many = decode(20)
        #expect(many.count == 20)
        #expect(zip(many, many.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(Set(many.map(\.text)).count == 20)
        #expect(decode(1) == [many[0]])
        #expect(many.allSatisfy { $0.steering == 0 && $0.score == $0.acoustic && $0.isComplete })
    }

    @Test("a wider beam finds no worse, and thresholds only take away")
    func widths() throws {
        var gained = 0
        for seed in 10..<20 {
            let posteriors = long(80, seed: UInt64(seed))
            var last = -Double.infinity
            for beam in [1, 2, 8, 64, 400] {
                let best = try #require(
                    Decoder(alphabet: Alphabet(Vocabularies.tiny), options: .exhaustive(beam: beam))
                        .decode(posteriors).best)
                // The search's own figure may waver a little: other prefixes take part in the sum.
                #expect(best.score > last - 0.7, "seed \(seed), beam \(beam)")
                if best.score > last { gained += 1 }
                last = max(last, best.score)
                var narrow = BeamOptions.exhaustive(beam: beam)
                (narrow.scoreThreshold, narrow.classThreshold) = (0.5, 0.5)
                let less = try #require(
                    Decoder(alphabet: Alphabet(Vocabularies.tiny), options: narrow).decode(posteriors).best)
                #expect(less.score <= last + 0.7)
            }
        }
        #expect(gained > 25)
    }

    @Test("a threshold of 0 follows the best prefix alone; classes beyond theirs extend nothing")
    func thresholds() throws {
        var options = BeamOptions.exhaustive(beam: 100, nBest: 100)
        options.scoreThreshold = 0
        let posteriors = long(20, seed: 5)
        let search = { (options: BeamOptions) in
            Decoder(alphabet: Alphabet(Vocabularies.tiny), options: options).decode(posteriors).hypotheses
        }
        #expect(search(options).count == 1)
        options = .exhaustive(beam: 100, nBest: 100)
        options.classThreshold = 0
        // Only the best class of each step extends, so that every letter is the best of some step.
        let heard = Set(BestPath(posteriors).classes)
        #expect(search(options).allSatisfy { heard.isSuperset(of: $0.labels) })
        let peaked = LogProbabilities(classes: 4, values: [-0.2, -5, -1.8, -6].map { Float($0) })
        for (threshold, texts) in [(Float(0.5), 1), (1.7, 2), (5.9, 3)] {
            options.classThreshold = threshold
            let decoder = Decoder(alphabet: Alphabet(Vocabularies.tiny), options: options)
            #expect(decoder.decode(peaked).hypotheses.count == texts)
        }
    }

    @Test("a doubled letter needs a blank between, and a letter held is one")
    func doubledLetters() throws {
        func posteriors(_ path: [Int]) -> LogProbabilities {
            LogProbabilities(
                classes: 4, values: path.flatMap { best in (0..<4).map { $0 == best ? Float(log(0.97)) : log(0.01) } })
        }
        let decoder = Decoder(alphabet: Alphabet(Vocabularies.tiny))
        #expect(decoder.decode(posteriors([2, 2, 0, 2, 1, 1, 3, 3, 3])).best?.text == "aa b")
        #expect(decoder.decode(posteriors([0, 1, 0, 2, 0, 1, 0, 1])).best?.text == "a")
        #expect(decoder.decode(posteriors([])).best?.text == "")
        #expect(decoder.decode(posteriors([0, 0])).best?.labels == [])
    }

    @Test("numbers that are none stop nothing")
    func hostileNumbers() throws {
        let decoder = Decoder(alphabet: Alphabet(Vocabularies.tiny), options: BeamOptions(beam: 8, nBest: 8))
        var generator = SeededGenerator(seed: 6)
        let strange: [Float] = [.nan, .infinity, -.infinity, 1e38, -1e38, 0, -1]
        for _ in 0..<200 {
            let values = (0..<40).map { _ in strange.randomElement(using: &generator) ?? 0 }
            for hypothesis in decoder.decode(LogProbabilities(classes: 4, values: values)).hypotheses {
                #expect(hypothesis.score.isFinite)
            }
        }
        let nothing = LogProbabilities(classes: 4, values: [Float](repeating: -.infinity, count: 8))
        #expect(decoder.decode(nothing).best == nil)
    }

    @Test("within a lexicon, what is left of a word that was not finished is dropped")
    func unfinished() throws {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Alphabet(Vocabularies.english)
        var decoder = Decoder(alphabet: alphabet, options: BeamOptions(beam: 4))
        decoder.textModel = WordModel(
            words: try HotWords([("turn", .low), ("left", .low)], alphabet: alphabet).words)
        let whole = decoder.decode(spoken("turn left", Vocabularies.english, certainty: 12, using: &generator))
        #expect(whole.best?.text == "turn left" && whole.best?.isComplete == true)
        let cut = decoder.decode(spoken("turn le", Vocabularies.english, certainty: 12, using: &generator))
        #expect(cut.best?.text == "turn" && cut.best?.isComplete == false)
    }

    @Test("a beam remembers no more than its options say, whatever is asked")
    func nBestBeyondTheBeam() {
        let decoder = Decoder(alphabet: Alphabet(Vocabularies.tiny), options: BeamOptions(beam: 3, nBest: 50))
        #expect((1...3).contains(decoder.decode(long(30, seed: 8)).hypotheses.count))
    }
}
