import Files
import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite struct CompactModelTests {
    private let folder: TemporaryFolder
    private let model: NGramModel

    init() throws {
        folder = try TemporaryFolder()
        let path = try SmallText.write(SmallText.sentences(400, words: 60, seed: 5), to: folder)
        var options = EstimationOptions()
        options.order = 4
        var report = EstimationReport()
        model = try NGramModel.estimate(from: [path], options: options, report: &report)
    }

    private let unseen = SmallText.sentences(200, words: 62, seed: 6).map { $0.joined(separator: " ") }

    @Test("a compiled model gives exactly what its model gives")
    func exact() throws {
        try model.write(compact: folder.path("m.lm"))
        let compact = try CompactModel(path: folder.path("m.lm"))
        #expect(compact.counts == model.counts)
        for id in 0..<UInt32(model.vocabularySize) {
            #expect(compact.word(id) == model.word(id))
            #expect(compact.id(of: model.word(id)) == id)
        }
        #expect(compact.id(of: "") == 0 && compact.id(of: "zzz") == 0 && compact.id(of: "<s>") == 1)
        for sentence in unseen {
            #expect(compact.score(sentence: sentence) == model.score(sentence: sentence))
        }
    }

    @Test("many words are found as one by one, also those that are not there")
    func finder() throws {
        try model.write(compact: folder.path("m.lm"))
        let compact = try CompactModel(path: folder.path("m.lm"))
        let words = (0..<UInt32(model.vocabularySize)).map(model.word) + ["", "zzz", "<s>", "</s>", "<unk>"]
        for finder in [compact.makeFinder(), model.makeFinder()] {
            let found = words.map { word in
                var word = word
                return word.withUTF8 { finder(UnsafeRawBufferPointer($0)) }
            }
            #expect(found == words.map(model.id))
        }
        for id in 0..<UInt32(model.vocabularySize) + 2 {
            #expect(compact.unigram(id) == model.score(id, after: model.emptyState).log10)
        }
    }

    @Test("two models as one: the mean of their probabilities, each with the words before as it knows them")
    func mixed() throws {
        let path = try SmallText.write(SmallText.sentences(50, words: 70, seed: 8), to: folder)
        var options = EstimationOptions()
        options.order = 3
        var report = EstimationReport()
        let other = try NGramModel.estimate(from: [path], options: options, report: &report)
        let mixed = try #require(MixedModel(other, model, share: 0.25))
        var (states, state) = ((other.beginState, model.beginState), mixed.beginState)
        var alone = 0
        for word in (unseen + SmallText.sentences(20, words: 70, seed: 9).map { $0.joined(separator: " ") })
            .flatMap({ $0.split(separator: " ").map(String.init) })
        {
            let id = mixed.id(of: word)
            let (a, b) = (other.score(word, after: states.0), model.score(word, after: states.1))
            let (inOther, inModel) = (other.id(of: word) != 0, model.id(of: word) != 0)
            if inOther, !inModel { alone += 1 }
            var expected = inOther ? 0.25 * pow(10, Double(a.log10)) : 0
            if inModel || !inOther { expected += 0.75 * pow(10, Double(b.log10)) }
            let score = mixed.score(id, after: state)
            #expect(abs(Double(score.log10) - log10(expected)) < 1e-5)
            if id != mixed.unknownWord { #expect(mixed.word(id) == word) }
            (states, state) = ((a.state, b.state), score.state)
        }
        #expect(alone > 0)
        let find = mixed.makeFinder()
        for id in 0..<UInt32(mixed.vocabularySize) {
            var word = mixed.word(id)
            #expect(mixed.id(of: word) == id)
            #expect(word.withUTF8 { find(UnsafeRawBufferPointer($0)) } == id)
        }
    }

    @Test("a quantised model is smaller and nearly the same", arguments: [(8, 0.02), (12, 0.002)])
    func quantised(bits: Int, tolerance: Double) throws {
        try model.write(compact: folder.path("m.lm"))
        try model.write(compact: folder.path("q.lm"), precision: .bits(bits))
        let exact = try CompactModel(path: folder.path("m.lm"))
        let compact = try CompactModel(path: folder.path("q.lm"))
        if bits == 8 { #expect(compact.size < exact.size) }
        var (a, b) = (TextScore(), TextScore())
        for sentence in unseen {
            a.add(model.score(sentence: sentence))
            b.add(compact.score(sentence: sentence))
        }
        #expect(a.lengths == b.lengths)
        #expect(abs(b.perplexity / a.perplexity - 1) < tolerance)
    }

    @Test("a file that is cut anywhere, longer, or foreign is refused in one line")
    func damaged() throws {
        try model.write(compact: folder.path("m.lm"), precision: .bits(4))
        let bytes = [UInt8](try Data(contentsOf: folder.url.appendingPathComponent("m.lm")))
        var cases = stride(from: 0, to: bytes.count, by: 997).map { Array(bytes.prefix($0)) }
        cases += [bytes.dropLast(), bytes + [0], Array("RIFF".utf8) + bytes].map { Array($0) }
        cases += (0..<120).map { index in
            var damaged = bytes
            damaged[index] ^= 0x55
            return damaged
        }
        for (index, damaged) in cases.enumerated() {
            let path = try folder.write(damaged, to: "damaged.lm")
            let error = #expect(throws: LanguageModelError.self, "case \(index)") { _ = try CompactModel(path: path) }
            #expect(error.map { !"\($0)".contains("\n") && "\($0)".contains("damaged.lm") } == true)
        }
        #expect(throws: FileError.self) { _ = try CompactModel(path: folder.path("missing")) }
        #expect(throws: FileError.self) { _ = try CompactModel(path: folder.url.path) }
    }

    @Test("damage behind the head never makes a query read outside the file")
    func damagedRecords() throws {
        try model.write(compact: folder.path("m.lm"), precision: .bits(8))
        let bytes = [UInt8](try Data(contentsOf: folder.url.appendingPathComponent("m.lm")))
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<30 {
            var damaged = bytes
            for _ in 0..<200 {
                let place = Int.random(in: bytes.count / 2..<bytes.count, using: &generator)
                damaged[place] = .random(in: 0 ... .max, using: &generator)
            }
            guard let compact = try? CompactModel(path: folder.write(damaged, to: "damaged.lm")) else { continue }
            for sentence in unseen.prefix(50) { #expect(!compact.score(sentence: sentence).log10.isInfinite) }
        }
    }
}
