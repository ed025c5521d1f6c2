import Decoding
import Evaluation
import TestSupport
import Testing

/// The fit of confidences to the share of words that are right.
@Suite struct ConfidenceFitTests {
    private func words(_ count: Int, _ scale: ConfidenceScale, seed: UInt64) -> [ConfidenceFit.Word] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let confidence = Double(generator.uniform() + 1) / 2
            let isRight = Double(generator.uniform() + 1) / 2 < scale.probability(confidence)
            return ConfidenceFit.Word(confidence: confidence, isRight: isRight)
        }
    }

    @Test("a scale that words were drawn from is found again", arguments: [(1.0, 0.0), (0.4, 1.7), (2.0, -1.0)])
    func recovers(slope: Double, offset: Double) throws {
        let drawn = words(20_000, ConfidenceScale(slope: slope, offset: offset), seed: 5)
        let found = try #require(ConfidenceFit(sets: [drawn]).scale)
        #expect(abs(found.slope - slope) < 0.1 && abs(found.offset - offset) < 0.1, "\(found)")
    }

    @Test("sets count alike, however many words they have")
    func sets() throws {
        let (sure, unsure) = (ConfidenceScale(slope: 1, offset: 2), ConfidenceScale(slope: 1, offset: -2))
        let short = words(500, sure, seed: 1)
        let few = try #require(ConfidenceFit(sets: [short, words(5000, unsure, seed: 2)]).scale)
        let many = try #require(ConfidenceFit(sets: [short, words(20_000, unsure, seed: 3)]).scale)
        #expect(abs(few.offset) < 0.4 && abs(many.offset) < 0.4, "\(few) \(many)")
    }

    @Test("too few words, words that are all right, or confidences that say the contrary give none")
    func none() {
        let fair = ConfidenceScale(slope: 1, offset: 0)
        #expect(ConfidenceFit().scale == nil)
        #expect(ConfidenceFit(sets: [words(30, fair, seed: 1)]).scale == nil)
        #expect(ConfidenceFit(sets: [words(500, ConfidenceScale(slope: 0, offset: 100), seed: 1)]).scale == nil)
        let contrary = words(500, fair, seed: 1).map {
            ConfidenceFit.Word(confidence: $0.confidence, isRight: !$0.isRight)
        }
        #expect(ConfidenceFit(sets: [contrary]).scale == nil)
    }

    @Test("words told apart without a mistake give a steep scale or none, and never fail")
    func separable() {
        let apart = (0..<100).map { ConfidenceFit.Word(confidence: $0 < 50 ? 0.1 : 0.9, isRight: $0 >= 50) }
        let scale = ConfidenceFit(sets: [apart]).scale
        #expect(scale.map { $0.slope > 1 && $0.slope <= 100 } ?? true)
    }

    @Test("a word is right where it stands in an alignment against itself")
    func judges() {
        let heard = [("turn", 0.9), ("in", 0.2), ("the", 0.8), ("big", 0.1), ("lamp", 0.7)].map {
            (text: $0.0, confidence: $0.1)
        }
        let judged = ConfidenceFit.judge(heard, reference: "now turn on the lamp")
        #expect(judged.map(\.isRight) == [true, false, true, false, true])
        #expect(judged.map(\.confidence) == [0.9, 0.2, 0.8, 0.1, 0.7])
        #expect(ConfidenceFit.judge([], reference: "stop").isEmpty)
    }
}
