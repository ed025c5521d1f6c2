import Batch
import Foundation
import Messages
import Plotting

/// A report as one page of HTML, its pictures inside.
struct BatchReportPage {
    let report: BatchReport
    let folder: String

    /// The page.
    /// - Throws: `PlottingError`.
    func html() throws -> String {
        let pictures = try [speed, confidence].compactMap { $0 }.map(Self.image)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Self.escaped(folder)): transcripts</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; }
            body { margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
            table { border-collapse: collapse; width: 100%; } img { max-width: 100%; }
            th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; }
            th, td { border-bottom: 1px solid #e4e4e4; }
            td.n, th.n { text-align: right; white-space: nowrap; } td.f { overflow-wrap: anywhere; }
            table.narrow { width: auto; }
            p.none { color: #555; }
            </style>
            </head>
            <body>
            <h1>\(Self.escaped(folder)): transcripts</h1>
            \(summary)
            \(pictures.joined(separator: "\n"))
            \(errors)
            \(damaged)
            \(leastSure)
            \(others)
            </body>
            </html>

            """
    }

    // MARK: Tables

    private var summary: String {
        let counts = report.counts
        let speed = report.workingTime > 0 ? counts.seconds / report.workingTime : 0
        var rows = [
            ("Done", "\(Grouped.text(counts.done)) recordings, \(Clock.audio(counts.seconds))"),
            ("To do", Grouped.text(counts.todo)), ("Failed", Grouped.text(counts.failed)),
            ("Damaged, done as far as they go", Grouped.text(counts.damaged)),
            ("Files passed over that are no recordings", Grouped.text(counts.others)),
            ("Time of work", Clock.text(report.workingTime) + String(format: ", %.0f times real time", speed)),
        ]
        rows += report.models.map { model in
            let options = model.options == "{}" ? "" : ", options \(model.options)"
            let recordings = "\(Grouped.text(model.recordings)) recordings"
            return ("Model", "\(model.name) (\(model.fingerprint))\(options): \(recordings)")
        }
        return table(rows.map { ["<th scope=\"row\">\(Self.escaped($0.0))</th>", cell($0.1)] })
    }

    private var errors: String {
        guard !report.failed.isEmpty else {
            return "<h2>Errors</h2>\n<p class=\"none\">No recording failed.</p>"
        }
        return "<h2>Errors by kind</h2>\n"
            + table(
                report.kinds.map { [number(Grouped.text($0.recordings)), cell($0.kind)] },
                heads: [head("recordings", "n"), head("kind")], kind: "narrow")
            + "\n<h2>Recordings that failed</h2>\n"
            + table(
                report.failed.map { [cell($0.name, "f"), cell(Self.reason($0), "f")] },
                heads: [head("recording"), head("why")])
    }

    private var damaged: String {
        guard !report.damaged.isEmpty else { return "" }
        return "<h2>Recordings that are damaged</h2>\n"
            + table(
                report.damaged.map { [cell($0.name, "f"), cell($0.warnings.joined(separator: "; "), "f")] },
                heads: [head("recording"), head("what was noticed")])
    }

    private var leastSure: String {
        guard !report.leastSure.isEmpty else { return "" }
        return "<h2>The least sure recordings</h2>\n"
            + table(
                report.leastSure.map { recording in
                    [
                        number(recording.confidence.map { String(format: "%.3f", $0) } ?? ""),
                        number(recording.duration.map { String(format: "%.1f s", $0) } ?? ""),
                        cell(recording.name, "f"), cell(Self.head(of: recording.text)),
                    ]
                }, heads: [head("confidence", "n"), head("length", "n"), head("recording"), head("text")])
    }

    private var others: String {
        guard !report.others.isEmpty else { return "" }
        let rest = report.counts.others - report.others.count
        return
            "<h2>Files passed over</h2>\n<p class=\"none\">They were found in a folder, and no library of sound knows "
            + "them: text and pictures, but also recordings whose first bytes are damaged.</p>\n"
            + table(report.others.map { [cell($0.name, "f")] })
            + (rest > 0 ? "\n<p class=\"none\">And \(Grouped.text(rest)) more.</p>" : "")
    }

    private func table(_ rows: [[String]], heads: [String] = [], kind: String = "") -> String {
        let rows = (heads.isEmpty ? [] : [heads]) + rows
        return "<table\(Self.name(kind))>\n" + rows.map { "<tr>\($0.joined())</tr>\n" }.joined() + "</table>"
    }

    private func head(_ text: String, _ kind: String = "") -> String {
        "<th scope=\"col\"\(Self.name(kind))>\(Self.escaped(text))</th>"
    }

    private func cell(_ text: String, _ kind: String = "") -> String {
        "<td\(Self.name(kind))>\(Self.escaped(text))</td>"
    }

    private static func name(_ kind: String) -> String { kind.isEmpty ? "" : " class=\"\(kind)\"" }

    private func number(_ text: String) -> String { cell(text, "n") }

    /// Why it failed; its name stands beside it.
    private static func reason(_ recording: LedgerRecording) -> String {
        let (error, name) = (recording.error ?? "", OneLine.file(recording.name) + " ")
        return error.hasPrefix(name) ? String(error.dropFirst(name.count)) : error
    }

    private static func head(of text: String) -> String { text.count > 200 ? text.prefix(200) + " …" : text }

    /// Text from outside, which must not become markup or break a line.
    private static func escaped(_ text: String) -> String {
        OneLine.escaped(text).replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }

    // MARK: Pictures

    /// The picture lies in the page. By itself, so that the names in two of them cannot be taken for each other.
    private static func image(_ figure: Figure) throws -> String {
        let data = Data(try figure.svg()).base64EncodedString()
        return "<p><img alt=\"\(escaped(figure.title))\" src=\"data:image/svg+xml;base64,\(data)\"></p>"
    }

    private var speed: Figure? {
        guard let last = report.stretches.last else { return nil }
        let (time, audio) = (Self.unit(last.end), Self.unit(last.audio))
        let length = report.stretches[0].end
        let x = Axis("time of work / \(time.name)", range: 0...(last.end / time.seconds))
        let steps = report.stretches.flatMap { stretch in
            [stretch.end - length, stretch.end].map { (x: $0 / time.seconds, y: stretch.timesRealTime) }
        }
        let sums =
            [(x: 0.0, y: 0.0)] + report.stretches.map { (x: $0.end / time.seconds, y: $0.audio / audio.seconds) }
        let fastest = max(1, report.stretches.map(\.timesRealTime).max() ?? 1)
        let most = max(1e-9, 1.05 * last.audio / audio.seconds)
        return Figure(
            title: "How much is done, and how fast", subtitle: "The time between runs is left out.",
            rows: [
                [
                    Plot(
                        title: "Speed", x: x, y: Axis("times real time", range: 0...(1.05 * fastest)),
                        series: [Series("", points: steps)]),
                    Plot(
                        title: "Done", x: x, y: Axis("\(audio.name) of audio", range: 0...most),
                        series: [Series("", points: sums)]),
                ]
            ])
    }

    /// In what a span of time is told.
    private static func unit(_ seconds: Double) -> (name: String, seconds: Double) {
        seconds > 7200 ? ("hours", 3600) : seconds > 120 ? ("minutes", 60) : ("seconds", 1)
    }

    private var confidence: Figure? {
        guard let most = report.confidences.max(), most > 0 else { return nil }
        let width = 1 / Double(report.confidences.count)
        let outline =
            [(x: 0.0, y: 0.0)]
            + report.confidences.enumerated().flatMap { index, count in
                [index, index + 1].map { (x: Double($0) * width, y: Double(count)) }
            } + [(x: 1.0, y: 0.0)]
        return Figure(
            title: "How sure the recordings are", subtitle: "The mean confidence of a recording's words.",
            rows: [
                [
                    Plot(
                        x: Axis("confidence", range: 0...1),
                        y: Axis("recordings", range: 0...(1.05 * Double(most))),
                        series: [Series("", points: outline)])
                ]
            ])
    }
}
