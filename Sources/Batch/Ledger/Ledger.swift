import Files
import Foundation
import GRDB
import Messages

/// What is known of every recording: a database of SQLite in the output folder.
///
/// A transaction is all that ever changes it, so it is whole whenever a process ends. docs/batch.md has the tables, for
/// those who want to ask it themselves.
package final class Ledger: Sendable {
    let path: RawPath
    private let queue: DatabaseQueue
    private let isReadOnly: Bool

    /// States of a recording.
    enum State: String {
        /// Nobody has done it, or it has changed since.
        case todo
        /// The process `owner` does it.
        case working
        /// Its results are written.
        case done
        /// It cannot be transcribed; `error` says why.
        case failed
        /// It was found in a folder and is no recording.
        case other
    }

    /// What a ledger is opened for.
    package enum Access {
        /// To be changed; it is made where it is missing.
        case making
        /// To be changed.
        case changing
        /// To be looked at: neither it nor its folder need be writable.
        case reading
    }

    /// Opens a ledger.
    /// - Throws: ``BatchError``.
    package init(_ path: RawPath, _ access: Access) throws(BatchError) {
        (self.path, isReadOnly) = (path, access == .reading)
        if access != .making, path.status == nil { throw .reading(path, code: errno) }
        queue = try Self.translating(path, isReadOnly: isReadOnly) {
            let (queue, version) = try Self.open(path, access)
            switch version {
            case Self.version: break
            case 1 where access == .reading: break
            case 1: try queue.writeWithoutTransaction { try Self.addIndexOfWords(in: $0) }
            case 0 where access == .reading:
                throw BatchError(path, "has nothing in it yet", mend: "ask again when the run has begun")
            case 0: try queue.writeWithoutTransaction { try Self.makeTables(in: $0) }
            default: throw BatchError(path, "was made by another version of utter", mend: "give another --output")
            }
            return queue
        }
    }

    private static func open(_ path: RawPath, _ access: Access) throws -> (queue: DatabaseQueue, version: Int) {
        var configuration = Configuration()
        configuration.readonly = access == .reading
        // Other processes on this folder hold it for milliseconds.
        configuration.busyMode = .timeout(60)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA temp_store = FILE") }
        do {
            let queue = try DatabaseQueue(path: path.text, configuration: configuration)
            return (queue, try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 })
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
            // A process was killed in the middle of a transaction, which has to be taken back before anybody can read.
            guard Foundation.access(path.cString, W_OK) == 0, Foundation.access(path.folder.cString, W_OK) == 0 else {
                throw BatchError(
                    path, "was left by a process that was killed while it wrote",
                    mend: "run its command again, or ask as a user who may write here")
            }
            return try open(path, .changing)
        }
    }

    /// The version of the tables.
    private static let version = 2

    /// Makes the tables, unless another process has made them since.
    private static func makeTables(in db: Database) throws {
        // The write lock is taken before it is looked whether there is anything to do.
        try db.inTransaction(.immediate) {
            if try Int.fetchOne(db, sql: "PRAGMA user_version") == 0 {
                try db.execute(sql: schema)
                try db.execute(sql: "PRAGMA user_version = \(version)")
            }
            return .commit
        }
    }

    /// Brings a ledger of version 1 to version 2, unless another process has.
    private static func addIndexOfWords(in db: Database) throws {
        try db.inTransaction(.immediate) {
            if try Int.fetchOne(db, sql: "PRAGMA user_version") == 1 {
                try db.execute(sql: indexOfWords)
                try db.execute(
                    sql: """
                        INSERT INTO spoken(rowid, text) SELECT recording, json_extract(json, '$.text') FROM transcripts;
                        PRAGMA user_version = \(version)
                        """)
            }
            return .commit
        }
    }

    /// The texts of the transcripts, to be searched; an apostrophe is a part of a word, accents make no difference.
    private static let indexOfWords = """
        CREATE VIRTUAL TABLE spoken USING fts5(text, tokenize = "unicode61 remove_diacritics 2 tokenchars ''''");
        CREATE TRIGGER transcripts_added AFTER INSERT ON transcripts BEGIN
            DELETE FROM spoken WHERE rowid = new.recording;
            INSERT INTO spoken(rowid, text) VALUES (new.recording, json_extract(new.json, '$.text'));
        END;
        CREATE TRIGGER transcripts_removed AFTER DELETE ON transcripts BEGIN
            DELETE FROM spoken WHERE rowid = old.recording;
        END;
        """

    private static let schema = """
        CREATE TABLE settings (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,      -- equal for equal settings
            model TEXT NOT NULL,           -- its name
            fingerprint TEXT NOT NULL,     -- a sum over its file
            options TEXT NOT NULL          -- JSON: what steers decoding, the channel
        );
        CREATE TABLE recordings (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,     -- from the root of the disk; bytes, need be no text
            name TEXT NOT NULL,            -- as results and messages name it
            output BLOB NOT NULL,          -- its results in the output folder, without their endings
            output_key BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,         -- bytes; -1: there was no file
            modified INTEGER NOT NULL,     -- nanoseconds since 1970
            hash TEXT,                     -- a sum over its bytes, where --checksum asked for it
            named INTEGER NOT NULL,        -- 1: named, 0: found in a folder
            state TEXT NOT NULL,           -- todo, working, done, failed, other
            batch INTEGER,                 -- recordings of one number share a batch of the network
            owner TEXT,                    -- the process that works on it
            settings INTEGER REFERENCES settings(id),
            formats TEXT,                  -- of its results, apart by commas
            duration REAL,                 -- seconds
            words INTEGER,
            confidence REAL,               -- the mean of its words'
            warnings TEXT,                 -- what was noticed, a line each
            damaged INTEGER NOT NULL DEFAULT 0,
            kind TEXT, error TEXT,         -- why it failed
            finished REAL                  -- seconds since 1970
        );
        CREATE TABLE runs (owner TEXT PRIMARY KEY, started REAL NOT NULL, ended REAL NOT NULL);  -- seconds since 1970
        CREATE INDEX recordings_by_state ON recordings(state, batch);
        CREATE TABLE transcripts (recording INTEGER PRIMARY KEY REFERENCES recordings(id), json TEXT NOT NULL);
        """ + indexOfWords

    /// Reads.
    func read<R>(_ body: (Database) throws -> R) throws -> R {
        try Self.translating(path, isReadOnly: isReadOnly) { try queue.read(body) }
    }

    /// Changes the ledger in a transaction of its own.
    func write<R>(_ body: (Database) throws -> R) throws -> R { try Self.translating(path) { try queue.write(body) } }

    /// Changes the ledger in a transaction while another is at hand under the name `shard`.
    func attached(_ other: RawPath, _ body: (Database) throws -> Void) throws {
        try Self.translating(path) {
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "ATTACH ? AS shard", arguments: [other.text])
                defer { try? db.execute(sql: "DETACH shard") }
                try db.inTransaction(.immediate) {
                    try body(db)
                    return .commit
                }
            }
        }
    }

    /// What SQLite says of itself, as a line.
    private static func translating<R>(
        _ path: RawPath, isReadOnly: Bool = false, _ body: () throws -> R
    ) throws(BatchError) -> R {
        do {
            return try body()
        } catch let error as BatchError {
            throw error
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_FULL: throw .writing(path, code: ENOSPC)
            case .SQLITE_IOERR: throw .writing(path, code: EIO)
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
                throw isReadOnly ? .reading(path, code: EACCES) : .writing(path, code: EACCES)
            case .SQLITE_NOTADB, .SQLITE_CORRUPT:
                throw BatchError(path, "is no ledger, or is damaged", mend: "take it away, or give another --output")
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                throw BatchError(
                    path, "has been held by another process for a minute", mend: "let it end, then run this again")
            default:
                throw BatchError(
                    path, "cannot be used (SQLite: \(OneLine.escaped(error.message ?? "\(error.resultCode)")))",
                    mend: "was it made by a newer utter? give another --output")
            }
        } catch {
            throw BatchError(path, "cannot be used (\(OneLine.escaped("\(error)")))", mend: "give another --output")
        }
    }

    /// A letter of ASCII as a small one: some disks fold case.
    static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte + 0x20 : byte }
}
