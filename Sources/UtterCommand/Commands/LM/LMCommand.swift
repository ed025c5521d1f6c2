import ArgumentParser
import Messages
import UtterTraining

/// `utter lm`: n-gram language models.
struct LMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lm",
        abstract: "Make, compile, measure, prune and tune n-gram language models.",
        discussion: """
            Example:
              utter lm estimate audio/household.txt --order 3 --output household.lm

            Texts have one sentence a line and may be compressed with gzip or xz; - is standard input. Models are ARPA \
            files, which every tool reads, or compiled ones (.lm), which open at once.
            """,
        subcommands: [
            LMEstimateCommand.self, LMCompileCommand.self, LMPerplexityCommand.self, LMPruneCommand.self,
            LMTuneCommand.self,
        ])
}
