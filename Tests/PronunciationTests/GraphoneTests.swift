import Foundation
import LanguageModel
import TestSupport
import Testing

import Pronunciation

@Suite struct GraphoneTests {
    private let entries: [LexiconEntry]

    init() throws { entries = try LexiconText(path: Samples.lexicon).checked() }

    private func train(_ entries: [LexiconEntry], order: Int, threshold: Double = 0) throws -> GraphoneModel {
        var options = GraphoneOptions()
        (options.order, options.threshold, options.bits) = (order, threshold, 16)
        var report = GraphoneReport()
        return try GraphoneModel.train(on: entries, alphabet: .arpabet, options: options, report: &report)
    }

    @Test("the alignment finds which letters make which phones, and gets more likely with each pass")
    func alignment() throws {
        let letters = Array("abcdefghijklmnopqrstuvwxyz.")
        let words = entries.map(\.word)
        let samples = entries.map { entry in
            GraphoneSample(
                letters: entry.word.compactMap { letters.firstIndex(of: $0).map(UInt8.init) },
                phones: entry.pronunciations[0].phones)
        }
        var alignment = GraphoneAlignment(letters: letters.count, phones: 39)
        let likelihoods = (0..<8).map { _ in alignment.improve(on: samples) }
        for (before, after) in zip(likelihoods, likelihoods.dropFirst()) { #expect(after >= before - 1e-9) }
        for (word, units) in [
            ("ship", ["2:1", "1:1", "1:1"]), ("cat", ["1:1", "1:1", "1:1"]), ("box", ["1:1", "1:1", "1:2"]),
        ] {
            let sample = samples[try #require(words.firstIndex(of: word))]
            #expect(alignment.best(sample)?.map { "\($0.letters):\($0.phones)" } == units, "\(word)")
        }
        // A letter makes two phones at most.
        #expect(alignment.best(GraphoneSample(letters: [0], phones: [1, 2, 3])) == nil)
        #expect(alignment.improve(on: [GraphoneSample(letters: [0], phones: [1, 2, 3])]) == -.infinity)
    }

    @Test("a guess has the sum over all segmentations, as a plain enumeration finds them")
    func enumeration() throws {
        let model = try train(entries, order: 3)
        for word in ["she", "box", "cat"] {
            let letters = Array(word.unicodeScalars)
            var sums: [[UInt8]: Double] = [:]
            func extend(_ place: Int, _ phones: [UInt8], _ log10: Double, _ state: LanguageModelState) {
                if place == letters.count {
                    let end = model.ngram.score(model.ngram.sentenceEnd, after: state).log10
                    if !phones.isEmpty { sums[phones, default: 0] += pow(10, log10 + Double(end)) }
                    return
                }
                var units = (model.singles[letters[place]] ?? []).map { (1, $0) }
                if place + 2 <= letters.count {
                    units += (model.pairs[Array(letters[place...place + 1])] ?? []).map { (2, $0) }
                }
                for (count, unit) in units {
                    let score = model.ngram.score(unit.word, after: state)
                    let more = [unit.first, unit.second].prefix(unit.count)
                    extend(place + count, phones + more, log10 + Double(score.log10), score.state)
                }
            }
            extend(0, [], 0, model.ngram.beginState)
            let total = sums.values.reduce(0, +)
            let wide = GraphoneModel.SearchOptions(beam: 1_000_000, range: 1000)
            let found = model.guess(letters: letters, count: 1_000_000, options: wide)
            #expect(found.count == sums.count)
            for guess in found {
                #expect(abs(Double(guess.probability) - (sums[guess.phones] ?? -1) / total) < 1e-4)
            }
            let narrow = model.guess(letters: letters, count: 2)
            #expect(narrow.first?.phones == found.first?.phones)
        }
    }

    @Test("words that were learned come back, others by analogy, and always the same")
    func learned() throws {
        let model = try train(entries, order: 6)
        func best(_ word: String) -> String {
            PhoneAlphabet.arpabet.text(
                of: model.guess(letters: Array(word.unicodeScalars), count: 1).first?.phones ?? [])
        }
        #expect(best("nation") == "N EY SH AH N" && best("light") == "L AY T" && best("phone") == "F OW N")
        #expect(best("shight") == "SH AY T")
        let again = try train(entries, order: 6)
        for word in ["zotion", "brake", "knook"] {
            let letters = Array(word.unicodeScalars)
            #expect(model.guess(letters: letters, count: 5) == again.guess(letters: letters, count: 5))
        }
    }

    @Test("probabilities fall and sum up to at most 1; letters that are not known give no answer")
    func answers() throws {
        let model = try train(entries, order: 4, threshold: 1e-6)
        let guesses = model.guess(letters: Array("phonight".unicodeScalars), count: 10)
        #expect(guesses.count > 3 && Set(guesses.map(\.phones)).count == guesses.count)
        #expect(zip(guesses, guesses.dropFirst()).allSatisfy { $0.probability >= $1.probability })
        #expect(guesses.reduce(0) { $0 + $1.probability } < 1.0001)
        for word in ["", "caf\u{e9}", "4", String(repeating: "a", count: 256)] {
            #expect(model.guess(letters: Array(word.unicodeScalars), count: 3).isEmpty)
        }
        #expect(model.guess(letters: Array(String(repeating: "ab", count: 127).unicodeScalars), count: 1).count == 1)
        #expect(model.guess(letters: Array("cat".unicodeScalars), count: 0).isEmpty)
    }

    @Test("a letter may be a slash or a comma, a lexicon may have its own phones, and rare words are left out")
    func odd() throws {
        let alphabet = try PhoneAlphabet(symbols: ["/", "}", "a,b"])
        func entry(_ word: String, _ phones: UInt8...) -> LexiconEntry {
            LexiconEntry(word: word, pronunciations: [Pronunciation(phones: phones)])
        }
        var report = GraphoneReport()
        var options = GraphoneOptions()
        options.order = 2
        let model = try GraphoneModel.train(
            on: [entry("x,", 0, 1), entry(",x", 1, 0), entry("ж", 2), entry("w", 0, 1, 2), entry("a-b", 0)],
            alphabet: alphabet, options: options, report: &report)
        #expect(report.learned == 3 && report.leftOut == 1)
        #expect(model.guess(letters: [",", "ж"], count: 1).first?.phones == [1, 2])
        #expect(throws: PronunciationError.self) {
            try GraphoneModel.train(on: [entry("w", 0, 1, 2)], alphabet: alphabet, report: &report)
        }
        options.order = 10
        #expect(throws: PronunciationError.self) {
            try GraphoneModel.train(on: [entry("x", 0)], alphabet: alphabet, options: options, report: &report)
        }
    }

