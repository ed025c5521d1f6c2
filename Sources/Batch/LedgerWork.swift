import Foundation
import GRDB
import Transcription

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
    package func claimBatch(_ owner: String) throws -> [WorkItem] {
        try write { db in
            let next = try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT batch FROM recordings
                        WHERE state = 'todo' AND batch IS NOT NULL AND id IN (SELECT id FROM listed)
                        ORDER BY batch LIMIT 1
                        """))
            guard let batch = next else { return [] }
            try db.cachedStatement(
                sql: """
                    UPDATE recordings SET state = 'working', owner = ?
                    WHERE state = 'todo' AND batch = ? AND id IN (SELECT id FROM listed)
                    """
            ).execute(arguments: [owner, batch])
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, path, name, output, size, named, state, owner FROM recordings
                        WHERE state IN ('working', 'done') AND batch = ? ORDER BY size DESC, path
                        """),
                arguments: [batch])
            return rows.map { row in
                WorkItem(
                    id: row["id"], path: RawPath(bytes: row["path"] as Data), name: row["name"],
                    output: RawPath(bytes: row["output"] as Data), size: row["size"], isNamed: row["named"],
                    isWanted: row["state"] == State.working.rawValue && row["owner"] == owner)
            }
        }
    }

    /// Puts down what became of recordings, all or none.
    package func complete(_ outcomes: [Outcome], owner: String, settings key: String, formats: String) throws {
        let json = JSONWriter()
        let now = Date().timeIntervalSince1970
        try write { db in
            try db.execute(sql: "UPDATE runs SET ended = ? WHERE owner = ?", arguments: [now, owner])
            let settings = try Int64.fetchOne(db, sql: "SELECT id FROM settings WHERE key = ?", arguments: [key])
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
                        settings, formats, transcript.duration, transcript.words.count, transcript.confidence,
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

    private func fail(
        _ id: Int64, _ state: State, kind: String?, error: String?, _ now: Double, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE recordings SET state = ?, owner = NULL, settings = NULL, formats = NULL, duration = NULL,
                words = NULL, confidence = NULL, warnings = NULL, damaged = 0, hash = NULL, kind = ?, error = ?,
                finished = ? WHERE id = ?
                """
        ).execute(arguments: [state.rawValue, kind, error, now, id])
        try db.cachedStatement(sql: "DELETE FROM transcripts WHERE recording = ?").execute(arguments: [id])
    }
}
