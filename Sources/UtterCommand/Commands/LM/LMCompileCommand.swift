import ArgumentParser
import UtterTraining

/// `utter lm compile`: from ARPA to a compiled model.
struct LMCompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile",
        abstract: "Compile an ARPA file of any tool into a small file that opens at once.",
        discussion: """
            Example:
              utter lm estimate audio/household.txt --output household.arpa
              utter lm compile household.arpa --quantise 8 --output household.lm

            With --quantise 8 the file is about half as large, and the perplexity changes by a fraction of a percent.
            """)

    @Argument(help: "An ARPA file, plain or compressed with gzip or xz; - for standard input.", completion: .file())
    var model: String

    @OptionGroup var outputOptions: LMOutputOptions

    func run() throws { try outputOptions.write(LMFile.arpa(model)) }
}

/// Models that must be read as a whole.
enum LMFile {
    static func arpa(_ path: String) throws -> NGramModel {
        guard !CompactModel.isCompact(path) else {
            throw CommandError("\(path): this model is compiled already; give the ARPA file that it was made of")
        }
        return try NGramModel(arpa: path)
    }
}
