import ArgumentParser
import Foundation
import Logging
import Messages
import Utter

/// `utter lexicon`: words and their pronunciations.
struct LexiconCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lexicon",
        abstract: "Compile, check and evaluate lexicons: words and how they are said.",
        discussion: """
            Example:
              utter lexicon compile audio/household.lexicon.txt --output household.lexicon
              utter pronounce --lexicon household.lexicon lamp lamps

            A lexicon has a word and its phones in each line, in the form of CMUdict (further pronunciations as word(2), \
            comments after ;;; or #) or of Kaldi (lexicon.txt, lexiconp.txt).
            """,
        subcommands: [LexiconCompileCommand.self, LexiconCheckCommand.self, LexiconEvaluateCommand.self])
}

/// Which lexicons are read, and how.
struct LexiconTextArguments: ParsableArguments {
    @Argument(help: "Lexicons as text, plain or compressed with gzip or xz; - for standard input.", completion: .file())
    var lexicons: [String]

    @Option(
        help: "A list of the phones that may come, one a line (default: the 39 of CMUdict, without stress).",
        completion: .file())
    var phones: String?

    @Flag(help: "Bring words to lower case.")
    var lowercase = false

    func alphabet() throws -> PhoneAlphabet {
        guard let phones else { return .arpabet }
        do { return try PhoneAlphabet(symbols: WordList.read(phones)) } catch let error as PronunciationError {
            throw CommandError("\(OneLine.file(phones)): \(error)")
        }
    }

    /// The entries of each lexicon. Where lines are wrong, all are named on standard error, and the command fails.
    func read(_ alphabet: PhoneAlphabet) throws -> [LexiconText] {
        var options = LexiconTextOptions()
        (options.alphabet, options.lowercases) = (alphabet, lowercase)
        let texts = try lexicons.map { try LexiconText(path: $0, options: options) }
        for text in texts {
            for problem in text.problems { Standard.error("error: \(problem)") }
            let rest = text.problemCount - text.problems.count
            if rest > 0 { Standard.error("error: \(OneLine.file(text.path)) has \(rest) more problems like these") }
        }
        guard texts.allSatisfy({ $0.problemCount == 0 }) else { throw ExitCode.failure }
        for text in texts { _ = try text.checked() }
        return texts
    }
}

/// How a pronunciation model is trained.
struct GraphoneArguments: ParsableArguments {
    @Option(help: "The length of the pronunciation model's longest n-grams, 1 to \(NGramModel.highestOrder).")
    var order = GraphoneOptions().order

    @Option(help: "Take out n-grams without which its perplexity rises by less than this share.")
    var threshold = GraphoneOptions().threshold

    var options: GraphoneOptions {
        var options = GraphoneOptions()
        (options.order, options.threshold) = (order, threshold)
        return options
    }

    func validate() throws {
        do { try options.validate() } catch { throw ValidationError("\(error).") }
    }
}

/// `utter lexicon check`: what is wrong in a lexicon.
struct LexiconCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check lexicons: unknown phones, words without phones, doubled words.",
        discussion: """
            Example:
              utter lexicon check audio/household.lexicon.txt

            Each problem is named with its line and its word on standard error, up to 20 of a file, and the exit code is \
            1. A lexicon without problems is counted on standard output.
            """)

    @OptionGroup var text: LexiconTextArguments

    func run() throws {
        let alphabet = try text.alphabet()
        for lexicon in try text.read(alphabet) {
            let pronunciations = lexicon.entries.reduce(0) { $0 + $1.pronunciations.count }
            let used = Set(lexicon.entries.lazy.flatMap(\.pronunciations).flatMap(\.phones))
            try Standard.output(
                "\(OneLine.file(lexicon.path)): \(lexicon.entries.count) words, \(pronunciations) pronunciations,"
                    + " \(used.count) of \(alphabet.count) phones")
        }
    }
}
