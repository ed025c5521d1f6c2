import ArgumentParser
import Foundation
import Logging
import Messages
import Utter

/// `utter transcribe`: recordings in, text out.
struct TranscribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Write down what is said in recordings.",
        discussion: """
            Examples:
              utter transcribe audio/turn-on-the-lamp.wav
              utter transcribe --format json audio/*.wav audio/*.flac
              cat audio/turn-to-the-left.flac | utter transcribe -

            One line for each file, with the file's name in front where there are several. A file that fails is named \
            on standard error, the others are done all the same, and the exit code is 1; so it is for a file that is \
            truncated, of which what is there is transcribed.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Argument(help: "Recordings: any format that libsndfile reads, any sample rate; - for standard input.")
    var files: [String]

    @OptionGroup var modelOptions: ModelOptions

    @Option(name: .shortAndLong, help: "text: a line of text. json: an object a line.")
    var format = Format.text

    @Option(name: .shortAndLong, help: "Write the results to this file instead of standard output.")
    var output: String?

    @OptionGroup var channelOptions: ChannelOptions

    @OptionGroup var runOptions: RunOptions

    func validate() throws {
        if files.filter({ $0 == AudioFile.standardInputPath }).count > 1 {
            throw ValidationError("- stands for standard input, which can be read once; give it once.")
        }
    }

    func run() throws {
        let log = runOptions.log
        let modelPath = try DefaultModel.path(named: modelOptions.model)
        let model = try AcousticModel(path: modelPath)
        let transcriber = Transcriber(model: model, threads: runOptions.threadCount)
        let results = try ResultWriter(path: output, inputs: files + [modelPath])
        var failed = false
        for file in files {
            let progress = ProgressLine(name: file, quiet: runOptions.quiet)
            do {
                let transcript = try transcriber.transcribe(
                    file, channels: channelOptions.selection, progress: progress.show)
                progress.clear()
                if log.report(transcript.warnings, of: file) { failed = true }
                try results.write(line(for: transcript))
            } catch let error as ResultWriter.Failure {
                throw error
            } catch {
                progress.clear()
                log.error("\(error)")
                failed = true
            }
        }
        if failed { throw ExitCode.failure }
    }

    private func line(for transcript: Transcript) throws -> String {
        switch format {
        case .text:
            files.count == 1 ? transcript.text : "\(OneLine.escaped(transcript.file)): \(transcript.text)"
        case .json: try JSONLine.encode(TranscriptRecord(transcript))
        }
    }
}

/// A transcript as an object of JSON.
private struct TranscriptRecord: Encodable {
    let file: String
    let text: String
    let duration: Double
    let model: String
    let sampleRate: Int
    let channels: Int
    let warnings: [String]

    enum CodingKeys: String, CodingKey {
        case file, text, duration, model, channels, warnings
        case sampleRate = "sample_rate"
    }

    init(_ transcript: Transcript) {
        file = transcript.file
        text = transcript.text
        duration = transcript.duration
        model = transcript.model
        sampleRate = transcript.recording.sampleRate
        channels = transcript.recording.channels
        warnings = transcript.warnings.map(\.description)
    }
}
