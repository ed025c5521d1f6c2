import AudioIO
import Files
import Foundation
import Messages
import Transcription

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
