import ArgumentParser
import Messages
import UtterTraining

/// `utter transcribe`: recordings in, text out.
struct TranscribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Write down what is said in recordings.",
        discussion: """
            Examples:
              utter transcribe audio/turn-on-the-lamp.wav
              utter transcribe --format json audio/*.wav audio/*.flac
              utter transcribe --format srt,json,textgrid --output-dir subtitles \\
                audio/ten-seconds.wav
              utter transcribe --hot-words audio/hot-words.txt audio/turn-on-the-lamp.wav
              utter transcribe --grammar audio/commands.jsgf audio/turn-on-the-lamp.wav
              utter transcribe --from 0:02 --to 0:06 audio/ten-seconds.wav
              cat audio/turn-to-the-left.flac | utter transcribe -

            One line for each file, with the file's name in front where there are several. A file that fails is named \
            on standard error, the others are done all the same, and the exit code is 1; so it is for a file that is \
            truncated, of which what is there is transcribed. Of a long recording, text, subtitles and words are written as they \
            come; Ctrl-C ends with what was heard so far, and exit code 130. docs/formats.md describes the formats, docs/decoding.md what steers the search for the text.
            """)

    @Argument(
        help: "Recordings: WAV, FLAC, MP3, M4A and others, any sample rate; - for standard input.",
        completion: .file())
    var files: [String]

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var adapterOptions: AdapterOptions

    @Option(
        name: .shortAndLong,
        help: "text, json, subtitles (srt, vtt) or words in time (ctm, textgrid, tsv); several apart by commas.")
    var format = FormatList(.text)

    @OptionGroup var outputOptions: TranscriptOutputOptions

    @OptionGroup var partOptions: PartOptions

    @OptionGroup var decodingOptions: DecodingOptions

    @OptionGroup var channelOptions: ChannelOptions

    @OptionGroup var runOptions: RunOptions

    func validate() throws {
        if files.filter(StandardStream.isNamed).count > 1 {
            throw ValidationError("- stands for standard input, which can be read once; give it once.")
        }
        try outputOptions.check(format, files: files)
    }

    func run() throws {
        let log = runOptions.log
        var configuration = decodingOptions.configuration(model: modelOptions.model, adapters: adapterOptions.adapter)
        configuration.channel = channelOptions.channel
        configuration.threads = runOptions.threads
        let recognizer = try Recognizer(configuration)
        let transcriber = recognizer.transcriber
        let results = try TranscriptOutput(
            outputOptions, formats: format.formats, files: files,
            inputs: files + [recognizer.modelPath] + adapterOptions.adapter + decodingOptions.inputs,
            channel: channelOptions.channel)
        let interruption = Interruption {
            log.notice("stopping with what was heard so far; Ctrl-C once more stops at once")
        }
        var failed = false
        for file in files where !interruption.isRequested {
            let progress = ProgressLine(name: file, quiet: runOptions.quiet)
            var hearing = Hearing()
            hearing.part = partOptions.part
            hearing.progress = progress.show
            hearing.isStopped = { interruption.isRequested }
            // What was said last, before a stop, may still be wrong: nothing is settled on the way with several texts.
            if decodingOptions.nBest < 2 {
                hearing.settled = { try results.add($0, of: file) { progress.clear() } }
            }
            do {
                let transcripts = try transcriber.transcribeAll(
                    file, channels: channelOptions.selection, hearing: hearing)
                progress.clear()
                if log.report(transcripts[0].warnings, of: file) { failed = true }
                for transcript in transcripts.dropLast() { try results.write(transcript) }
                guard let transcript = transcripts.last else { continue }
                if let fit = transcript.grammarFit, !fit.isAccepted {
                    log.notice("\(OneLine.quoted(file, limit: .max)): nothing of the grammar was said (\(fit))")
                }
                try results.write(transcript)
            } catch let error as ResultWriter.Failure {
                throw error
            } catch TranscriptionError.tooShort where interruption.isRequested {
                progress.clear()
            } catch {
                progress.clear()
                try results.abandon()
                log.error("\(error)")
                failed = true
            }
        }
        results.report(to: log)
        if interruption.isRequested {
            Standard.error("stopped: what is written ends where the recording was heard to")
            throw ExitCode(130)
        }
        if failed { throw ExitCode.failure }
    }
}
