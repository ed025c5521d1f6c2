import AcousticModel
import AudioIO
import CTC
import Features
import Foundation
import Messages
import Networks
import VectorKernels

/// The whole road from an audio file to a transcript.
///
/// ```swift
/// let transcriber = Transcriber(model: try AcousticModel(path: "models/english-small.safetensors"))
/// print(try transcriber.transcribe("talk.wav").text)
/// ```
public struct Transcriber: Sendable {
    /// The model that listens.
    public let model: AcousticModel
    /// At most this many threads run at once.
    public let threads: Int
    /// How a long recording is cut.
    public let windows: WindowOptions

    /// How far a transcription has come.
    public struct Progress: Sendable {
        /// Seconds of audio done.
        public let seconds: Double
        /// Seconds of audio in all, where the file says.
        public let total: Double?
    }

    /// - Parameters:
    ///   - threads: at most this many run at once; all cores unless given.
    ///   - windows: how a long recording is cut.
    /// - Precondition: windows that overlap by less than half.
    public init(model: AcousticModel, threads: Int = Parallel.cores, windows: WindowOptions = WindowOptions()) {
        precondition(windows.overlap >= 0 && windows.overlap < windows.length / 2)
        self.model = model
        self.threads = max(1, threads)
        self.windows = windows
    }

    /// Transcribes a recording, of any length, in bounded memory.
    /// - Parameters:
    ///   - path: the path of a sound file, or `-` for standard input.
    ///   - channels: which channels are heard.
    ///   - progress: is called now and then with how far it has come.
    /// - Throws: `AudioError` where the file cannot be read, ``TranscriptionError`` where it is too short.
    public func transcribe(
        _ path: String, channels: ChannelSelection = .mixDown, progress: (Progress) -> Void = { _ in }
    ) throws -> Transcript {
        let rate = model.frontEnd.options.sampleRate
        let reader = try AudioReader(path: path, sampleRate: rate, channels: channels)
        let extractor = try FeatureExtractor(model.frontEnd.options)
        var collapse = Collapse(blank: model.vocabulary.blank)
        let windowed = try WindowedModel(model: model, threads: threads, windows: windows) { posteriors in
            for label in BestPath(posteriors).classes { collapse.append(label) }
        }
        var silence = SilenceDetector()
        var samples = 0
        while let block = try reader.read(upTo: rate) {
            samples += block.count
            silence.accept(block)
            extractor.accept(block)
            windowed.accept(extractor.takeFrames())
            progress(Progress(seconds: reader.secondsDecoded, total: reader.information.duration))
        }
        let shortest = model.frontEnd.shortestSamples
        guard samples >= shortest else {
            throw TranscriptionError.tooShort(path: path, samples: samples, shortest: shortest, sampleRate: rate)
        }
        extractor.finish()
        windowed.accept(extractor.takeFrames())
        windowed.finish()
        return Transcript(
            file: path, text: silence.isDigitalSilence ? "" : model.vocabulary.text(of: collapse.labels),
            duration: Double(samples) / Double(rate), model: model.description.name, recording: reader.information,
            warnings: reader.warnings)
    }
}

/// A recording that was read but cannot be transcribed.
public enum TranscriptionError: Error, CustomStringConvertible, LocalizedError, Equatable {
    /// It has fewer samples than one step of the model.
    case tooShort(path: String, samples: Int, shortest: Int, sampleRate: Int)

    /// The file, what is wrong and what to do, in one line.
    public var description: String {
        switch self {
        case .tooShort(let path, let samples, let shortest, let rate):
            let (length, needed) = (1000 * Double(samples) / Double(rate), 1000 * Double(shortest) / Double(rate))
            let name = path == AudioFile.standardInputPath ? "standard input" : OneLine.quoted(path, limit: .max)
            return "\(name) is too short to hold speech, \(samples) sample\(samples == 1 ? "" : "s")"
                + String(format: " (%.1f ms) at %d Hz: give at least %.0f ms", length, rate, needed)
        }
    }
    /// The same, for Foundation.
    public var errorDescription: String? { description }
}

/// Knows digital silence: nothing louder than the last bit of 16, around any constant.
///
/// A model that has only ever heard rooms has no opinion of a recording with no sound at all, and may spell one.
private struct SilenceDetector {
    private var lowest = Float.infinity
    private var highest = -Float.infinity

    mutating func accept(_ block: [Float]) {
        lowest = min(lowest, block.min() ?? lowest)
        highest = max(highest, block.max() ?? highest)
    }

    var isDigitalSilence: Bool { highest - lowest <= 2.0 / 32_768 }
}
