import AudioIO
import CTC

/// A stretch of a recording, in seconds from its start.
public struct RecordingPart: Sendable, Equatable {
    /// Where it begins.
    public let from: Double
    /// Where it ends; nil: with the recording.
    public let to: Double?

    /// All of a recording.
    public static let all = RecordingPart(from: 0, to: nil)

    /// - Precondition: `from` is 0 or more, and less than `to`.
    public init(from: Double, to: Double?) {
        precondition(from >= 0 && from < to ?? .infinity)
        (self.from, self.to) = (from, to)
    }
}

/// How a recording is gone through: which part of it, what is told on the way, and what ends it early.
public struct Hearing {
    /// What is heard of the recording. Times of words are those of the whole recording.
    public var part = RecordingPart.all
    /// Is called now and then with how far it has come; what it throws ends the work.
    public var progress: (Transcriber.Progress) throws -> Void = { _ in }
    /// Whether an end is asked for: the transcript is then that of what was heard, see ``Transcript/isStopped``.
    public var isStopped: () -> Bool = { false }
    /// Is given the words that nothing which is yet to come can change, in order, a few at a time; not for several models, a
    /// grammar or a model of labels, whose text is known at the end. The transcript has these words, and more.
    public var settled: (([Word]) throws -> Void)?
    /// Where the posteriors of windows are kept, for whoever hears the recording again.
    package var memory: (any WindowMemory)?

    /// All of a recording, nothing told.
    public init() {}
}

/// Keeps the posteriors of a long recording's windows, so that they need not be computed again.
package protocol WindowMemory: AnyObject {
    /// The posteriors of the next windows, of each model, of each window; nil where they are not known.
    /// - Parameters:
    ///   - windows: frames of the recording.
    ///   - models: how many there are.
    func recall(_ windows: [Range<Int>], models: Int) -> [[LogProbabilities]]?

    /// Takes the posteriors of windows that were not known.
    func keep(_ posteriors: [[LogProbabilities]], of windows: [Range<Int>])
}
