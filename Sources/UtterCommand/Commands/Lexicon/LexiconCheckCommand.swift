import ArgumentParser
import Foundation
import Messages
import UtterTraining

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
