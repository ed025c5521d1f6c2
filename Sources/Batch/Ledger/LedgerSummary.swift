import Files
import Foundation
import GRDB
import Transcription

/// How the recordings of a ledger stand.
public struct LedgerCounts: Sendable, Equatable {
    /// With a result.
    public internal(set) var done = 0
    /// Of these, whose recording is damaged: a part is missing.
    public internal(set) var damaged = 0
    /// To be done, or under way.
    public internal(set) var todo = 0
    /// Of these, under way.
    public internal(set) var working = 0
    /// Without a result.
    public internal(set) var failed = 0
    /// What was found and is no recording.
    public internal(set) var others = 0
    /// Seconds of audio done.
    public internal(set) var seconds = 0.0

    static func + (a: LedgerCounts, b: LedgerCounts) -> LedgerCounts {
        LedgerCounts(
            done: a.done + b.done, damaged: a.damaged + b.damaged, todo: a.todo + b.todo,
            working: a.working + b.working, failed: a.failed + b.failed, others: a.others + b.others,
            seconds: a.seconds + b.seconds)
    }
}

/// A recording as a ledger knows it.
public struct LedgerRecording: Sendable {
    /// As it was named.
    public let name: String
    /// From the root of the disk.
    public let path: RawPath
    /// Its results in the output folder: a file for each format.
    public let results: [RawPath]
    /// Its results in the output folder, without their endings; as text, see ``RawPath/text``.
    public let output: String
    /// Seconds; nil where it failed.
    public let duration: Double?
    /// The mean of its words' confidences; nil where there is none.
    public let confidence: Double?
    /// What was noticed, a line each.
    public let warnings: [String]
    /// In few words why it failed; nil where it did not.
    public let kind: String?
    /// Why it failed.
    public let error: String?
    /// What was said.
    public let text: String

    init(_ row: Row) {
        name = row["name"]
        path = RawPath(bytes: row["path"] as Data)
        let place = RawPath(bytes: row["output"] as Data)
        results = [TranscriptFormat](names: row["formats"]).map { place.appending(text: ".\($0.fileExtension)") }
        output = RawPath(bytes: row["output"] as Data).text
        (duration, confidence) = (row["duration"], row["confidence"])
        warnings = (row["warnings"] as String?)?.split(separator: "\n").map(String.init) ?? []
        (kind, error, text) = (row["kind"], row["error"], row["text"] ?? "")
    }

    static let columns = """
        name, path, formats, output, duration, confidence, warnings, kind, error, json_extract(json, '$.text') AS text
        """
    static let table = "recordings LEFT JOIN transcripts ON recording = recordings.id"
}

extension Ledger {
    /// How its recordings stand.
    /// - Parameter listed: only those that this process has listed.
    package func counts(ofListed listed: Bool = false) throws -> LedgerCounts {
        try read { db in
            var counts = LedgerCounts()
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT state, COUNT(*) AS count, SUM(damaged) AS damaged, TOTAL(duration) AS seconds FROM recordings
                    \(listed ? "WHERE id IN (SELECT id FROM listed)" : "") GROUP BY state
                    """)
            for row in rows {
                let count: Int = row["count"]
                switch State(rawValue: row["state"]) {
                case .done: (counts.done, counts.damaged, counts.seconds) = (count, row["damaged"], row["seconds"])
                case .todo: counts.todo += count
                case .working:
                    counts.todo += count
                    counts.working = count
                case .failed: counts.failed = count
                case .other: counts.others = count
                case nil: break
                }
            }
            return counts
        }
    }

    /// The names of the models and how many recordings each has done.
    func models() throws -> [(name: String, fingerprint: String, options: String, recordings: Int)] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT model, fingerprint, options, COUNT(*) AS count FROM settings
                    JOIN recordings ON settings = settings.id WHERE state = 'done' GROUP BY settings.id ORDER BY count DESC
                    """
            ).map { ($0["model"], $0["fingerprint"], $0["options"], $0["count"]) }
        }
    }

    /// Recordings that a condition of SQL holds for.
    func recordings(where condition: String, order: String, limit: Int) throws -> [LedgerRecording] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(LedgerRecording.columns) FROM \(LedgerRecording.table)
                    WHERE \(condition) ORDER BY \(order) LIMIT \(limit)
                    """
            ).map(LedgerRecording.init)
        }
    }
}
