import Files
import Foundation
import GRDB

/// Joins the ledgers of shards to one, and their results.
public struct ShardMerge: Sendable {
    /// What was joined.
    public struct Summary: Sendable {
        /// The shards that were there.
        public let shards: [Shard]
        /// Those that were not.
        public let missing: [Int]
        /// How all their recordings stand.
        public let counts: LedgerCounts
    }

    private let folder: BatchFolder

    /// - Parameter folder: the output folder of all shards.
    public init(_ folder: BatchFolder) { self.folder = folder }

    /// Puts what the shards' ledgers know into the ledger of all, and writes the results of all together. The shards'
    /// ledgers stay; merging again, after more is done, is no harm.
    /// - Throws: ``BatchError`` where there are no shards, or shards of several runs.
    public func merge() throws -> Summary {
        let shards = folder.shards()
        guard let count = shards.first?.count else {
            throw BatchError(
                folder.path, "holds no ledger of a shard", mend: "give the --output of runs with --shard I/N")
        }
        if let other = shards.first(where: { $0.count != count }) {
            throw BatchError(
                folder.path, "holds ledgers of \(count) shards and of \(other.count)",
                mend: "take those away that belong to another run")
        }
        try folder.prepare()
        ProcessLock.tidy(folder.hidden)
        let lock = try ProcessLock(in: folder.hidden)
        let counts = try ProcessLock.alone("listing", in: folder.hidden) { () -> LedgerCounts in
            let ledger = try Ledger(folder.ledger(nil), .making)
            for shard in shards { try ledger.take(in: folder.ledger(shard)) }
            try ResultExport(ledger).write(to: folder, nil, by: lock)
            return try ledger.counts()
        }
        let there = Set(shards.map(\.index))
        return Summary(shards: shards, missing: (1...count).filter { !there.contains($0) }, counts: counts)
    }
}

extension Ledger {
    /// Takes what another ledger knows; of a recording that both know, what is newer.
    fileprivate func take(in other: RawPath) throws {
        // It is opened as a ledger first: one that is none, or of another version, is told by its own name.
        _ = try Ledger(other, .reading)
        try attached(other) { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO settings(key, model, fingerprint, options)
                        SELECT key, model, fingerprint, options FROM shard.settings;
                    INSERT OR REPLACE INTO runs SELECT * FROM shard.runs;
                    CREATE TEMP TABLE newer AS
                        SELECT theirs.id AS their_id, theirs.path FROM shard.recordings AS theirs
                        LEFT JOIN recordings AS ours ON ours.path = theirs.path
                        WHERE ours.id IS NULL OR COALESCE(theirs.finished, 0) >= COALESCE(ours.finished, 0);
                    DELETE FROM transcripts WHERE recording IN
                        (SELECT id FROM recordings WHERE path IN (SELECT path FROM newer));
                    DELETE FROM recordings WHERE path IN (SELECT path FROM newer);
                    INSERT INTO recordings(path, name, output, output_key, size, modified, hash, named, state,
                            settings, formats, duration, words, confidence, warnings, damaged, kind, error, finished)
                        SELECT path, name, output, output_key, size, modified, hash, named,
                            CASE state WHEN 'working' THEN 'todo' ELSE state END,
                            (SELECT id FROM settings WHERE key =
                                (SELECT key FROM shard.settings WHERE id = theirs.settings)),
                            formats, duration, words, confidence, warnings, damaged, kind, error, finished
                        FROM shard.recordings AS theirs WHERE id IN (SELECT their_id FROM newer) ORDER BY path;
                    INSERT INTO transcripts
                        SELECT recordings.id, json FROM newer
                        JOIN recordings ON recordings.path = newer.path
                        JOIN shard.transcripts ON recording = their_id;
                    DROP TABLE newer;
                    """)
        }
    }
}
