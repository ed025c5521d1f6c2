import Batch
import Foundation

/// A run over many recordings, told to people on standard error.
final class BatchProgressReport: @unchecked Sendable {  // its state is behind `lock`
    private let line: ProgressLine
    private let lock = NSLock()
    private var counts: ListingCounts?

    init(quiet: Bool, name: String) { line = ProgressLine(name: name, quiet: quiet) }

    /// Takes what there is to do.
    func begin(_ counts: ListingCounts) { lock.withLock { self.counts = counts } }

    @Sendable func show(_ progress: BatchProgress) {
        let counts = lock.withLock { self.counts }
        line.show { elapsed in
            let rate = String(format: ", %.0f times real time", progress.seconds / elapsed)
            let all = counts.map { " of \(Grouped.text($0.todo))" } ?? ""
            let files = "\(Grouped.text(progress.recordings))\(all) files"
            guard let counts, progress.bytes > 0, counts.bytesToDo > 0 else {
                return "\(Clock.audio(progress.seconds))\(rate), \(files)"
            }
            // How much audio there is in all is known by bytes alone.
            let share = min(1, Double(progress.bytes) / Double(counts.bytesToDo))
            let left = Clock.text(elapsed * (1 - share) / share)
            return "\(Clock.audio(progress.seconds)) (\(Int(100 * share)) %)\(rate), \(left) left, \(files)"
        }
    }

    func clear() { line.clear() }

    /// What there is to do, before it is done.
    static func announcement(_ counts: ListingCounts, shard: Shard?) -> String {
        var parts = ["\(Grouped.text(counts.done)) done", "\(Grouped.text(counts.todo)) to do"]
        if counts.rewritten > 0 {
            parts[0] += " (results of \(Grouped.text(counts.rewritten)) are written from the ledger)"
        }
        if counts.working > 0 { parts.append("\(Grouped.text(counts.working)) with another process") }
        if counts.failed > 0 { parts.append("\(Grouped.text(counts.failed)) failed before") }
        if counts.others > 0 { parts.append("\(Grouped.text(counts.others)) no recordings") }
        if counts.foldersPassedOver > 0 {
            parts.append("\(folders(counts)) not looked into (--recursive does)")
        }
        let retry = counts.failed > 0 ? "; --retry-failed does again what failed" : ""
        return (shard.map { "shard \($0): " } ?? "") + parts.joined(separator: ", ") + retry
    }

    /// The folders in folders that were not looked into.
    static func folders(_ counts: ListingCounts) -> String {
        "\(Grouped.text(counts.foldersPassedOver)) folder\(counts.foldersPassedOver == 1 ? "" : "s")"
    }

    /// What was done, and how fast; files that are no recordings are among them.
    static func done(_ progress: BatchProgress, seconds: Double) -> String {
        guard progress.recordings > 0 else { return "nothing was done" }
        let rate = Grouped.text(Int(min(progress.seconds / max(seconds, 0.001), 1e9)))
        return "\(Grouped.text(progress.recordings)) files, \(Clock.audio(progress.seconds))"
            + " in \(Clock.text(seconds)), \(rate) times real time"
    }
}

/// Numbers for people.
enum Grouped {
    /// 96310 as 96,310.
    static func text(_ number: Int) -> String {
        var digits = Array("\(number)")
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }
}

extension Clock {
    /// Audio: 12.50 h, and less than an hour as 1:05.
    static func audio(_ seconds: Double) -> String {
        (seconds < 3600 ? text(seconds) : String(format: "%.2f h", seconds / 3600)) + " of audio"
    }
}
