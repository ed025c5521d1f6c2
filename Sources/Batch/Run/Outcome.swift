import AudioIO
import Files
import Foundation
import Messages
import Transcription

/// A recording to be done.
package struct WorkItem: Sendable {
    /// Its number in the ledger; 0 where there is none.
    package let id: Int64
    package let path: RawPath
    /// As results and messages name it.
    package let name: String
    /// Its results in the output folder, without their endings.
    package let output: RawPath
    /// Bytes; 0 where that is not known.
    package let size: Int64
    /// The formats in which its results are written: those that are asked for, and those that it has, so that no result
    /// is older than another. Empty where results are no files.
    package let formats: [TranscriptFormat]
    /// Whether it was named, and not found.
    let isNamed: Bool
    /// False for one whose results are there, and that is read again only because it belongs to a batch: the last bits of
    /// the others' results depend on it.
    package let isWanted: Bool
}

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

/// Why a recording has no transcript.
package struct RecordingFailure: Error {
    /// One of few words, to count by.
    let kind: String
    /// One line: the file, what is wrong, what to do.
    let description: String

    /// The disk has no place for a result, because of its name.
    init(_ item: WorkItem, result: RawPath, code: Int32) {
        kind = "no place for results"
        let (what, mend) =
            switch code {
            case ENAMETOOLONG: ("is too long a name for this disk", "give it a shorter name")
            case EISDIR: ("is a folder", "rename one of them")
            default: ("would lie in what is a file", "rename its folder")
            }
        description =
            "\(OneLine.file(item.name)) has no place for its results, \(OneLine.file(result.text)) \(what): \(mend)"
    }

    package init(_ error: any Error) {
        description = "\(error)"
        kind =
            switch error {
            case let error as AudioError: Self.kind(of: error)
            case TranscriptionError.tooShort: "too short"
            case TranscriptionError.noProbabilities: "no probabilities"
            default: "other"
            }
    }

    private static func kind(of error: AudioError) -> String {
        switch error {
        case .doesNotExist: "missing"
        case .isFolder: "a folder"
        case .isDevice: "a device"
        case .needsFFmpeg: "needs ffmpeg"
        case .noSound: "no sound in it"
        case .notReadable: "not readable"
        case .empty: "empty"
        case .notAudio: "not audio"
        case .malformed: "damaged header"
        case .noSamples: "no samples"
        case .notFinite: "not a number"
        case .sampleRateOutOfRange, .requestedSampleRateOutOfRange: "sample rate"
        case .noSuchChannel: "no such channel"
        case .inputOutput: "disk or network"
        case .cannotWrite, .resampling: "other"
        }
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
