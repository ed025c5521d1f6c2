import Networks

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
