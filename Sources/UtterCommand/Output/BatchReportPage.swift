import Batch
import Files
import Foundation
import Messages
import Pages
import Plotting

/// A report as one page of HTML, its pictures inside.
struct BatchReportPage {
    let report: BatchReport
    /// The output folder.
    let folder: String
    /// Where the page is written: links are seen from there.
    let path: String

    /// The page.
    /// - Throws: `PlottingError`.
    func html() throws -> String {
        var page = Page(title: "\(folder): transcripts", note: dates)
        page.add(Table(values: summary))
        page.add(try figures.map { Picture(svg: try $0.svg(), description: $0.title) })
        for model in report.models {
            page.add(Table(values: settings(of: model)), under: "Settings")
        }
        addErrors(to: &page)
        if !report.damaged.isEmpty {
            let rows = report.damaged.map { recording -> [Table.Cell] in
                [link(recording), .text(recording.warnings.joined(separator: "; "))]
            }
            page.add(
                Table(heads: [.text("recording"), .text("what was noticed")], rows: rows, isFilterable: true),
                under: "Recordings that are damaged")
        }
        addLeastSure(to: &page)
        addOthers(to: &page)
        return page.html
    }

    // MARK: Tables

    private var dates: String {
        let made = "Made on \(Self.date(Date().timeIntervalSince1970))"
        guard let period = report.period else { return made }
        return made + "; worked from \(Self.date(period.lowerBound)) to \(Self.date(period.upperBound))"
    }

