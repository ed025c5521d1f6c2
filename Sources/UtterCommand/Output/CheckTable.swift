import Messages
import Foundation
import UtterTraining

/// A report of a check as lines for people.
struct CheckTable {
    private let report: CheckReport

    init(_ report: CheckReport) { self.report = report }

    var lines: [String] { summary + findings + characters + [verdict] }

    private var summary: [String] {
        let rates = report.sampleRates.sorted { $0.key < $1.key }.map { "\($0.key) Hz (\($0.value))" }
        return [
            "rows          \(report.rows), \(report.speakers) speaker\(report.speakers == 1 ? "" : "s")",
            String(format: "audio         %.2f h", report.seconds / 3600),
            "sample rates  \(rates.isEmpty ? "none" : rates.joined(separator: ", "))",
            "characters    \(OneLine.escaped(report.characters.replacingOccurrences(of: " ", with: "␣")))",
            "vocabulary    \(report.vocabulary.map { OneLine.escaped($0) } ?? "none to hold texts against; give --model or --vocabulary")",
        ]
            + (report.normalisedTexts > 0
                ? ["read as NFC   \(report.normalisedTexts) texts (composed accents, single spaces)"] : []) + [""]
    }

    private var findings: [String] {
        guard !report.findings.isEmpty else { return ["nothing found", ""] }
        return FindingKind.Severity.allCases.flatMap { severity -> [String] in
            let findings = report.findings.filter { $0.severity == severity }
            return findings.flatMap { finding in
                let name = "\(severity.rawValue): \(finding.kind.rawValue)"
                let head = "\(name.padding(toLength: 48, withPad: " ", startingAt: 0))\(finding.rows)"
                return [head] + finding.worst.map { "    \($0.place): \($0.detail)" }
            } + (findings.isEmpty ? [] : [""])
        }
    }

    private var characters: [String] {
        guard !report.unknownCharacters.isEmpty else { return [] }
        let shown = report.unknownCharacters.prefix(40)
        var lines = ["characters outside the vocabulary"]
        lines += shown.map {
            "    '\(OneLine.escaped($0.character))' \($0.codePoints)  \($0.count) times, first at \($0.first)"
        }
        let hidden = report.unknownCharacters.count - shown.count
        if hidden > 0 { lines.append("    and \(hidden) more") }
        if report.unknownCharacters.contains(where: { $0.character.lowercased() != $0.character }) {
            lines.append("    capital letters among them: make the texts small (utter data import has --lowercase)")
        }
        return lines + [""]
    }

    private var verdict: String {
        let share = String(
            format: "%d of %d rows (%.2f %%) are bad", report.badRows, report.rows, 100 * report.badShare)
        let allowed = String(format: "%g %%", 100 * report.maxBad)
        return report.isUsable
            ? "usable: \(share), up to \(allowed) may be" : "not usable: \(share), and only \(allowed) may be"
    }
}