    @Test("a damaged model in a lexicon never traps")
    func damage() throws {
        let folder = try TemporaryFolder()
        let lexicon = try PronunciationLexicon(
            entries: Array(entries.prefix(40)), alphabet: .arpabet, model: train(Array(entries.prefix(40)), order: 3))
        let path = folder.path("l.lexicon")
        try lexicon.write(to: path)
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let without = try PronunciationLexicon(entries: Array(entries.prefix(40)), alphabet: .arpabet).size
        var random = SeededGenerator(seed: 3)
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: without..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let damaged = try? PronunciationLexicon(path: folder.write(bytes, to: "damaged")) else { continue }
            for word in ["abacus", "bid", "call"] { _ = damaged.guess(word) }
        }
    }

    @Test("errors on words held out: every word is counted once, phones are compared with the fewest differences")
    func heldOut() throws {
        let errors = try HeldOutErrors(of: entries, alphabet: .arpabet, share: 4)
        #expect(errors.words > 20 && errors.learned + errors.words == entries.count)
        #expect(errors.wordErrorRate > 0.1 && errors.wordErrorRate < 1)
        #expect(errors.phoneErrors == errors.confusions.values.reduce(0, +))
        #expect(errors.wrongInThree <= errors.mistakes.count)
        #expect(HeldOutErrors.pairs([1, 2, 3], [1, 3]) == [[2, 255]])
        #expect(HeldOutErrors.pairs([1, 3], [1, 2, 3]) == [[255, 2]])
        #expect(HeldOutErrors.pairs([1, 4, 3], [1, 2, 3]) == [[4, 2]])
        #expect(HeldOutErrors.pairs([], [7]) == [[255, 7]] && HeldOutErrors.pairs([7], [7]).isEmpty)
        #expect(throws: PronunciationError.self) { try HeldOutErrors(of: entries, alphabet: .arpabet, share: 1) }
    }
}