    /// 1 December 2026, 13:05 UTC.
    static func date(_ seconds: Double) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute], from: Date(timeIntervalSince1970: seconds))
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        let month = months[min(max((parts.month ?? 1) - 1, 0), 11)]
        let time = String(format: "%02d:%02d", parts.hour ?? 0, parts.minute ?? 0)
        return "\(parts.day ?? 1) \(month) \(parts.year ?? 1970), \(time) UTC"
    }

    private var summary: [(name: String, value: String)] {
        let counts = report.counts
        let speed = report.workingTime > 0 ? counts.seconds / report.workingTime : 0
        return [
            ("Done", "\(Grouped.text(counts.done)) recordings, \(Clock.audio(counts.seconds))"),
            ("To do", Grouped.text(counts.todo)), ("Failed", Grouped.text(counts.failed)),
            ("Damaged, done as far as they go", Grouped.text(counts.damaged)),
            ("Files passed over that are no recordings", Grouped.text(counts.others)),
            ("Time of work", Clock.text(report.workingTime) + String(format: ", %.0f times real time", speed)),
        ]
    }

    private func settings(
        of model: (name: String, fingerprint: String, options: String, recordings: Int)
    ) -> [(name: String, value: String)] {
        let options = (try? JSONDecoder().decode([String: String].self, from: Data(model.options.utf8))) ?? [:]
        return [
            ("model", "\(model.name) (\(model.fingerprint))"), ("recordings", Grouped.text(model.recordings)),
        ] + options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func addErrors(to page: inout Page) {
        guard !report.failed.isEmpty else { return page.add("No recording failed.", under: "Errors") }
        page.add(
            Table(
                heads: [.text("kind"), .number("recordings")],
                rows: report.kinds.map { [.text($0.kind), .text(Grouped.text($0.recordings))] }),
            under: "Errors by kind")
        page.add(
            Table(
                heads: [.text("recording"), .text("why")],
                rows: report.failed.map { [link($0), .text(Self.reason($0))] }, isFilterable: true),
            under: "Recordings that failed")
    }

    private func addLeastSure(to page: inout Page) {
        guard !report.leastSure.isEmpty else { return }
        let rows = report.leastSure.map { recording -> [Table.Cell] in
            [
                .text(recording.confidence.map { String(format: "%.3f", $0) } ?? ""),
                .text(recording.duration.map { String(format: "%.1f s", $0) } ?? ""),
                link(recording), .text(Self.head(of: recording.text)), .several(recording.results.map(link)),
            ]
        }
        page.add(
            Table(
                heads: [
                    .number("confidence"), .number("length"), .text("recording"), .text("text"), .text("results"),
                ], rows: rows, isFilterable: true),
            under: "The least sure recordings")
    }

    private func addOthers(to page: inout Page) {
        guard !report.others.isEmpty else { return }
        let rest = report.counts.others - report.others.count
        page.add(
            Table(heads: [.text("file")], rows: report.others.map { [link($0)] }, isFilterable: true),
            under: "Files passed over",
            note: "They were found in a folder, and no library of sound knows them: text and pictures, but also "
                + "recordings whose first bytes are damaged.\(rest > 0 ? " \(Grouped.text(rest)) more are not shown." : "")"
        )
    }

    /// Why it failed; its name stands beside it.
    private static func reason(_ recording: LedgerRecording) -> String {
        let (error, name) = (recording.error ?? "", OneLine.file(recording.name) + " ")
        return error.hasPrefix(name) ? String(error.dropFirst(name.count)) : error
    }

    private static func head(of text: String) -> String { text.count > 200 ? text.prefix(200) + " …" : text }

    // MARK: Links

    /// The recording, as a link to its sound.
    private func link(_ recording: LedgerRecording) -> Table.Cell {
        .link(recording.name, to: address(of: recording.path))
    }

    /// A result, as a link named by its format.
    private func link(_ result: RawPath) -> Table.Cell {
        let ending = result.text.split(separator: ".").last.map(String.init) ?? result.text
        return .link(ending, to: address(of: BatchFolder(folder).path.appending(result)))
    }

    /// A path as it is seen from the page's folder, so that both may be moved together.
    private func address(of target: RawPath) -> String {
        let from = RawPath(path).absolute.folder.bytes.split(separator: UInt8(ascii: "/"))
        let to = target.absolute.bytes.split(separator: UInt8(ascii: "/"))
        let shared = zip(from, to).prefix { $0 == $1 }.count
        let up = Array(repeating: ArraySlice("..".utf8), count: from.count - shared)
        return HTML.address(ofPath: Array((up + to.dropFirst(shared)).joined(separator: [UInt8(ascii: "/")])))
    }

    // MARK: Pictures

    private var figures: [Figure] {
        let all = [speed, sum, confidence].compactMap { $0 }
        return all.map { figure in
            var figure = figure
            // Readable where a telephone shows it at half its size.
            (figure.width, figure.rowHeight) = (480, 260)
            return figure
        }
    }

    /// A mean over the pieces of time around each: results come in groups, so that a piece by itself says little.
    private var speed: Figure? {
        let stretches = report.stretches
        guard let last = stretches.last else { return nil }
        let time = Self.unit(last.end)
        let reach = max(1, stretches.count / 20)
        let means = stretches.indices.map { index -> (x: Double, y: Double) in
            let around = stretches[max(0, index - reach)..<min(stretches.count, index + reach + 1)]
            let middle = stretches[index].end - stretches[0].end / 2
            return (middle / time.seconds, around.reduce(0) { $0 + $1.timesRealTime } / Double(around.count))
        }
        let line = means.count > 1 ? means : means.flatMap { [(x: 0, y: $0.y), (x: last.end / time.seconds, y: $0.y)] }
        let fastest = max(1, means.map(\.y).max() ?? 1)
        return Figure(
            title: "How fast", subtitle: "Moving average; the time between runs is left out.",
            rows: [
                [
                    Plot(
                        x: Axis("time of work / \(time.name)", range: 0...(last.end / time.seconds)),
                        y: Axis("times real time", range: 0...(1.05 * fastest)), series: [Series("", points: line)])
                ]
            ])
    }

    private var sum: Figure? {
        guard let last = report.stretches.last else { return nil }
        let (time, audio) = (Self.unit(last.end), Self.unit(last.audio))
        let sums =
            [(x: 0.0, y: 0.0)] + report.stretches.map { (x: $0.end / time.seconds, y: $0.audio / audio.seconds) }
        let most = max(1e-9, 1.05 * last.audio / audio.seconds)
        return Figure(
            title: "How much is done",
            rows: [
                [
                    Plot(
                        x: Axis("time of work / \(time.name)", range: 0...(last.end / time.seconds)),
                        y: Axis("\(audio.name) of audio", range: 0...most), series: [Series("", points: sums)])
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
