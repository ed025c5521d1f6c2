import Messages
import ArgumentParser
import Foundation
import Utter

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

/// An evaluation as lines for people.
struct EvaluationTable {
    private let evaluation: Evaluation

    init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    var lines: [String] { rates + speakers + worst + confusions }

    private var rates: [String] {
        let errors = evaluation.errors
        return [
            "recordings  \(evaluation.utterances)",
            row("WER", errors.words, evaluation.wordInterval) + " words",
            row("CER", errors.characters, evaluation.characterInterval) + " characters",
        ]
    }

    private func row(_ name: String, _ counts: EditCounts, _ interval: Interval?) -> String {
        var line = "\(name)         \(percent(counts.rate))"
        if let interval {
            line += String(format: "  (95 %%: %.2f to %.2f)", 100 * interval.low, 100 * interval.high)
        }
        return line + ": \(parts(counts)) in \(counts.referenceLength)"
    }

    private func parts(_ counts: EditCounts) -> String {
        "\(counts.substitutions) substituted, \(counts.deletions) deleted, \(counts.insertions) inserted"
    }

    private func percent(_ rate: Double?) -> String { rate.map { String(format: "%.2f %%", 100 * $0) } ?? "none" }

    private var speakers: [String] {
        guard evaluation.speakers.count > 1 else { return [] }
        let width = evaluation.speakers.map { OneLine.escaped($0.name).count }.max() ?? 0
        func column(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let names = max(width, "speaker".count)
        return [
            "",
            "speaker".padding(toLength: names, withPad: " ", startingAt: 0)
                + "  recordings      WER      CER    S    D    I  of words",
        ]
            + evaluation.speakers.map { speaker in
                let name = speaker.name.isEmpty ? "(none)" : OneLine.escaped(speaker.name)
                let words = speaker.errors.words
                let figures = [words.substitutions, words.deletions, words.insertions].map { column("\($0)", 5) }
                    .joined()
                return name.padding(toLength: names, withPad: " ", startingAt: 0) + column("\(speaker.utterances)", 12)
                    + column(percent(words.rate), 9) + column(percent(speaker.errors.characters.rate), 9) + figures
                    + column("\(words.referenceLength)", 10)
            }
    }

    private var worst: [String] {
        guard !evaluation.worst.isEmpty else { return [] }
        return ["", "worst recordings"]
            + evaluation.worst.flatMap { utterance in
                [
                    "\(utterance.place) \(OneLine.escaped(utterance.audio)): WER \(percent(utterance.errors.words.rate))",
                    "    said   \(utterance.reference)", "    heard  \(utterance.hypothesis)",
                ]
            }
    }

    private var confusions: [String] {
        guard !evaluation.confusions.isEmpty else { return [] }
        return ["", "commonest word errors"]
            + evaluation.confusions.map { confusion in
                switch (confusion.reference, confusion.hypothesis) {
                case (let word?, nil): "    \(confusion.count) x  \(word) left out"
                case (nil, let word?): "    \(confusion.count) x  \(word) put in"
                case (let word, let heard): "    \(confusion.count) x  \(word ?? "") heard as \(heard ?? "")"
                }
            }
    }
}
