import Messages
import ArgumentParser
import Foundation
import UtterTraining

/// `utter evaluate`: word and character error rates over a manifest.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how many words and characters a model gets wrong.",
        discussion: """
            Examples:
              utter evaluate --manifest audio/transcripts.jsonl
              utter evaluate --manifest audio/transcripts.jsonl --beam 16
              utter evaluate --manifest audio/transcripts.jsonl --save heard.jsonl
              utter evaluate --manifest audio/transcripts.jsonl --hypotheses heard.jsonl \\
                --json

            WER and CER are (substitutions + deletions + insertions) / length of the references, over all recordings \
            together. The interval holds the true rate with 95 % confidence (bootstrap over recordings). Texts are compared \
            as they are, but for white space and the form of accents; --normalize compares what is spoken of them. The exit code is 1 if a recording has no result.
            """)

    @Option(help: "The manifest with the recordings and what is said in them.", completion: .file())
    var manifest: String

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var adapterOptions: AdapterOptions

    @OptionGroup var decodingOptions: DecodingOptions

    @Option(
        help: "Score the texts in this file (JSON lines, as of --save or transcribe --format json); run no model.",
        completion: .file())
    var hypotheses: String?

    @Option(help: "Write what was heard to this file, for --hypotheses.", completion: .file())
    var save: String?

    @Flag(
        help:
            "Compare texts as they are spoken: no case, no punctuation, hyphens as spaces, one form of the apostrophe.")
    var normalize = false

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    @Option(help: "How many of the worst recordings and of the commonest word errors are shown.")
    var show = 10

    @Option(help: "The seed of the bootstrap.")
    var seed: UInt64 = 1

    @OptionGroup var options: ManifestOptions

    func validate() throws {
        if hypotheses != nil, modelOptions.model != nil || save != nil || decodingOptions.isGiven {
            throw ValidationError(
                "--hypotheses runs no model: give it without --model, --save and what steers decoding.")
        }
        guard (0...1_000_000).contains(show) else { throw ValidationError("--show \(show): give 0 or more.") }
    }

    func run() throws {
        let log = options.log
        let rows = try options.manifest(manifest).rows
        let heard = try listen(rows)
        log.report(failed: heard.problems)
        guard !heard.pairs.isEmpty else { throw CommandError("\(manifest): no recording has a result to score") }
        if let save { try ManifestWriter.write(heard.rows, to: save) }
        let evaluation = Evaluation(normalize ? heard.spoken.pairs : heard.pairs, shown: show, seed: seed)
        if json {
            try Standard.output(try JSONLine.encode(evaluation))
        } else {
            try EvaluationTable(evaluation).lines.forEach { try Standard.output($0) }
        }
        if !heard.problems.isEmpty { throw ExitCode.failure }
    }

    private func listen(_ rows: [ManifestRow]) throws -> Hypotheses {
        if let hypotheses { return try Hypotheses(of: rows, storedIn: hypotheses, maxBad: options.maxBad) }
        guard adapterOptions.adapter.count < 2 else {
            throw CommandError("evaluate measures one adapter at a time: give one --adapter")
        }
        let recognizer = try Recognizer(
            decodingOptions.configuration(model: modelOptions.model, adapters: adapterOptions.adapter))
        let (model, decoder) = (recognizer.transcriber.model, recognizer.transcriber.decoder)
        try decoder?.prepare()
        let progress = ProgressLine(name: "transcribing", quiet: options.quiet)
        defer { progress.clear() }
        let heard = Hypotheses(
            transcribing: rows, model: model, decoder: decoder, threads: options.threadCount, progress: progress.show)
        if !normalize, let note = heard.note(unwritableBy: model.textVocabulary) {
            progress.clear()
            options.log.warning("\(note)")
        }
        return heard
    }
}
