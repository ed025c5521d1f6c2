import Corpora
import Decoding
import Foundation
import Transcription

/// Finds the ``ConfidenceScale`` of a language model: logistic regression of whether a word is right on the logit of its
/// confidence by the acoustic model.
public struct ConfidenceFit: Sendable {
    /// A word that was heard.
    package struct Word: Sendable, Equatable {
        package let confidence: Double
        package let isRight: Bool

        package init(confidence: Double, isRight: Bool) { (self.confidence, self.isRight) = (confidence, isRight) }
    }

    /// The words of each set; a set counts as any other, however many words it has.
    private var sets: [[Word]] = []
    /// Right and wrong words that are needed, of each so many: fewer say nothing.
    static let least = 20

    /// No words yet.
    public init() {}

    package init(sets: [[Word]]) { self.sets = sets }

    /// Decodes recordings that were heard and keeps which of the words are right.
    /// - Parameters:
    ///   - transcriber: of the model that heard them, with the decoder whose texts are judged; its weights must hold no scale
    ///     yet.
    ///   - progress: is called after each recording.
    /// - Returns: what was wrong with recordings whose words could not be had.
    public mutating func addSet(
        _ utterances: [WeightTuning.Utterance], transcriber: Transcriber, threads: Int,
        progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) -> [any Error] {
        let results = mapInParallel(utterances.count, threads: threads, progress: progress) { index in
            Result {
                try Self.judge(
                    transcriber.words(in: utterances[index].posteriors), reference: utterances[index].reference)
            }
        }
        sets.append(results.flatMap { (try? $0.get()) ?? [] })
        return results.compactMap { if case .failure(let error) = $0 { error } else { nil } }
    }

    /// Which of the words stand in an alignment of fewest edits against themselves.
    package static func judge(_ heard: [(text: String, confidence: Double)], reference: String) -> [Word] {
        let said = reference.split(separator: " ").map(String.init)
        var (words, place) = ([Word](), 0)
        for step in Alignment(reference: said, hypothesis: heard.map(\.text)).steps {
            if case .deletion = step { continue }
            var isRight = false
            if case .hit = step { isRight = true }
            words.append(Word(confidence: heard[place].confidence, isRight: isRight))
            place += 1
        }
        return words
    }

    /// The scale with the greatest likelihood, by Newton's method; nil where there are too few right or wrong words, or where
    /// a higher confidence does not mean a better word.
    public var scale: ConfidenceScale? {
        let all = sets.flatMap(\.self)
        let right = all.count(where: \.isRight)
        guard right >= Self.least, all.count - right >= Self.least else { return nil }
        let points = sets.filter { !$0.isEmpty }.flatMap { set in
            set.map {
                (x: ConfidenceScale.logit($0.confidence), y: $0.isRight ? 1.0 : 0.0, weight: 1 / Double(set.count))
            }
        }
        var (slope, offset) = (0.0, 0.0)
        for _ in 0..<50 {
            // Gradient and Hessian of the log-likelihood.
            var (g0, g1, h00, h01, h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9)
            for point in points {
                let p = 1 / (1 + exp(-(offset + slope * point.x)))
                let (error, curvature) = (point.weight * (point.y - p), point.weight * p * (1 - p))
                (g0, g1) = (g0 + error, g1 + error * point.x)
                (h00, h01, h11) = (h00 + curvature, h01 + curvature * point.x, h11 + curvature * point.x * point.x)
            }
            let determinant = h00 * h11 - h01 * h01
            guard determinant > 1e-15 else { return nil }
            let (stepOffset, stepSlope) = (
                (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
            )
            // Far steps, as where nearly all words are told apart, are shortened.
            let bound = max(1, abs(stepOffset) / 5, abs(stepSlope) / 2)
            (offset, slope) = (offset + stepOffset / bound, slope + stepSlope / bound)
            if abs(stepOffset) + abs(stepSlope) < 1e-9 { break }
        }
        guard slope > 0, slope <= 100, abs(offset) <= 100 else { return nil }
        return ConfidenceScale(slope: slope, offset: offset)
    }
}
