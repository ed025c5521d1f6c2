import ArgumentParser
import Logging
import UtterTraining

/// `utter lm prune`: a smaller model.
struct LMPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Take out the n-grams that a model hardly needs (relative entropy, Stolcke 1998).",
        discussion: """
            Example:
              utter lm estimate audio/household.txt --output household.arpa
              utter lm prune household.arpa --threshold 1e-3 --output smaller.lm
            """)

    @Argument(help: "An ARPA file, plain or compressed with gzip or xz; - for standard input.", completion: .file())
    var model: String

    @Option(help: "Take out n-grams without which the perplexity rises by less than this share, for example 1e-8.")
    var threshold: Double

    @OptionGroup var outputOptions: LMOutputOptions

    @Flag(name: .shortAndLong, help: "No report on standard error, errors only.")
    var quiet = false

    func validate() throws {
        guard threshold.isFinite, threshold >= 0 else {
            throw ValidationError("--threshold \(threshold): give 0 or more, for example 1e-8.")
        }
    }

    func run() throws {
        let whole = try LMFile.arpa(model)
        let pruned = try whole.pruned(threshold: threshold)
        try outputOptions.write(pruned)
        let log = Logger.command(quiet: quiet)
        for (index, count) in pruned.counts.enumerated() {
            log.notice("\(index + 1)-grams: \(count) of \(whole.counts[index]) kept")
        }
    }
}
