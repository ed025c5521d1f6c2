import CTC
import Foundation
import Networks

/// Tells speech from sounds that are none: a linear layer on what the encoder gives, so that it costs next to nothing.
///
/// A CTC model that was trained on speech alone spells something of any sound. Its encoder has heard the difference
/// nevertheless: the mean of its outputs over a second is enough for a linear classifier. The letters of the best path
/// are taken in stretches, as between long pauses, and a stretch over which the mean of
///
///     evidence(t) = weight · hidden(t) + bias
///
/// is below 0 becomes blank, and so do steps outside of any stretch where the mean over a second is. Within a stretch
/// nothing is touched, so that speech with noise in it stays whole.
public struct SpeechDetector: Sendable {
    /// What a model file calls it.
    public static let kind = "linear, mean of encoder outputs"
    /// Letters that are further apart, in seconds, belong to different stretches.
    public static let secondsApart = 1.8
    /// Seconds before the first and after the last letter that belong to a stretch.
    public static let secondsAround = 0.5
    /// Seconds over which evidence is averaged where there is no letter, and in training.
    public static let secondsHeard = 1.0
    /// By how many nats all classes but the blank lose: more than any language model or hot word can give.
    private static let loss = 60.0

    /// [1, hidden units] and a bias.
    public let layer: Linear

    /// - Parameter weight: one for each output of the encoder.
    public init(weight: [Float], bias: Float) {
        layer = Linear(weight: Matrix(rows: 1, columns: weight.count, values: weight), bias: [bias])
    }

    /// The stretches of letters of a best path.
    /// - Parameter classes: the most probable class of each step.
    /// - Returns: from the step of the first letter to that of the last one; in order.
    public static func stretches(
        of classes: [Int], vocabulary: Vocabulary, secondsPerStep: Double
    ) -> [ClosedRange<Int>] {
        let space = vocabulary.symbols.firstIndex(of: " ")
        let apart = Int((secondsApart / secondsPerStep).rounded())
        var stretches: [ClosedRange<Int>] = []
        for (step, label) in classes.enumerated() where label != vocabulary.blank && label != space {
            if let last = stretches.last, step - last.upperBound < apart {
                stretches[stretches.count - 1] = last.lowerBound...step
            } else {
                stretches.append(step...step)
            }
        }
        return stretches
    }

    /// A stretch with what is around it, within so many steps.
    public static func surrounded(_ stretch: ClosedRange<Int>, steps: Int, secondsPerStep: Double) -> Range<Int> {
        let around = Int((secondsAround / secondsPerStep).rounded())
        return max(0, stretch.lowerBound - around)..<min(steps, stretch.upperBound + around + 1)
    }

    /// Makes blank what is not speech.
    /// - Parameters:
    ///   - posteriors: [steps, columns of both heads] of one utterance. The first head's letters make the stretches.
    ///   - evidence: of each step.
    func mute(_ posteriors: LogProbabilities, evidence: [Float], of model: AcousticModel) -> LogProbabilities {
        let (steps, vocabulary, secondsPerStep) = (
            posteriors.steps, model.vocabulary, model.frontEnd.secondsPerStep
        )
        precondition(evidence.count == steps)
        let stretches = Self.stretches(
            of: BestPath(posteriors.columns(model.headColumns)).classes, vocabulary: vocabulary,
            secondsPerStep: secondsPerStep)
        var sums = [0.0]
        for value in evidence { sums.append((sums.last ?? 0) + Double(value)) }
        func isSpeech(_ range: Range<Int>) -> Bool { sums[range.upperBound] - sums[range.lowerBound] >= 0 }
        let heard = max(1, Int((Self.secondsHeard / secondsPerStep).rounded()) / 2)
        var isMuted = (0..<steps).map { !isSpeech(max(0, $0 - heard)..<min(steps, $0 + heard + 1)) }
        for stretch in stretches {
            let range = Self.surrounded(stretch, steps: steps, secondsPerStep: secondsPerStep)
            let isMute = !isSpeech(range)
            for step in range { isMuted[step] = isMute }
        }
        guard isMuted.contains(true) else { return posteriors }
        var values = posteriors.values
        let classes = posteriors.classes
        let heads = model.blankColumns
        for step in isMuted.indices where isMuted[step] {
            for (columns, blankColumn) in heads {
                let place = step * classes + blankColumn
                let blank = Double(values[place])
                // What is left of all the others together, next to the blank.
                let total = log(exp(blank) + exp(-Self.loss) * max(0, 1 - exp(blank)))
                for column in columns { values[step * classes + column] -= Float(Self.loss + total) }
                values[place] = min(0, Float(blank - total))
            }
        }
        return LogProbabilities(classes: classes, values: values)
    }
}
