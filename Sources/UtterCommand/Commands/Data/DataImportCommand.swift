import ArgumentParser
import UtterTraining

/// `utter data import`: other tools' corpora as manifests.
struct DataImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn a corpus in another tool's format into a manifest.",
        discussion: """
            Examples:
              utter data export --to coqui audio/transcripts.jsonl --output corpus.csv
              utter data import --from coqui corpus.csv --output corpus.jsonl
              utter data import --from librispeech LibriSpeech/dev-clean --lowercase \\
                --output dev-clean.jsonl

            Formats: coqui (a CSV file), kaldi (a data folder), librispeech (a folder with *.trans.txt in it), ljspeech (the \
            folder of metadata.csv), commonvoice (a TSV file beside clips). Recordings stay where they are.
            """)

    @Option(help: "The format: coqui, kaldi, librispeech, ljspeech or commonvoice.")
    var from: CorpusFormat

    @Argument(help: "The corpus: a file or a folder, as the format has it.", completion: .file())
    var source: String

    @Option(name: .shortAndLong, help: "The manifest to write.", completion: .file())
    var output: String

    @Flag(help: "Make capital letters small.")
    var lowercase = false

    @Flag(help: "Drop punctuation from texts, but apostrophes within words.")
    var dropPunctuation = false

    @Option(help: "The speaker of rows that name none.")
    var speaker: String?

    @OptionGroup var options: ManifestOptions

    func run() throws {
        let progress = ProgressLine(name: "importing", quiet: options.quiet)
        let corpus = try CorpusImport(
            from: from, source: source,
            cleaning: TextCleaning(lowercase: lowercase, dropsPunctuation: dropPunctuation), speaker: speaker,
            maxBad: options.maxBad, threads: options.threadCount, progress: progress.show)
        progress.clear()
        options.report(skipped: corpus.badLines)
        for remark in corpus.remarks { options.log.notice("\(remark)") }
        try ManifestWriter.write(corpus.rows, to: output)
        options.log.notice("\(output): \(corpus.rows.count) rows; look at them with: utter data check \(output)")
    }
}

extension CorpusFormat: ExpressibleByArgument {}
