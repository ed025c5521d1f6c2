import ArgumentParser
import Foundation
import Messages
import UtterTraining

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
