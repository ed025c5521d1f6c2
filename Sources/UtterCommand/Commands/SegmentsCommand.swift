import ArgumentParser
import Messages
import UtterTraining

/// `utter segments`: where in recordings somebody speaks.
struct SegmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segments",
        abstract: "List the segments of recordings that hold speech.",
        discussion: """
            Examples:
              utter segments audio/ten-seconds.wav
              utter segments --format audacity audio/ten-seconds.wav > labels.txt

            A segment begins and ends a tenth of a second outside the speech; pauses shorter than half a second are \
            part of it. rttm has a line for each segment with the speaker "speech"; audacity is a label track.
            """)

    /// How segments are written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case json, rttm, audacity
    }

    @Argument(
        help: "Recordings: WAV, FLAC, MP3, M4A and others, any sample rate; - for standard input.",
        completion: .file())
    var files: [String]

    @OptionGroup var modelOptions: ModelOptions

    @Option(name: .shortAndLong, help: "How they are written: json (an object a segment), rttm or audacity.")
    var format = Format.json

    @OptionGroup var channelOptions: ChannelOptions

    @OptionGroup var runOptions: RunOptions

    func validate() throws {
        if format == .audacity, files.count > 1 {
            throw ValidationError("An Audacity label track is of one recording: give one file.")
        }
    }

    func run() async throws {
        let log = runOptions.log
        var configuration = Recognizer.Configuration()
        configuration.model = modelOptions.model
        configuration.languageModel = .none
        configuration.lexicon = .none
        configuration.channel = channelOptions.channel
        configuration.threads = runOptions.threads
        let recognizer = try Recognizer(configuration)
        var failed = false
        for file in files {
            do {
                let (segments, warnings) = try await recognizer.speech(in: file)
                if log.report(warnings, of: file) { failed = true }
                for segment in segments { try Standard.output(line(segment, of: file)) }
            } catch {
                log.error("\(error)")
                failed = true
            }
        }
        if failed { throw ExitCode.failure }
    }

    private func line(_ segment: Recognizer.SpeechSegment, of file: String) throws -> String {
        switch format {
        case .json: try JSONLine.encode(Row(file: file, start: segment.start, end: segment.end))
        case .rttm:
            // Fields are parted by spaces.
            "SPEAKER \(OneLine.escaped(file).replacing(" ", with: "_")) 1 "
                + String(format: "%.3f %.3f", segment.start, segment.end - segment.start)
                + " <NA> <NA> speech <NA> <NA>"
        case .audacity: String(format: "%.3f\t%.3f\tspeech", segment.start, segment.end)
        }
    }

    private struct Row: Encodable {
        let file: String
        let start, end: Double
    }
}
