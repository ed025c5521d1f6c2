import Messages
import Foundation
import UtterTraining

/// An evaluation as lines for people.
struct EvaluationTable {
    private let evaluation: Evaluation

    init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    var lines: [String] { rates + speakers + worst + confusions }

    private var rates: [String] {
        let errors = evaluation.errors
        return [
            "recordings  \(evaluation.utterances)",
            row("WER", errors.words, evaluation.wordInterval) + " words",
            row("CER", errors.characters, evaluation.characterInterval) + " characters",
        ]
    }

    private func row(_ name: String, _ counts: EditCounts, _ interval: Interval?) -> String {
        var line = "\(name)         \(percent(counts.rate))"
        if let interval {
            line += String(format: "  (95 %%: %.2f to %.2f)", 100 * interval.low, 100 * interval.high)
        }
        return line + ": \(parts(counts)) in \(counts.referenceLength)"
    }

    private func parts(_ counts: EditCounts) -> String {
        "\(counts.substitutions) substituted, \(counts.deletions) deleted, \(counts.insertions) inserted"
    }

    private func percent(_ rate: Double?) -> String { rate.map { String(format: "%.2f %%", 100 * $0) } ?? "none" }

    private var speakers: [String] {
        guard evaluation.speakers.count > 1 else { return [] }
        let width = evaluation.speakers.map { OneLine.escaped($0.name).count }.max() ?? 0
        func column(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let names = max(width, "speaker".count)
        return [
            "",
            "speaker".padding(toLength: names, withPad: " ", startingAt: 0)
                + "  recordings      WER      CER    S    D    I  of words",
        ]
            + evaluation.speakers.map { speaker in
                let name = speaker.name.isEmpty ? "(none)" : OneLine.escaped(speaker.name)
                let words = speaker.errors.words
                let figures = [words.substitutions, words.deletions, words.insertions].map { column("\($0)", 5) }
                    .joined()
                return name.padding(toLength: names, withPad: " ", startingAt: 0) + column("\(speaker.utterances)", 12)
                    + column(percent(words.rate), 9) + column(percent(speaker.errors.characters.rate), 9) + figures
                    + column("\(words.referenceLength)", 10)
            }
    }

    private var worst: [String] {
        guard !evaluation.worst.isEmpty else { return [] }
        return ["", "worst recordings"]
            + evaluation.worst.flatMap { utterance in
                [
                    "\(utterance.place) \(OneLine.escaped(utterance.audio)): WER \(percent(utterance.errors.words.rate))",
                    "    said   \(utterance.reference)", "    heard  \(utterance.hypothesis)",
                ]
            }
    }

    private var confusions: [String] {
        guard !evaluation.confusions.isEmpty else { return [] }
        return ["", "commonest word errors"]
            + evaluation.confusions.map { confusion in
                switch (confusion.reference, confusion.hypothesis) {
                case (let word?, nil): "    \(confusion.count) x  \(word) left out"
                case (nil, let word?): "    \(confusion.count) x  \(word) put in"
                case (let word, let heard): "    \(confusion.count) x  \(word ?? "") heard as \(heard ?? "")"
                }
            }
    }
}
