/// What is said of an epoch: to people, and as a line of `log.jsonl`.
public struct EpochRecord: Codable, Sendable {
    /// Counted from 1.
    public let epoch: Int
    /// Epochs in all.
    public let epochs: Int
    /// Steps done since the beginning of the run.
    public let step: Int
    /// The mean training loss, nats a label; nil where every step was skipped.
    public let loss: Double?
    /// The dev loss, nats a label.
    public let devLoss: Double?
    /// The dev character error rate.
    public let cer: Double
    /// The dev word error rate.
    public let wer: Double
    /// The dev phone error rate; nil where there is no head of phones.
    public let per: Double?
    /// The mean training loss of the characters beside phones, nats a character; nil where there are none.
    public let characterLoss: Double?
    /// The error rates on the old domain, where an adaptation is to keep one.
    public let oldCER: Double?
    /// See ``oldCER``.
    public let oldWER: Double?
    /// The share of dev steps whose best class is the blank.
    public let blankShare: Double
    /// The learning rate of the last step.
    public let learningRate: Double
    /// The mean norm of the gradient over the steps, before clipping.
    public let gradientNorm: Double
    /// The largest of them.
    public let largestGradientNorm: Double
    /// The mean norm for each layer, the head last.
    public let layerGradientNorms: [String: Double]
    /// The share of steps whose gradient was clipped.
    public let clippedShare: Double
    /// The share of steps that were skipped because it was not finite.
    public let skippedShare: Double
    /// Recordings that no path spells.
    public let impossible: Int
    /// Recordings that could not be read.
    public let unread: Int
    /// Seconds of audio learned from in a second.
    public let timesRealTime: Double
    /// Seconds of work since the beginning of the run.
    public let seconds: Double
    /// Seconds still to come at this rate.
    public let secondsLeft: Double
    /// Whether no epoch before had a lower dev error.
    public let isBest: Bool
    /// Two texts of the dev set and what was heard.
    public let pairs: [Pair]

    /// A text and what was heard.
    public struct Pair: Codable, Sendable {
        /// What is said.
        public let reference: String
        /// What was heard.
        public let hypothesis: String
    }

    enum CodingKeys: String, CodingKey {
        case epoch, epochs, step, loss, cer, wer, per, impossible, unread, seconds, pairs
        case devLoss = "dev_loss"
        case characterLoss = "character_loss"
        case oldCER = "old_cer"
        case oldWER = "old_wer"
        case blankShare = "blank_share"
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        case largestGradientNorm = "largest_gradient_norm"
        case layerGradientNorms = "layer_gradient_norms"
        case clippedShare = "clipped_share"
        case skippedShare = "skipped_share"
        case timesRealTime = "times_real_time"
        case secondsLeft = "seconds_left"
        case isBest = "best"
    }
}
