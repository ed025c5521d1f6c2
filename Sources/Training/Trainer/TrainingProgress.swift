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
