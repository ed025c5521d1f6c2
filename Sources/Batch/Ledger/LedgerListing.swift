import Files
import Foundation
import GRDB
import Messages
import Transcription

/// What a listing found.
public struct ListingCounts: Sendable, Equatable {
    /// Done before, and unchanged.
    public internal(set) var done = 0
    /// To be done now.
    public internal(set) var todo = 0
    /// What another process works on.
    public internal(set) var working = 0
    /// Failed before, and unchanged.
    public internal(set) var failed = 0
    /// No recordings.
    public internal(set) var others = 0
    /// Bytes of what is to be done.
    public internal(set) var bytesToDo: Int64 = 0
    /// Of those done, whose results are written from the ledger: they lack a format, or one is gone.
    public internal(set) var rewritten = 0
    /// Folders in folders that were not looked into, because nobody asked for that.
    public internal(set) var foldersPassedOver = 0

    /// Nothing yet.
    public init() {}

    /// The recordings.
    public var recordings: Int { done + todo + working + failed }
}

/// How a listing treats what the ledger knows.
package struct ListingOptions {
    var settings: RunSettings
    var formats: [TranscriptFormat]
    /// Where results lie: one that is gone is written again. Nil: nobody looks.
    var folder: RawPath?
    /// Does again what failed before.
    var retriesFailed: Bool
    /// Does again what is done with other settings.
    var isForced: Bool
    /// Tells by its content whether a recording has changed.
    var comparesContent: Bool

    package init(
        settings: RunSettings, formats: [TranscriptFormat], folder: RawPath?, retriesFailed: Bool, isForced: Bool,
        comparesContent: Bool
    ) {
        (self.settings, self.formats, self.folder, self.retriesFailed) = (settings, formats, folder, retriesFailed)
        (self.isForced, self.comparesContent) = (isForced, comparesContent)
    }
}

