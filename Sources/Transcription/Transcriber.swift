import AcousticModel
import AudioIO
import CTC
import Decoding
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
    /// What turns posteriors into text; nil for the best path.
    public let decoder: Decoder?

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
    ///   - decoder: what turns posteriors into text, made for the model's vocabulary; nil for the best path.
    /// - Precondition: windows that overlap by less than half.
    public init(
        model: AcousticModel, threads: Int = Parallel.cores, windows: WindowOptions = WindowOptions(),
        decoder: Decoder? = nil
    ) {
        precondition(windows.overlap >= 0 && windows.overlap < windows.length / 2)
        precondition(decoder.map { $0.alphabet.vocabulary == model.vocabulary } ?? true)
        self.decoder = decoder
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
        var collector = WordCollector(model: model, decoder: decoder)
        do {
            let heard = try listen(to: path, channels: channels, progress: progress) { try collector.accept($0) }
            try collector.finish()
            var transcript = transcript(of: heard, words: heard.isDigitalSilence ? [] : collector.words)
            if let result = collector.result {
                transcript.alternatives = heard.isDigitalSilence ? [] : result.hypotheses
                transcript.grammarFit = result.grammarFit
            }
            return transcript
        } catch is ForcedAlignmentError {
            throw TranscriptionError.noProbabilities(path: path)
        }
    }

    /// Finds when the words of a known text are said in a recording.
    ///
    /// Beside the text and the posteriors of the recording (four bytes for each class and step: 14 MB an hour with 29
    /// classes and steps of 30 ms) memory is bounded; see `ForcedAlignment`.
    /// - Parameters:
    ///   - text: what is said, from the first word to the last.
    ///   - path: the path of a sound file, or `-` for standard input.
    ///   - channels: which channels are heard.
    ///   - progress: is called now and then with how far it has come.
    /// - Returns: the text's own words, with times and confidences.
    /// - Throws: `AudioError` where the file cannot be read, ``TranscriptionError`` where it is too short,
    ///   ``KnownTextError`` where the text does not fit into the recording.
    public func align(
        _ text: KnownText, with path: String, channels: ChannelSelection = .mixDown,
        progress: (Progress) -> Void = { _ in }
    ) throws -> Transcript {
        var posteriors = LogProbabilities(classes: model.vocabulary.symbols.count)
        // What is said is known, so it is speech.
        let heard = try listen(to: path, channels: channels, detectsSpeech: false, progress: progress) {
            posteriors.append($0)
        }
        guard !heard.isDigitalSilence else { throw KnownTextError.silence(recording: path) }
        do {
            let words = try WordAligner(model: model).align(text.words, to: posteriors)
            return transcript(of: heard, words: words)
        } catch .tooFewSteps(_, let fewest) {
            throw KnownTextError.tooLong(
                source: text.source, recording: path, seconds: heard.duration,
                fewest: Double(fewest) * model.frontEnd.secondsPerStep)
        } catch {
            throw TranscriptionError.noProbabilities(path: path)
        }
    }

    /// What the model says of a recording, before any text is made of it: to decode it in several ways.
    ///
    /// They take four bytes for each class and step: 14 MB an hour with 29 classes and steps of 30 ms.
    /// - Returns: [steps, classes]; none for digital silence.
    /// - Throws: as ``transcribe(_:channels:progress:)``.
    public func posteriors(of path: String, channels: ChannelSelection = .mixDown) throws -> LogProbabilities {
        var posteriors = LogProbabilities(classes: model.vocabulary.symbols.count)
        let heard = try listen(to: path, channels: channels, progress: { _ in }) { posteriors.append($0) }
        return heard.isDigitalSilence ? LogProbabilities(classes: posteriors.classes) : posteriors
    }

    /// What is known of a recording once it is read.
    private struct Heard {
        let path: String
        let duration: Double
        let isDigitalSilence: Bool
        let recording: AudioInformation
        let warnings: [AudioWarning]
    }

    private func transcript(of heard: Heard, words: [WordAligner.AlignedWord]) -> Transcript {
        Transcript(
            file: heard.path, words: WordTimes(frontEnd: model.frontEnd, duration: heard.duration).words(words),
            duration: heard.duration, model: model.description.name, recording: heard.recording,
            warnings: heard.warnings)
    }

    /// Runs the model over a recording.
    /// - Parameters:
    ///   - detectsSpeech: whether what the model takes for no speech becomes blank.
    ///   - receive: is given its posteriors, in order, in pieces.
    private func listen(
        to path: String, channels: ChannelSelection, detectsSpeech: Bool = true, progress: (Progress) -> Void,
        receive: (LogProbabilities) throws -> Void
    ) throws -> Heard {
        let rate = model.frontEnd.options.sampleRate
        let reader = try AudioReader(path: path, sampleRate: rate, channels: channels)
        let extractor = try FeatureExtractor(model.frontEnd.options)
        var silence = SilenceDetector()
        var samples = 0
        try withoutActuallyEscaping(receive) { receive in
            let windowed = try WindowedModel(
                model: model, threads: threads, windows: windows, detectsSpeech: detectsSpeech, receive: receive)
            while let block = try reader.read(upTo: rate) {
                samples += block.count
                silence.accept(block)
                extractor.accept(block)
                try windowed.accept(extractor.takeFrames())
                progress(Progress(seconds: reader.secondsDecoded, total: reader.information.duration))
            }
            let shortest = model.frontEnd.shortestSamples
            guard samples >= shortest else {
                throw TranscriptionError.tooShort(path: path, samples: samples, shortest: shortest, sampleRate: rate)
            }
            extractor.finish()
            try windowed.accept(extractor.takeFrames())
            try windowed.finish()
        }
        return Heard(
            path: path, duration: Double(samples) / Double(rate), isDigitalSilence: silence.isDigitalSilence,
            recording: reader.information, warnings: reader.warnings)
    }
}

/// A recording that was read but cannot be transcribed.
public enum TranscriptionError: Error, CustomStringConvertible, LocalizedError, Equatable {
    /// It has fewer samples than one step of the model.
    case tooShort(path: String, samples: Int, shortest: Int, sampleRate: Int)
    /// What the model says of it are no probabilities: its weights are so large that they overflow.
    case noProbabilities(path: String)

    /// The file, what is wrong and what to do, in one line.
    public var description: String {
        switch self {
        case .tooShort(let path, let samples, let shortest, let rate):
            let (length, needed) = (1000 * Double(samples) / Double(rate), 1000 * Double(shortest) / Double(rate))
            return "\(OneLine.file(path)) is too short to hold speech, \(samples) sample\(samples == 1 ? "" : "s")"
                + String(format: " (%.1f ms) at %d Hz: give at least %.0f ms", length, rate, needed)
        case .noProbabilities(let path):
            return "\(OneLine.file(path)) gives numbers that are no probabilities with this model: use another model"
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
