/// How the losses of a batch become one number, and the gradient that of this number.
public enum CTCReduction: Sendable {
    /// Their sum.
    case sum
    /// Each divided by the length of its targets (by 1 where there are none), then the mean over the batch.
    case mean
}

/// What the loss of a batch is.
public struct CTCLosses: Sendable, Equatable {
    /// -ln P(targets | logits) of each utterance, in nats.
    public let utterances: [Double]
    /// The utterances that no path spells: too few frames, or logits of -infinity in the way. Their loss is infinite, or
    /// 0 where that was asked for, and their gradient is 0.
    public let impossible: [Int]
    /// The losses, reduced and weighted.
    public let total: Double
}