/// Puts files into a ledger, and finds out which are missing or changed.
///
/// Files are written in small transactions, so that other processes wait for none; until ``finish()`` nothing of it can be
/// claimed.
package final class LedgerListing {
    private let ledger: Ledger
    private let options: ListingOptions
    private let settings: Int64
    private var waiting: [FoundFile] = []

    /// Recordings that share a batch of the network.
    package static let recordingsInBatch = 16
    /// Bytes of a batch: long recordings are no batch, and should be shared out to threads and processes.
    package static let bytesInBatch: Int64 = 64 << 20

    /// - Throws: ``BatchError`` where results of other settings are there, unless forced.
    package init(_ ledger: Ledger, _ options: ListingOptions) throws {
        (self.ledger, self.options) = (ledger, options)
        let (key, named) = (try options.settings.key, try JSONLine.encode(options.settings.options))
        settings = try ledger.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO settings(key, model, fingerprint, options) VALUES (?, ?, ?, ?)",
                arguments: [key, options.settings.model, options.settings.fingerprint, named])
            let id = try Int64.fetchOne(db, sql: "SELECT id FROM settings WHERE key = ?", arguments: [key]) ?? 0
            let other = try Row.fetchOne(
                db,
                sql: """
                    SELECT model, fingerprint, options FROM settings JOIN recordings ON settings = settings.id
                    WHERE state IN ('done', 'working') AND settings.id <> ? LIMIT 1
                    """, arguments: [id])
            if let other, !options.isForced {
                let (model, fingerprint): (String, String) = (other["model"], other["fingerprint"])
                let earlier = Data((other["options"] as String).utf8)
                let before = (try? JSONDecoder().decode([String: String].self, from: earlier)) ?? [:]
                let differences = options.settings.differences(from: before).joined(separator: "; ")
                let what =
                    fingerprint == options.settings.fingerprint
                    ? "with other options (\(differences))" : "of another model, \(model) (\(fingerprint))"
                throw BatchError(
                    ledger.path, "has results \(what)", mend: "give another --output, or --force to do all anew")
            }
            // Of this connection alone, and on the disk where it is large.
            try db.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS listed (id INTEGER PRIMARY KEY)")
            try db.execute(sql: "DELETE FROM listed")
            // Of which results are to be written from what the ledger has.
            try db.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS unwritten (id INTEGER PRIMARY KEY)")
            try db.execute(sql: "DELETE FROM unwritten")
            return id
        }
    }

    /// Takes a file.
    package func add(_ file: FoundFile) throws {
        waiting.append(file)
        if waiting.count >= 500 { try flush() }
    }

    /// Says that all are there.
    package func finish() throws -> ListingCounts {
        try flush()
        return try ledger.write { db in
            try Self.assignBatches(db)
            return try Self.counts(db)
        }
    }

    private func flush() throws {
        let files = waiting
        waiting = []
        let findings = try examine(files)
        try ledger.write { db in for (file, finding) in zip(files, findings) { try put(file, finding, db) } }
    }

    /// What the disk says of a recording that was done.
    private struct Finding {
        /// Its time has changed, but not its bytes.
        var hasSameContent = false
        /// A result is gone.
        var lacksResult = false
    }

    /// Looks at recordings that were done. Outside of a transaction: bytes may be many, and nobody should wait for them.
    private func examine(_ files: [FoundFile]) throws -> [Finding] {
        let known = try ledger.read { db in
            try files.map { file in
                try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT size, modified, hash, output FROM recordings
                            WHERE path = ? AND state IN ('done', 'failed', 'other')
                            """),
                    arguments: [Data(file.path.bytes)])
            }
        }
        return zip(files, known).map { file, known in
            var finding = Finding()
            guard let known else { return finding }
            let (size, modified): (Int64, Int64) = (known["size"], known["modified"])
            let mayBeTheSame = size == file.size && modified != file.modified && options.comparesContent
            if mayBeTheSame, let hash = known["hash"] as String? {
                finding.hasSameContent = (try? RunSettings.sum(of: file.path)) == hash
            }
            if let folder = options.folder {
                let output = folder.appending(RawPath(bytes: known["output"] as Data))
                finding.lacksResult = options.formats.contains {
                    output.appending(text: ".\($0.fileExtension)").status == nil
                }
            }
            return finding
        }
    }

    private func put(_ file: FoundFile, _ finding: Finding, _ db: Database) throws {
        let path = Data(file.path.bytes)
        let known = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, state, size, modified, named, settings, formats FROM recordings WHERE path = ?"),
            arguments: [path])
        let id: Int64
        if let known {
            id = known["id"]
            try update(known, with: file, finding, db)
        } else {
            let output = try freeOutput(for: file.mirrored, db)
            try db.cachedStatement(
                sql: """
                    INSERT INTO recordings(path, name, output, output_key, size, modified, named, settings, state)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'todo')
                    """
            ).execute(arguments: [
                path, file.name.text, Data(output.bytes), Data(output.bytes.map(Ledger.folded)), file.size,
                file.modified, file.isNamed, settings,
            ])
            id = db.lastInsertedRowID
        }
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO listed VALUES (?)").execute(arguments: [id])
    }

    private func update(_ known: Row, with file: FoundFile, _ finding: Finding, _ db: Database) throws {
        let (id, size, modified): (Int64, Int64, Int64) = (known["id"], known["size"], known["modified"])
        let hasChanged = size != file.size || (modified != file.modified && !finding.hasSameContent)
        var isWanted = false
        var keepsBatch = false
        switch Ledger.State(rawValue: known["state"]) {
        case .working, nil: return
        case .todo: (isWanted, keepsBatch) = (true, true)
        case .done:
            let formats = [TranscriptFormat](names: known["formats"])
            let isDone = !hasChanged && known["settings"] as Int64? == settings
            if !isDone {
                isWanted = true
            } else if finding.lacksResult || !options.formats.allSatisfy(formats.contains) {
                // What was said in it is known.
                try db.cachedStatement(sql: "INSERT OR IGNORE INTO unwritten VALUES (?)").execute(arguments: [id])
            }
        case .failed: isWanted = hasChanged || options.retriesFailed
        case .other: isWanted = hasChanged || (file.isNamed && !(known["named"] as Bool))
        }
        guard isWanted else {
            if finding.hasSameContent {
                try db.execute(sql: "UPDATE recordings SET modified = ? WHERE id = ?", arguments: [file.modified, id])
            }
            return
        }
        try db.cachedStatement(
            sql: """
                UPDATE recordings SET state = 'todo', batch = CASE WHEN ? THEN batch END, size = ?, modified = ?,
                named = MAX(named, ?), settings = ? WHERE id = ?
                """
        ).execute(arguments: [keepsBatch, file.size, file.modified, file.isNamed, settings, id])
    }

    /// Where the results of a recording go: `talk` for `talk.wav`, `talk.flac` where that is taken, `talk.flac-2` where
    /// that is, too.
    private func freeOutput(for mirrored: RawPath, _ db: Database) throws -> RawPath {
        var candidate = mirrored.withoutEnding
        var number = 1
        while try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM recordings WHERE output_key = ?)"),
            arguments: [Data(candidate.bytes.map(Ledger.folded))]) ?? false
        {
            candidate = number == 1 ? mirrored : mirrored.appending(text: "-\(number)")
            number += 1
        }
        return candidate
    }

    /// Recordings of like size share a batch, the largest first: nothing large is left for the end. A batch is put down
    /// here, not by who comes when, because the last bits of a result depend on what shares its batch: a run that was
    /// interrupted ends with the same bytes as one that was not.
    private static func assignBatches(_ db: Database) throws {
        let order = "ORDER BY size DESC, path"
        var batch = (try Int64.fetchOne(db, sql: "SELECT MAX(batch) FROM recordings") ?? 0)
        var (count, bytes): (Int, Int64) = (recordingsInBatch, 0)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, size FROM recordings
                WHERE state = 'todo' AND batch IS NULL AND id IN (SELECT id FROM listed) \(order)
                """)
        var assigned: [(id: Int64, batch: Int64)] = []
        while let row = try rows.next() {
            let size: Int64 = row["size"]
            if count >= recordingsInBatch || bytes + size > bytesInBatch { (batch, count, bytes) = (batch + 1, 0, 0) }
            (count, bytes) = (count + 1, bytes + size)
            assigned.append((row["id"], batch))
        }
        let update = try db.cachedStatement(sql: "UPDATE recordings SET batch = ? WHERE id = ?")
        for row in assigned { try update.execute(arguments: [row.batch, row.id]) }
    }

    private static func counts(_ db: Database) throws -> ListingCounts {
        var counts = ListingCounts()
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT state, COUNT(*) AS count, SUM(MAX(size, 0)) AS bytes FROM recordings
                WHERE id IN (SELECT id FROM listed) GROUP BY state
                """)
        for row in rows {
            let count: Int = row["count"]
            switch Ledger.State(rawValue: row["state"]) {
            case .done: counts.done = count
            case .todo: (counts.todo, counts.bytesToDo) = (count, row["bytes"])
            case .working: counts.working = count
            case .failed: counts.failed = count
            case .other: counts.others = count
            case nil: break
            }
        }
        counts.rewritten = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM unwritten") ?? 0
        return counts
    }
}
