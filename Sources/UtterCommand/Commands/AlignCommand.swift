import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// `utter align`: when the words of a known text are said.
struct AlignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "align",
        abstract: "Find when each word of a known text is said in a recording.",
        discussion: """
            Examples:
              utter align audio/turn-on-the-lamp.wav --text "Turn on the lamp."
              utter transcribe audio/ten-seconds.wav | utter align audio/ten-seconds.wav \\
                - --format srt

            The text is all that is said, from the first word to the last. Its words are written as they stand; capital \
            letters and punctuation that the model cannot spell do no harm, but figures and signs must be written as they \
            are spoken. docs/formats.md describes the formats, and what the confidence of a word means.
            """)

    @Argument(
        help: "The recording: WAV, FLAC, MP3, M4A and others, any sample rate; - for standard input.",
        completion: .file())
    var file: String

    @Argument(help: "A text file (UTF-8) with what is said; - for standard input.", completion: .file())
    var transcript: String?

    @Option(help: "What is said, in place of a text file.")
    var text: String?

    @OptionGroup var modelOptions: ModelOptions

    @Option(
        help: """
            How words are said, for a model of phones: a compiled lexicon (default: the one beside the acoustic model that has \
            its name and ends in .lexicon, if there is one).
            """)
    var lexicon: String?

    @Option(
        name: .shortAndLong,
        help: "text, json, subtitles (srt, vtt) or words in time (ctm, textgrid, tsv); several apart by commas.")
    var format = FormatList(.tsv)

    @OptionGroup var outputOptions: TranscriptOutputOptions

    @OptionGroup var channelOptions: ChannelOptions

    @OptionGroup var runOptions: RunOptions

    /// Three of four texts of another recording have a lower mean confidence with the shipped model, and one in twelve right
    /// ones (75 recordings of three dev sets).
    private static let hardlyFits = 0.01

    /// A text of more bytes, a hundred hours of speech, is no transcript.
    private static let longestText = 8 << 20

    func validate() throws {
        switch (transcript, text) {
        case (nil, nil): throw ValidationError("No text: give a text file, or --text with what is said.")
        case (_?, _?): throw ValidationError("A text file and --text: give one of them.")
        default: break
        }
        if StandardStream.isNamed(by: file), StandardStream.isNamed(by: transcript) {
            throw ValidationError("- stands for standard input, which can be read once; give it once.")
        }
        try outputOptions.check(format, files: [file])
    }

    func run() throws {
        let log = runOptions.log
        let modelPath = try DefaultModel.path(named: modelOptions.model)
        let model = try AcousticModel(path: modelPath)
        let known = try knownText(model, at: modelPath)
        let inputs = [file, modelPath] + [transcript, lexicon].compactMap { $0 }
        let results = try TranscriptOutput(
            outputOptions, formats: format.formats, files: [file], inputs: inputs, channel: channelOptions.channel)
        let progress = ProgressLine(name: file, quiet: runOptions.quiet)
        defer { progress.clear() }
        let aligned = try Transcriber(model: model, threads: runOptions.threadCount).align(
            known, with: file, channels: channelOptions.selection, progress: progress.show)
        progress.clear()
        let isDamaged = log.report(aligned.warnings, of: file)
        let mean = aligned.words.map(\.confidence).reduce(0, +) / Double(max(1, aligned.words.count))
        if mean < Self.hardlyFits {
            log.warning(
                """
                the text hardly fits the recording (mean confidence \(String(format: "%.4f", mean))): \
                is it what is said there?
                """)
        }
        try results.write(aligned)
        results.report(to: log)
        if isDamaged { throw ExitCode.failure }
    }

    /// The text, its words as they are said where the model hears phones and a lexicon is there, else as they are spelled.
    private func knownText(_ model: AcousticModel, at path: String) throws -> KnownText {
        let written = try text ?? Self.read(transcript ?? "")
        let source = transcript ?? "--text"
        guard model.head.kind == .phones, let lexicon = lexicon ?? DefaultModel.lexicon(beside: path) else {
            guard lexicon == nil else {
                throw CommandError("--lexicon is for a model of phones: leave it out")
            }
            guard model.textVocabulary.unit != .phone else {
                throw CommandError(
                    "\(OneLine.file(path)) hears phones, and there is no lexicon beside it: give one with --lexicon")
            }
            return try KnownText(written, source: source, vocabulary: model.textVocabulary)
        }
        return try KnownText(written, source: source, model: model, lexicon: PronunciationLexicon(path: lexicon))
    }

    private static func read(_ path: String) throws -> String {
        let name = OneLine.file(path)
        let lines = try TextLines(path: path)
        var text = ""
        while let line = try lines.next() {
            switch line.content {
            case .success(let content): text += content + "\n"
            case .failure(let problem):
                throw CommandError("\(name), line \(line.number): \(problem.reason); save it as UTF-8 text")
            }
            guard text.utf8.count <= longestText else {
                throw CommandError("\(name) has more than \(longestText >> 20) MiB of text: is it the right file?")
            }
        }
        return text
    }
}
