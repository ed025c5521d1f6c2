import AudioIO
import Files
import Transcription

/// What became of a recording.
package struct Outcome: Sendable {
    package enum Result: Sendable {
        case transcript(Transcript)
        case failure(RecordingFailure)
        /// It was found, and is no recording.
        case noRecording
    }

    let item: WorkItem
    let result: Result
    /// A sum over its bytes, where that was asked for.
    var hash: String?
    /// A journal that nobody needs once this is in the ledger.
    var journal: RawPath?

    package init(item: WorkItem, result: Result, hash: String? = nil) {
        (self.item, self.result, self.hash) = (item, result, hash)
    }
}

extension Transcript {
    /// The mean of its words' confidences; nil where there is no word.
    var confidence: Double? {
        words.isEmpty ? nil : words.map(\.confidence).reduce(0, +) / Double(words.count)
    }

    /// Whether a part of the recording is missing.
    var isDamaged: Bool { warnings.contains(where: \.isDamage) }
}
