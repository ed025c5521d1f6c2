import ArgumentParser
import Messages
import Foundation
import UtterTraining

/// `utter lm perplexity`: how well a model predicts a text.
struct LMPerplexityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model predicts texts.",
        discussion: """
            Example:
              utter lm estimate audio/household.txt --output household.lm
              utter lm perplexity household.lm audio/household.txt

            Each sentence is scored from <s> to </s>; </s> counts as a word, except in the share of unknown words.
            """)

    @Argument(help: "A compiled model or an ARPA file.", completion: .file())
    var model: String

    @Argument(
        help: "Texts, one sentence a line, plain or compressed with gzip or xz; - for standard input.",
        completion: .file())
    var texts: [String]

    @Flag(help: "Bring the texts to lower case first.")
    var lowercase = false

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        guard !(StandardStream.isNamed(by: model) && texts.contains(StandardStream.path)) else {
            throw CommandError("standard input cannot be the model and a text: give one of them as a file")
        }
        let report = Report(try LanguageModelFile.open(model).score(texts: texts, lowercased: lowercase))
        if json {
            try Standard.output(try JSONLine.encode(report))
        } else {
            for (name, value) in report.rows {
                try Standard.output(name.padding(toLength: 28, withPad: " ", startingAt: 0) + value)
            }
        }
    }

    private struct Report: Encodable {
        let sentences: Int
        let words: Int
        let unknownWords: Int
        let unknownShare: Double
        let log10: Double
        let perplexity: Double
        /// Nil where no word is known.
        let perplexityWithoutUnknown: Double?
        let found: [Int]

        enum CodingKeys: String, CodingKey {
            case sentences, words, log10, perplexity, found
            case unknownWords = "unknown_words"
            case unknownShare = "unknown_share"
            case perplexityWithoutUnknown = "perplexity_without_unknown"
        }

        init(_ score: TextScore) {
            sentences = score.sentences
            words = score.words - score.sentences
            unknownWords = score.unknownWords
            unknownShare = Double(unknownWords) / Double(words)
            log10 = score.log10
            perplexity = score.perplexity
            perplexityWithoutUnknown = score.words == score.unknownWords ? nil : score.perplexityWithoutUnknown
            found = score.lengths
        }

        var rows: [(String, String)] {
            let total = Double(words + sentences)
            return [
                ("sentences", "\(sentences)"), ("words", "\(words)"),
                ("unknown words", String(format: "%d (%.2f %%)", unknownWords, 100 * unknownShare)),
                ("log10 probability", String(format: "%.4f", log10)),
                ("perplexity", String(format: "%.3f", perplexity)),
                ("perplexity without unknown", perplexityWithoutUnknown.map { String(format: "%.3f", $0) } ?? "-"),
            ]
                + found.enumerated().map { index, count in
                    ("found as \(index + 1)-grams", String(format: "%d (%.2f %%)", count, 100 * Double(count) / total))
                }
        }
    }
}
