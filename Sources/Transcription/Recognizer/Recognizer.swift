import AcousticModel
import AudioIO
import Decoding
import Foundation
import Pronunciation
import VectorKernels

/// Recognises speech: what `utter transcribe` does, with the same defaults and the same text.
///
/// ```swift
/// let recognizer = try Recognizer()
/// print(try await recognizer.transcribe(file: "talk.mp3").text)
/// ```
///
/// It holds no state of a recording: one recogniser serves any number of tasks at once. Loading the model takes some tenths
/// of a second, so make it once.
public struct Recognizer: Sendable {
    /// What it was made of.
    public let configuration: Configuration
    /// The path of the acoustic model's file.
    public let modelPath: String
    /// What does the work.
    package let transcriber: Transcriber

    /// Loads the model and what steers it.
    /// - Throws: what is wrong with a file, in one line; ``RecognizerError`` where the model cannot do what is asked for.
    public init(_ configuration: Configuration = Configuration()) throws {
        try configuration.check()
        self.configuration = configuration
        modelPath = try DefaultModel.path(named: configuration.model)
        let group = try configuration.group(on: AcousticModel(path: modelPath), at: modelPath)
        let threads = configuration.threads ?? Parallel.cores
        guard group.models.count == 1 else {
            guard !configuration.steers else {
                throw RecognizerError(
                    nil, "several adapters take their best paths",
                    "leave out what steers the search, or give one adapter")
            }
            transcriber = Transcriber(group: group, threads: threads)
            return
        }
        let decoder = try configuration.decoder(for: group.models[0], at: modelPath, inBackground: threads > 1)
        transcriber =
            decoder.map { Transcriber(model: group.models[0], threads: threads, decoder: $0) }
            ?? Transcriber(group: group, threads: threads)
    }

    /// How far a transcription has come.
    public typealias Progress = Transcriber.Progress

    /// Transcribes a recording of any length, in memory that does not grow with it.
    ///
    /// Cancelling the task ends the work within a second of sound or a window of the model.
    /// - Parameters:
    ///   - path: the path of a sound file of any kind that `utter transcribe` reads, at any sample rate; `-` is standard input.
    ///   - progress: is called now and then, on a thread of its own.
    /// - Throws: `AudioError` where the file cannot be read, ``TranscriptionError`` where it is too short, `CancellationError`.
    public func transcribe(
        file path: String, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Transcript {
        try await Work.run { check in
            try transcriber.transcribe(path, channels: channels) {
                try check()
                progress($0)
            }
        }
    }

    /// Transcribes sound in memory.
    /// - Parameters:
    ///   - samples: one channel, full scale -1...1.
    ///   - sampleRate: hertz, 4000 to 192,000; another than the model's is converted.
    /// - Throws: ``RecognizerError`` where a sample is no number or the rate is out of range, ``TranscriptionError`` where there
    ///   is too little, `CancellationError`.
    public func transcribe(
        _ samples: [Float], sampleRate: Int, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Transcript {
        try await Work.run { check in
            let session = try session(sampleRate: sampleRate)
            let total = Double(samples.count) / Double(sampleRate)
            for start in stride(from: 0, to: samples.count, by: sampleRate) {
                try check()
                _ = try session.accept(Array(samples[start..<min(samples.count, start + sampleRate)]))
                progress(Progress(seconds: session.seconds, total: total))
            }
            return try session.end()
        }
    }

    /// Finds when the words of a known text are said in a recording.
    /// - Parameters:
    ///   - text: what is said, from the first word to the last.
    ///   - path: the path of a sound file, or `-` for standard input.
    /// - Returns: the text's own words, with times and confidences.
    /// - Throws: ``KnownTextError`` where the text does not fit; otherwise as ``transcribe(file:progress:)``.
    public func align(_ text: String, with path: String) async throws -> Transcript {
        try await Work.run { check in
            try check()
            let lexicon = try configuration.lexiconPath(modelPath).map { try PronunciationLexicon(path: $0) }
            return try transcriber.align(
                KnownText(text, source: "text", model: transcriber.model, lexicon: lexicon), with: path,
                channels: channels
            ) { _ in try check() }
        }
    }

    /// A recording whose samples come piece by piece, as from a microphone or a socket.
    /// - Parameter sampleRate: hertz of the samples; another than the model's is converted.
    /// - Throws: ``RecognizerError`` where the rate is out of range, or where several adapters run.
    public func session(sampleRate: Int) throws -> Session {
        try Session(self, sampleRate: sampleRate)
    }

    var channels: ChannelSelection { configuration.channel.map(ChannelSelection.channel) ?? .mixDown }
}

extension Recognizer.Configuration {
    /// The model, or what the adapters make of it.
    /// - Throws: what is wrong with a file; another base, or adapters that do not go together.
    package func group(on model: AcousticModel, at path: String) throws -> ModelGroup {
        guard !adapters.isEmpty else { return ModelGroup(model) }
        let adapters = try adapters.map { try Adapter(path: $0, base: model, named: path) }
        let frontEnds = adapters.map { FrontEndDescription($0.model.frontEnd) }
        guard frontEnds.allSatisfy({ $0 == frontEnds[0] }) else {
            throw RecognizerError(
                nil, "\(self.adapters.joined(separator: ", ")): the adapters hear recordings differently",
                "run them one by one")
        }
        return ModelGroup(base: model, adapters: adapters)
    }
}
