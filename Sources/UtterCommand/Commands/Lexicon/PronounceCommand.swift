import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// `utter pronounce`: how words are said.
struct PronounceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pronounce",
        abstract: "Show how words are said, from a lexicon or guessed.",
        discussion: """
            Examples:
              utter lexicon compile audio/household.lexicon.txt --output household.lexicon
              utter pronounce --lexicon household.lexicon lamp lamps
              utter pronounce --lexicon household.lexicon --format json - < \\
                audio/household.txt

            A line for each pronunciation: the word, its phones, the probability of this pronunciation among all of the \
            word, and whether it is from the lexicon or guessed, with tabs between. A word for which no pronunciation can \
            be guessed is named on standard error, and the exit code is 1.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Argument(help: "Words; - for those on standard input.")
    var words: [String]

    @Option(
        name: .shortAndLong, help: "A compiled lexicon (default: the one beside the model, see utter transcribe).",
        completion: .file())
    var lexicon: String?

    @Option(name: [.customShort("n"), .long], help: "Show at most so many pronunciations of a word.")
    var count = 3

    @Option(help: "text or json (one object for each word).")
    var format = Format.text

    func validate() throws {
        guard (1...127).contains(count) else { throw ValidationError("--count \(count): give 1 to 127.") }
    }

    private struct Report: Encodable {
        struct Entry: Encodable {
            let phones: [String]
            let probability: Double
            let origin: Pronunciation.Origin
        }

        let word: String
        let pronunciations: [Entry]
    }

    func run() throws {
        let lexicon = try PronunciationLexicon(path: try path())
        var failed = false
        func show(_ word: String) throws {
            let all = lexicon.pronounce(word, count: count)
            if all.isEmpty {
                Standard.error(
                    "error: \(OneLine.quoted(word)): no pronunciation can be guessed; write it as it is said")
                failed = true
            }
            let entries = all.map {
                Report.Entry(
                    phones: $0.phones.map { lexicon.alphabet.symbols[Int($0)] },
                    probability: Double(($0.probability * 1000).rounded()) / 1000, origin: $0.origin)
            }
            guard format == .text else {
                return try Standard.output(JSONLine.encode(Report(word: word, pronunciations: entries)))
            }
            for entry in entries {
                let phones = entry.phones.joined(separator: " ")
                let probability = String(format: "%.3f", entry.probability)
                try Standard.output("\(OneLine.escaped(word))\t\(phones)\t\(probability)\t\(entry.origin.rawValue)")
            }
        }
        for word in words {
            if StandardStream.isNamed(by: word) { try WordList.forEachWord(of: word, show) } else { try show(word) }
        }
        if failed { throw ExitCode.failure }
    }

    private func path() throws -> String {
        if let lexicon { return lexicon }
        let model = try DefaultModel.path(named: nil)
        guard let found = DefaultModel.lexicon(beside: model) else {
            throw CommandError(
                "\(OneLine.quoted(model, limit: .max)): no lexicon is beside the model; give --lexicon FILE")
        }
        return found
    }
}
