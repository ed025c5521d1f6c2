import ArgumentParser
import Foundation
import Logging
import UtterTraining

/// `utter lm estimate`: a model from text.
struct LMEstimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Estimate a model from text, by interpolated modified Kneser-Ney smoothing.",
        discussion: """
            Examples:
              utter lm estimate audio/household.txt --order 3 --output household.arpa
              utter lm estimate audio/household.txt --prune 0 0 1 --output household.lm
              utter lm estimate --manifest audio/transcripts.jsonl --output own.lm

            One sentence a line. Punctuation is left out, hyphens part words, and typographic apostrophes become \
            plain ones, as a model hears text; --as-written keeps what stands between spaces. With --characters, the space is written \
            \(CharacterUnit.spaceMark) in the model, \
            and a longer --order is due, such as 6. Empty lines are passed over.
            """)

    @Argument(help: "Texts, plain or compressed with gzip or xz; - for standard input.", completion: .file())
    var texts: [String] = []

    @Option(help: "Take the texts of a manifest's rows too; may be given several times.", completion: .file())
    var manifest: [String] = []

    @OptionGroup var outputOptions: LMOutputOptions

    @Option(help: "The length of the longest n-grams, 1 to \(NGramModel.highestOrder).")
    var order = 3

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Leave out n-grams of 1, 2, ... words that come at most so often; the last number holds for longer ones too.",
            valueName: "count"))
    var prune: [Int] = []

    @Option(help: "Keep the so many most frequent words; the others become <unk> (default: all).")
    var vocabularySize: Int?

    @Flag(help: "Bring the text to lower case first.")
    var lowercase = false

    @Flag(help: "Keep punctuation and hyphens: a word is what stands between spaces.")
    var asWritten = false

    @Flag(help: "Make a model of characters, the space among them, not of words.")
    var characters = false

    @Flag(name: .shortAndLong, help: "No report and no warnings on standard error, errors only.")
    var quiet = false

    private var options: EstimationOptions {
        var options = EstimationOptions()
        (options.order, options.pruning) = (order, prune)
        (options.vocabularySize, options.lowercases) = (vocabularySize, lowercase)
        options.isSpoken = !asWritten
        options.unit = characters ? .character : .word
        return options
    }

    func validate() throws {
        guard !(texts + manifest).isEmpty else {
            throw ValidationError("Nothing to estimate from: name texts, or a manifest with --manifest.")
        }
        do { try options.validate() } catch { throw ValidationError("\(error).") }
    }

    /// Gives the texts of the manifests as a file of lines, for as long as the body runs.
    private func withTexts<R>(_ body: ([String]) throws -> R) throws -> R {
        if manifest.isEmpty { return try body([]) }
        var lines = ""
        for path in manifest {
            for row in try Manifest(path: path, keepsDuplicates: true).rows { lines += row.entry.text + "\n" }
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("utter-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("texts of the manifests")
        try lines.write(to: file, atomically: false, encoding: .utf8)
        return try body([file.path])
    }

    func run() throws {
        let log = Logger.command(quiet: quiet)
        var report = EstimationReport()
        let model = try withTexts { try NGramModel.estimate(from: texts + $0, options: options, report: &report) }
        try outputOptions.write(model)
        log.notice("\(report.sentences) sentences, \(report.words) words, vocabulary of \(model.vocabularySize)")
        for (index, discounts) in report.discounts.enumerated() {
            let amounts = discounts.amounts.map { "\(($0 * 1000).rounded() / 1000)" }.joined(separator: " ")
            let kept = "\(model.counts[index]) of \(report.counts[index]) kept"
            log.notice("\(index + 1)-grams: \(kept), discounts \(amounts)")
            if discounts.isFallback {
                log.warning("the text is too small for the discounts of \(index + 1)-grams: the usual ones stand in")
            }
        }
    }
}
