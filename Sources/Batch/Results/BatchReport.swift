import Foundation
import GRDB

/// What is to be told of the runs on an output folder, for whoever draws it.
public struct BatchReport: Sendable {
    /// Some time of work.
    public struct Stretch: Sendable, Equatable {
        /// Seconds of work at its end, the time between runs not counted.
        public let end: Double
        /// Seconds of audio done in it, for each second of it.
        public let timesRealTime: Double
        /// Seconds of audio done up to its end.
        public let audio: Double
    }

    /// How the recordings stand.
    public let counts: LedgerCounts
    /// What they were done with.
    public let models: [(name: String, fingerprint: String, options: String, recordings: Int)]
    /// When the first process began and the last ended, in seconds since 1970; nil where none did.
    public let period: ClosedRange<Double>?
    /// Seconds in which a process worked.
    public let workingTime: Double
    /// The time of work, in pieces of one length.
    public let stretches: [Stretch]
    /// How many failed of each kind, the most first.
    public let kinds: [(kind: String, recordings: Int)]
    /// How many recordings have a confidence from 0 to 0.05, from there to 0.1, and so on.
    public let confidences: [Int]
    /// Every recording that failed, by name.
    public let failed: [LedgerRecording]
    /// Every recording that is damaged, by name.
    public let damaged: [LedgerRecording]
    /// Files that were found and are no recordings, by name: a recording whose first bytes are damaged is among them.
    public let others: [LedgerRecording]
    /// The recordings that are least sure, the least first.
    public let leastSure: [LedgerRecording]

    /// So many files that are no recordings are named.
    public static let othersShown = 1000
    /// Columns of the distribution of confidences.
    public static let columns = 20

    /// Reads the ledgers of a folder.
    /// - Parameters:
    ///   - shown: how many of the least sure recordings.
    ///   - stretches: how many pieces the time of work is cut into, at most.
    /// - Throws: ``BatchError`` where there are none.
    public init(_ folder: BatchFolder, shown: Int = 100, stretches: Int = 60) throws {
        let ledgers = try folder.ledgers().map(\.ledger)
        counts = try ledgers.map { try $0.counts() }.reduce(LedgerCounts(), +)
        models = try ledgers.flatMap { try $0.models() }
        kinds = try BatchStatus.kinds(ledgers)
        let clock = WorkingClock(try ledgers.flatMap { try $0.runs() })
        period = clock.period
        workingTime = clock.total
        self.stretches = try Self.stretches(ledgers, clock, count: max(1, stretches))
        confidences = try ledgers.map { try $0.confidences(columns: Self.columns) }
            .reduce([Int](repeating: 0, count: Self.columns)) { zip($0, $1).map(+) }
        func all(_ condition: String, _ order: String, limit: Int = -1) throws -> [LedgerRecording] {
            try ledgers.flatMap { try $0.recordings(where: condition, order: order, limit: limit) }
        }
        failed = try all("state = 'failed'", "path")
        damaged = try all("state = 'done' AND damaged", "path")
        others = try all("state = 'other'", "path", limit: Self.othersShown)
        leastSure = Array(
            try all("state = 'done' AND confidence IS NOT NULL", "confidence, path", limit: max(0, shown))
                .sorted { $0.confidence ?? 1 < $1.confidence ?? 1 }.prefix(max(0, shown)))
    }

    private static func stretches(_ ledgers: [Ledger], _ clock: WorkingClock, count: Int) throws -> [Stretch] {
        guard clock.total > 0 else { return [] }
        // Results come in groups, up to half a second after one another: no piece is shorter than two seconds.
        let count = max(1, min(count, Int(clock.total / 2)))
        let length = clock.total / Double(count)
        var audio = [Double](repeating: 0, count: count)
        for ledger in ledgers {
            try ledger.eachFinished { finished, seconds in
                audio[min(count - 1, max(0, Int(clock.worked(until: finished) / length)))] += seconds
            }
        }
        var sum = 0.0
        return audio.enumerated().map { index, seconds in
            sum += seconds
            return Stretch(end: length * Double(index + 1), timesRealTime: seconds / length, audio: sum)
        }
    }
}

/// Time in which at least one process worked.
package struct WorkingClock {
    private var spans: [(start: Double, end: Double)] = []

    /// Takes when processes began and ended; they may overlap.
    package init(_ runs: [(started: Double, ended: Double)]) {
        for run in runs.sorted(by: { $0.started < $1.started }) {
            if let last = spans.last, run.started <= last.end {
                spans[spans.count - 1].end = max(last.end, run.ended)
            } else {
                spans.append((run.started, max(run.started, run.ended)))
            }
        }
    }

    /// Seconds in all.
    package var total: Double { spans.reduce(0) { $0 + $1.end - $1.start } }

    /// From the first beginning to the last end.
    var period: ClosedRange<Double>? {
        guard let first = spans.first, let last = spans.last else { return nil }
        return first.start...max(first.start, last.end)
    }

    /// Seconds of work up to a time.
    package func worked(until time: Double) -> Double {
        spans.reduce(0) { $0 + max(0, min($1.end, time) - $1.start) }
    }
}

extension Ledger {
    fileprivate func runs() throws -> [(started: Double, ended: Double)] {
        try read { try Row.fetchAll($0, sql: "SELECT started, ended FROM runs").map { ($0["started"], $0["ended"]) } }
    }

    /// When each recording was done, and its seconds.
    fileprivate func eachFinished(_ body: (_ time: Double, _ seconds: Double) -> Void) throws {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT finished, duration FROM recordings
                    WHERE state = 'done' AND finished IS NOT NULL AND duration IS NOT NULL
                    """)
            while let row = try rows.next() { body(row["finished"], row["duration"]) }
        }
    }

    fileprivate func confidences(columns: Int) throws -> [Int] {
        try read { db in
            var counts = [Int](repeating: 0, count: columns)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT MIN(\(columns - 1), MAX(0, CAST(confidence * \(columns) AS INTEGER))) AS place,
                        COUNT(*) AS count
                    FROM recordings WHERE state = 'done' AND confidence IS NOT NULL GROUP BY place
                    """)
            for row in rows {
                let place: Int = row["place"]
                if counts.indices.contains(place) { counts[place] = row["count"] }
            }
            return counts
        }
    }

    /// How many failed of each kind.
    func kinds() throws -> [(String, Int)] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT COALESCE(kind, 'other') AS kind, COUNT(*) AS n FROM recordings
                    WHERE state = 'failed' GROUP BY 1
                    """
            ).map { ($0["kind"], $0["n"]) }
        }
    }
}
