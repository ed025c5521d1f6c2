import Foundation
import Messages

/// Why a sound file could not be read or written. Each description is one line that names the file, says what is
/// wrong and what to do; control characters in paths are shown escaped.
public enum AudioError: UtterError, Equatable {
    /// No file is at the path.
    case doesNotExist(path: String)
    /// The path is a folder.
    case isFolder(path: String)
    /// The path is a device: a disk, or one that never ends.
    case isDevice(path: String)
    /// The file may not be read by this user.
    case notReadable(path: String)
    /// The file holds no bytes.
    case empty(path: String)
    /// No format that is known; `lookingLike` names what it seems to be by its first bytes.
    case notAudio(path: String, lookingLike: String?)
    /// The format is one that the program ffmpeg is needed for, and that is not installed.
    case needsFFmpeg(path: String, format: String)
    /// The file is whole and holds pictures or data, but no sound.
    case noSound(path: String, format: String)
    /// The format is known but what decodes it cannot make sense of the file.
    case malformed(path: String, reason: String)
    /// The header is sound but no sample follows.
    case noSamples(path: String)
    /// A sample is not a number or infinite; the time of the first one, in seconds from the start.
    case notFinite(path: String, seconds: Double)
    /// The file's sample rate (hertz) is outside `AudioFile.sampleRates`.
    case sampleRateOutOfRange(path: String, sampleRate: Int)
    /// A sample rate (hertz) asked for is outside `AudioFile.sampleRates`.
    case requestedSampleRateOutOfRange(sampleRate: Int)
    /// The channel asked for, counted from 1, is not among the file's.
    case noSuchChannel(path: String, channel: Int, channels: Int)
    /// The operating system refused.
    case inputOutput(path: String, reason: String)
    /// libsndfile cannot write this combination of container, encoding, sample rate and channels.
    case cannotWrite(path: String, reason: String)
    /// libsoxr refused.
    case resampling(reason: String)
    /// One line: the file, what is wrong, what to do.
    public var fault: Fault {
        switch self {
        case .doesNotExist(let path) where path.contains("\u{FFFD}"):
            Fault(.notFound, path, "does not exist, or its name is not UTF-8", remedy: "check the path, or rename it")
        case .doesNotExist(let path):
            Fault(.notFound, path, "does not exist", remedy: "check the path")
        case .isFolder(let path):
            Fault(.notAFile, path, "is a folder", remedy: "name a sound file in it")
        case .isDevice(let path):
            Fault(.notAFile, path, "is a device, not a recording", remedy: "name a sound file")
        case .notReadable(let path):
            Fault(.notPermitted, path, "may not be read by this user", remedy: "change its permissions")
        case .empty(let path):
            Fault(
                .empty, path, "is empty (0 bytes)",
                remedy: "nothing was recorded or the copy failed; get the recording again")
        case .notAudio(let path, let hint?):
            Fault(
                .unsupported, path, "is not audio that can be read, it looks like \(hint)",
                remedy: "convert the recording to WAV or FLAC first")
        case .notAudio(let path, nil):
            Fault(
                .unsupported, path,
                "is not audio that can be read (WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3, M4A and others can)",
                remedy: "convert the recording to WAV or FLAC first")
        case .needsFFmpeg(let path, let format):
            Fault(
                .program, path, "is \(format), which is read through the program ffmpeg, and that is not installed",
                remedy: "install it (apt install ffmpeg; brew install ffmpeg), or convert the recording to WAV or FLAC")
        case .noSound(let path, let format):
            Fault(.empty, path, "is \(format) and holds no sound", remedy: "name a recording")
        case .malformed(let path, let reason):
            Fault(
                .malformed, path, "has a damaged or unsupported header (\(reason))",
                remedy: "get the file again or convert it to WAV or FLAC")
        case .noSamples(let path):
            Fault(
                .empty, path, "holds no samples",
                remedy: "nothing was recorded or the copy failed; get the recording again")
        case .notFinite(let path, let seconds):
            Fault(
                .malformed, path,
                "holds a sample that is not a finite number, first at \(String(format: "%.6f", seconds)) s",
                remedy: "export the recording again, as 16-bit PCM for example")
        case .sampleRateOutOfRange(let path, let rate):
            Fault(
                .unsupported, path, "has a sample rate of \(rate) Hz, outside \(SampleRates.inWords)",
                remedy: "resample it first")
        case .requestedSampleRateOutOfRange(let rate):
            Fault(
                .badSetting,
                sentence:
                    "a sample rate of \(rate) Hz was asked for, outside \(SampleRates.inWords): ask"
                    + " for another"
            )
        case .noSuchChannel(let path, let channel, 1):
            Fault(.badSetting, path, "has one channel, so channel \(channel) is not there", remedy: "ask for channel 1")
        case .noSuchChannel(let path, let channel, let channels):
            Fault(
                .badSetting, path, "has \(channels) channels, so channel \(channel) is not there",
                remedy: "ask for one from 1 to \(channels)")
        case .inputOutput(let path, let reason):
            Fault(.inputOutput, path, "could not be read or written (\(reason))", remedy: "check the disk and the path")
        case .cannotWrite(let path, let reason):
            Fault(
                .badSetting, path, "cannot be written (\(reason))",
                remedy: "choose another format, sample rate or channel count")
        case .resampling(let reason):
            Fault(
                .inputOutput, sentence: "the sample rate could not be converted (\(reason)): check that memory is left")
        }
    }
}
