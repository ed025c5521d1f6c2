import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// `utter lexicon evaluate`: how often guessed pronunciations are wrong.
struct LexiconEvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how often a pronunciation model is wrong about words that it did not learn from.",
        discussion: """
            Example:
              utter lexicon evaluate audio/household.lexicon.txt --mistakes 3

            One word in ten is held out, always the same ones; the model learns from the others and guesses these. A word \
            is right where the best guess is one of its pronunciations.
            """)

    @OptionGroup var text: LexiconTextArguments
    @OptionGroup var graphones: GraphoneArguments

    @Option(help: "Hold out one word in so many.")
    var holdOut = 10

    @Option(help: "Show so many mistakes, and as many of the most frequent confusions of phones.")
    var mistakes = 10

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func validate() throws {
        guard holdOut >= 2 else { throw ValidationError("--hold-out \(holdOut): give 2 or more.") }
        guard mistakes >= 0 else { throw ValidationError("--mistakes \(mistakes): give 0 or more.") }
    }

    private struct Report: Encodable {
        struct Mistake: Encodable {
            let word: String
            let guessed: String
            let right: String
        }
        struct Confusion: Encodable {
            let guessed: String
            let right: String
            let count: Int
        }

        let learned: Int
        let words: Int
        let wordErrorRate: Double
        let wordErrorRateOfThree: Double
        let phoneErrorRate: Double
        let confusions: [Confusion]
        let mistakes: [Mistake]

        enum CodingKeys: String, CodingKey {
            case learned, words, confusions, mistakes
            case wordErrorRate = "word_error_rate"
            case wordErrorRateOfThree = "word_error_rate_of_three"
            case phoneErrorRate = "phone_error_rate"
        }

        init(_ errors: HeldOutErrors, _ alphabet: PhoneAlphabet, count: Int) {
            (learned, words) = (errors.learned, errors.words)
            (wordErrorRate, phoneErrorRate) = (errors.wordErrorRate, errors.phoneErrorRate)
            wordErrorRateOfThree = Double(errors.wrongInThree) / Double(errors.words)
            func name(_ phone: UInt8) -> String { phone == .max ? "-" : alphabet.text(of: [phone]) }
            let ranked = errors.confusions.sorted {
                $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
            }
            confusions = ranked.prefix(count).map {
                Confusion(guessed: name($0.key[0]), right: name($0.key[1]), count: $0.value)
            }
            // Spread over the alphabet, not all from its beginning.
            let step = max(1, errors.mistakes.count / max(1, count))
            mistakes = stride(from: 0, to: errors.mistakes.count, by: step).prefix(count).map {
                let mistake = errors.mistakes[$0]
                return Mistake(
                    word: mistake.word, guessed: alphabet.text(of: mistake.guessed),
                    right: alphabet.text(of: mistake.right))
            }
        }
    }

    func run() throws {
        let alphabet = try text.alphabet()
        let entries = LexiconCompiler.merged(try text.read(alphabet).map(\.entries)).entries
        let errors = try HeldOutErrors(of: entries, alphabet: alphabet, share: holdOut, options: graphones.options)
        let report = Report(errors, alphabet, count: mistakes)
        if json { return try Standard.output(JSONLine.encode(report)) }
        func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
        for (name, value) in [
            ("words learned from", "\(report.learned)"), ("words held out", "\(report.words)"),
            ("wrong words", percent(report.wordErrorRate)),
            ("wrong in three guesses", percent(report.wordErrorRateOfThree)),
            ("wrong phones", percent(report.phoneErrorRate)),
        ] {
            try Standard.output(name.padding(toLength: 28, withPad: " ", startingAt: 0) + value)
        }
        for confusion in report.confusions {
            try Standard.output("\(confusion.count) times \(confusion.guessed) for \(confusion.right)")
        }
        for mistake in report.mistakes {
            try Standard.output("\(mistake.word): \(mistake.guessed) for \(mistake.right)")
        }
    }
}
