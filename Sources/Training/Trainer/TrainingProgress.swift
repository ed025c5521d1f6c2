import Foundation
import Networks

/// Where a run stands. Together with the weights and what the optimiser remembers, it is all that a resumed run needs.
public struct TrainingProgress: Codable, Sendable, Equatable {
    /// The epoch under way, from 0.
    public internal(set) var epoch = 0
    /// The next batch of that epoch.
    public internal(set) var batch = 0
    /// Steps done.
    public internal(set) var step = 0
    /// The learning rate's course.
    var schedule: LearningRateSchedule
    /// Seconds of work so far.
    public internal(set) var seconds = 0.0
    /// What has been counted in the epoch under way.
    var tally = EpochTally()
    /// The best dev error so far.
    public internal(set) var best: DevScore?
    /// The epoch that had it, from 0.
    public internal(set) var bestEpoch: Int?
    /// The lowest mean training loss of an epoch.
    var lowestLoss: Double?
    /// Epochs in a row in which nearly all steps were blank.
    var blankEpochs = 0
    /// How often that was told.
    var blankWarnings = 0
    /// Whether all epochs are done.
    public internal(set) var isComplete = false
}

/// The dev error by which weights are chosen.
public struct DevScore: Codable, Sendable, Equatable, Comparable {
    /// The word error rate.
    public let wer: Double
    /// The character error rate.
    public let cer: Double
    /// The phone error rate, of a head of phones; nil where there is none.
    public let per: Double?

    /// Takes all.
    public init(wer: Double, cer: Double, per: Double? = nil) { (self.wer, self.cer, self.per) = (wer, cer, per) }

    /// The mean of two.
    package init(mean a: DevScore, _ b: DevScore) {
        (wer, cer) = ((a.wer + b.wer) / 2, (a.cer + b.cer) / 2)
        per = a.per.flatMap { a in b.per.map { (a + $0) / 2 } }
    }

    /// All, for people.
    public var figures: String {
        (per.map { String(format: "phone errors %.2f %%, ", 100 * $0) } ?? "")
            + String(format: "WER %.2f %%, CER %.2f %%", 100 * wer, 100 * cer)
    }

    /// What is to be low: the errors of the first head. By words alone, a model that writes nothing yet (WER 99.8 %) would be better
    /// than one that begins to spell and writes a word too many (101.6 %), so words and characters count together.
    var sum: Double { per ?? (wer + cer) }

    /// A lower ``sum`` is better, then a lower word error rate.
    public static func < (a: DevScore, b: DevScore) -> Bool { (a.sum, a.wer) < (b.sum, b.wer) }
}

/// What is counted over the steps of an epoch.
struct EpochTally: Codable, Sendable, Equatable {
    var steps = 0
    var clipped = 0
    var skipped = 0
    /// The sum of the losses, nats.
    var loss = 0.0
    /// The labels that they are of.
    var labels = 0
    /// The same of the characters beside phones; nil where there are none.
    var characterLoss: Double?
    var characters: Int?
    /// Seconds of audio.
    var audio = 0.0
    /// Seconds of work.
    var seconds = 0.0
    /// Recordings that no path spells, and that could not be read.
    var impossible = 0
    var unread = 0
    /// The sum over the steps of the gradient's norm; over some of them, of each layer's. Skipped steps do not count.
    var norm = 0.0
    var largestNorm = 0.0
    var layerNorms: [Double] = []
    var layerSteps = 0

    /// Counts a step.
    mutating func count(
        _ step: OptimiserStep, loss: Double, labels: Int, characters: (loss: Double, count: Int)? = nil
    ) {
        steps += 1
        guard !step.isSkipped else {
            skipped += 1
            return
        }
        clipped += step.isClipped ? 1 : 0
        norm += step.norm
        largestNorm = max(largestNorm, step.norm)
        // A loss that is no number has a gradient that is none: such steps do not come here.
        self.loss += loss
        self.labels += labels
        if let spelled = characters {
            characterLoss = (characterLoss ?? 0) + spelled.loss
            self.characters = (self.characters ?? 0) + spelled.count
        }
    }

    /// Counts the norms of the layers of a step.
    mutating func countLayers(_ norms: [Double]) {
        layerNorms = layerNorms.isEmpty ? norms : zip(layerNorms, norms).map { $0 + $1 }
        layerSteps += 1
    }

    /// Nats a label; nil where every step was skipped.
    var meanLoss: Double? { labels > 0 ? (loss / Double(labels)).orNil : nil }
    /// Nats a character beside phones.
    var meanCharacterLoss: Double? {
        characterLoss.flatMap { loss in (characters ?? 0) > 0 ? (loss / Double(characters ?? 1)).orNil : nil }
    }
    var meanNorm: Double { norm / Double(max(1, steps - skipped)) }
    var meanLayerNorms: [Double] { layerNorms.map { $0 / Double(max(1, layerSteps)) } }
    /// Seconds of audio a second.
    var timesRealTime: Double { audio / max(1e-9, seconds) }
}
