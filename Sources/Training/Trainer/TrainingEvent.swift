import Corpora
import Messages

/// What a trainer tells while it works.
public enum TrainingEvent: Sendable {
    /// Something worth knowing.
    case note(String)
    /// Something that may spoil the run.
    case warning(String)
    /// Rows that are left out.
    case skipped([BadLine])
    /// Recordings looked through so far.
    case checking(RowProgress)
    /// A step was made.
    case step(StepProgress)
    /// An epoch was finished and measured.
    case epoch(EpochRecord)
}

/// How far an epoch has come.
public struct StepProgress: Sendable {
    /// The epoch, counted from 1, and how many there are.
    public let epoch: Int, epochs: Int
    /// Batches of the epoch done, and in all.
    public let batch: Int, batches: Int
    /// Nats a label, over the epoch so far; nil where every step was skipped.
    public let loss: Double?
    /// Seconds of audio a second.
    public let timesRealTime: Double
    /// Seconds until the last epoch ends, at this rate.
    public let secondsLeft: Double
}

/// A run that was stopped before its end, after a checkpoint.
public struct TrainingInterrupted: UtterError {
    /// Where it stands.
    public let fault: Fault

    package init(description: String) { fault = Fault(.interrupted, sentence: description) }
}

/// What a run came to.
public struct TrainingResult: Sendable {
    /// The path of the model with the lowest dev error.
    public let best: String
    /// Its error, and its epoch, counted from 1.
    public let score: DevScore, epoch: Int
    /// Seconds of work.
    public let seconds: Double
}
