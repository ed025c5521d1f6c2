import ArgumentParser
import UtterTraining

/// `utter data export`: manifests in other tools' formats.
struct DataExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a manifest in another tool's format.",
        discussion: """
            Examples:
              utter data export --to coqui audio/transcripts.jsonl --output corpus.csv
              utter data export --to kaldi audio/transcripts.jsonl --output kaldi-data

            coqui writes a CSV file, kaldi a folder with wav.scp, text, utt2spk and spk2utt. Recordings stay where they are.
            """)

    @Option(help: "The format: coqui or kaldi.")
    var to: CorpusExport.Format

    @Argument(help: "The manifest.", completion: .file())
    var manifest: String

    @Option(name: .shortAndLong, help: "The file (coqui) or folder (kaldi) to write.", completion: .file())
    var output: String

    @OptionGroup var options: ManifestOptions

    func run() throws {
        let rows = try options.manifest(manifest).rows
        try CorpusExport.write(rows, as: to, to: output)
        options.log.notice("\(output): \(rows.count) rows")
    }
}

extension CorpusExport.Format: ExpressibleByArgument {}
