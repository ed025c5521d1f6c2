import Files
import Foundation
import GRDB
import Transcription

/// Who claims work, and how it will be done.
package struct Claimant: Sendable {
    /// Names the process.
    package let token: String
    /// ``RunSettings/key``: what is listed with other settings is not its work.
    package let settings: String
    /// The formats that are asked for.
    package let formats: [TranscriptFormat]

    package init(token: String, settings: String, formats: [TranscriptFormat]) {
        (self.token, self.settings, self.formats) = (token, settings, formats)
    }
}

extension [TranscriptFormat] {
    /// As a ledger keeps them: apart by commas.
    var names: String { map(\.rawValue).joined(separator: ",") }

    /// Reads what a ledger keeps; a format that is not known is passed over.
    init(names: String?) {
        self = (names ?? "").split(separator: ",").compactMap { TranscriptFormat(rawValue: String($0)) }
    }

    /// These and others, in the order in which formats are declared.
    func union(_ others: [TranscriptFormat]) -> [TranscriptFormat] {
        TranscriptFormat.allCases.filter { contains($0) || others.contains($0) }
    }
}

/// Claims of work, and what became of it.
extension Ledger {
    /// Gives back what processes that have ended had claimed.
    package func releaseClaims(ofEnded hasEnded: (String) -> Bool) throws {
        let owners = try read {
            try String.fetchAll($0, sql: "SELECT DISTINCT owner FROM recordings WHERE state = 'working'")
        }
        for owner in owners where hasEnded(owner) { try releaseClaims(of: owner) }
    }

    /// Puts down that a process begins to work.
    func begin(_ owner: String) throws {
        let now = Date().timeIntervalSince1970
        try write { try $0.execute(sql: "INSERT INTO runs VALUES (?, ?, ?)", arguments: [owner, now, now]) }
    }

    /// Gives back what a process has claimed and not done.
    func releaseClaims(of owner: String) throws {
        try write {
            try $0.execute(
                sql: "UPDATE recordings SET state = 'todo', owner = NULL WHERE state = 'working' AND owner = ?",
                arguments: [owner])
        }
    }

    /// Claims the next batch of which something is to be done, and nobody else does.
    /// - Returns: all of the batch, also what is done; empty where nothing is left.
    package func claimBatch(for claimant: Claimant) throws -> [WorkItem] {
        let mine = "state = 'todo' AND id IN (SELECT id FROM listed) AND settings = ?"
        return try write { db in
            guard
                let settings = try Self.settings(claimant.settings, db),
                let batch = try Int64.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT batch FROM recordings WHERE \(mine) AND batch IS NOT NULL ORDER BY batch LIMIT 1"),
                    arguments: [settings])
            else { return [] }
            try db.cachedStatement(
                sql: "UPDATE recordings SET state = 'working', owner = ? WHERE \(mine) AND batch = ?"
            ).execute(arguments: [claimant.token, settings, batch])
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, path, name, output, size, named, state, owner, formats FROM recordings
                        WHERE state IN ('working', 'done') AND batch = ? ORDER BY size DESC, path
                        """),
                arguments: [batch])
            return rows.map { row in
                WorkItem(
                    id: row["id"], path: RawPath(bytes: row["path"] as Data), name: row["name"],
                    output: RawPath(bytes: row["output"] as Data), size: row["size"],
                    formats: claimant.formats.union([TranscriptFormat](names: row["formats"])), isNamed: row["named"],
                    isWanted: row["state"] == State.working.rawValue && row["owner"] == claimant.token)
            }
        }
    }

    /// Recordings that are done and lack results, and the JSON of their transcripts.
    func unwritten(
        limit: Int, adding formats: [TranscriptFormat]
    ) throws -> [(item: WorkItem, json: String)] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT recordings.id, path, name, output, size, named, formats, json FROM recordings
                        JOIN transcripts ON recording = recordings.id
                        WHERE state = 'done' AND recordings.id IN (SELECT id FROM unwritten)
                        ORDER BY recordings.id LIMIT ?
                        """),
                arguments: [limit]
            ).map { row in
                let item = WorkItem(
                    id: row["id"], path: RawPath(bytes: row["path"] as Data), name: row["name"],
                    output: RawPath(bytes: row["output"] as Data), size: row["size"],
                    formats: formats.union([TranscriptFormat](names: row["formats"])), isNamed: row["named"],
                    isWanted: false)
                return (item, row["json"])
            }
        }
    }

    /// Puts down in which formats results are written now, and that what the ledger cannot read is to be done again; what has no
    /// place stays as it was, and is tried again by the next run.
    func rewrote(_ items: [WorkItem], unread: Set<Int64>, failed: Set<Int64>) throws {
        try write { db in
            for item in items {
                try db.cachedStatement(sql: "UPDATE recordings SET formats = ? WHERE id = ? AND state = 'done'")
                    .execute(arguments: [item.formats.names, item.id])
                try db.cachedStatement(sql: "DELETE FROM unwritten WHERE id = ?").execute(arguments: [item.id])
            }
            for id in unread {
                try db.execute(
                    sql: "UPDATE recordings SET state = 'todo' WHERE id = ? AND state = 'done'", arguments: [id])
            }
            for id in unread.union(failed) {
                try db.execute(sql: "DELETE FROM unwritten WHERE id = ?", arguments: [id])
            }
        }
    }

    private static func settings(_ key: String, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM settings WHERE key = ?"), arguments: [key])
    }

    /// Puts down what became of recordings, all or none.
    package func complete(_ outcomes: [Outcome], by claimant: Claimant) throws {
        let json = JSONWriter()
        let now = Date().timeIntervalSince1970
        try write { db in
            try db.execute(sql: "UPDATE runs SET ended = ? WHERE owner = ?", arguments: [now, claimant.token])
            let settings = try Self.settings(claimant.settings, db)
            for outcome in outcomes {
                let id = outcome.item.id
                switch outcome.result {
                case .transcript(let transcript):
                    try db.cachedStatement(
                        sql: """
                            UPDATE recordings SET state = 'done', owner = NULL, settings = ?, formats = ?, duration = ?,
                            words = ?, confidence = ?, warnings = ?, damaged = ?, kind = NULL, error = NULL, hash = ?,
                            finished = ? WHERE id = ?
                            """
                    ).execute(arguments: [
                        settings, outcome.item.formats.names, transcript.duration, transcript.words.count,
                        transcript.confidence,
                        transcript.warnings.map(\.description).joined(separator: "\n"), transcript.isDamaged,
                        outcome.hash, now, id,
                    ])
                    try db.cachedStatement(sql: "INSERT OR REPLACE INTO transcripts VALUES (?, ?)")
                        .execute(arguments: [id, json.body(of: transcript)])
                case .failure(let failure):
                    try fail(id, .failed, kind: failure.kind, error: failure.description, now, db)
                case .noRecording:
                    try fail(id, .other, kind: nil, error: nil, now, db)
                }
            }
        }
    }

    /// What was written before stays, and so do its formats: they are written anew once the recording is well again.
    private func fail(
        _ id: Int64, _ state: State, kind: String?, error: String?, _ now: Double, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE recordings SET state = ?, owner = NULL, settings = NULL, duration = NULL,
                words = NULL, confidence = NULL, warnings = NULL, damaged = 0, hash = NULL, kind = ?, error = ?,
                finished = ? WHERE id = ?
                """
        ).execute(arguments: [state.rawValue, kind, error, now, id])
        try db.cachedStatement(sql: "DELETE FROM transcripts WHERE recording = ?").execute(arguments: [id])
    }
}
