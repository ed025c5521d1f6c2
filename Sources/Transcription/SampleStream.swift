import AcousticModel
import AudioIO
import Features

/// The first part of the road: samples as they come, frames out, and what is known of the recording at its end.
struct SampleStream {
    /// The path of the recording.
    let path: String
    private let frontEnd: FrontEnd
    private let information: AudioInformation
    private let stream: FrontEndStream
    private var level: LevelMeter
    /// How many samples have come.
    private(set) var samples = 0

    /// - Parameter information: of the recording, whose samples come at the front end's rate.
    init(_ frontEnd: FrontEnd, _ information: AudioInformation) throws {
        (path, self.frontEnd, self.information) = (information.path, frontEnd, information)
        stream = try FrontEndStream(frontEnd)
        level = LevelMeter(information)
    }

    /// Whether nothing but digital silence has come.
    var isDigitalSilence: Bool { level.isDigitalSilence }

    /// Takes samples.
    /// - Returns: log-mel frames that are complete.
    mutating func accept(_ block: [Float]) -> FeatureMatrix {
        samples += block.count
        level.accept(block)
        stream.accept(block)
        return stream.takeFrames()
    }

    /// Ends the recording.
    /// - Returns: the last frames.
    /// - Throws: ``TranscriptionError`` where it is too short to hold speech.
    func finish() throws -> FeatureMatrix {
        let (shortest, rate) = (frontEnd.shortestSamples, frontEnd.options.sampleRate)
        guard samples >= shortest else {
            throw TranscriptionError.tooShort(path: path, samples: samples, shortest: shortest, sampleRate: rate)
        }
        stream.finish()
        return stream.takeFrames()
    }

    /// What is known of the recording now that it has ended.
    func heard(warnings: [AudioWarning]) -> Transcriber.Heard {
        Transcriber.Heard(
            path: path, duration: Double(samples) / Double(frontEnd.options.sampleRate),
            isDigitalSilence: level.isDigitalSilence, recording: information, warnings: warnings,
            silence: level.explanation)
    }
}
