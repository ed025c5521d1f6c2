import Foundation
import GRDB
import Messages
import Files

/// The results of all recordings of a ledger in two files, in the order of their paths, written anew as a whole.
package struct ResultExport {
    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    private static let columns = [
        "file", "state", "duration", "words", "confidence", "text", "warnings", "error", "output",
    ]

    /// Puts them into the output folder; one process at a time does.
    /// - Parameter lock: of this process. They grow in its scratch folder: what is left there of a process that was killed
    ///   is taken away.
    /// - Throws: as ``write(jsonLines:table:)``.
    func write(to folder: BatchFolder, _ shard: Shard?, by lock: ProcessLock) throws {
        try ProcessLock.alone("results", in: folder.hidden) {
            let (lines, table) = (lock.scratch.appending(RawPath("lines")), lock.scratch.appending(RawPath("table")))
            do {
                try write(jsonLines: lines, table: table)
            } catch FileError.noSpace {
                throw BatchError.writing(folder.jsonLines(shard), code: ENOSPC)
            }
            for (source, target) in [(lines, folder.jsonLines(shard)), (table, folder.table(shard))]
            where rename(source.cString, target.cString) != 0 { throw BatchError.writing(target, code: errno) }
            folder.path.synchronise()
        }
    }

    /// Writes them; memory does not grow with their number.
    /// - Throws: ``BatchError``, or `FileError` where a file cannot be written.
    package func write(jsonLines: RawPath, table: RawPath) throws {
        try AtomicFile.write(to: jsonLines.text) { lines in
            try AtomicFile.write(to: table.text) { table in
                try table.append((Self.columns.joined(separator: ",") + "\r\n").utf8)
                try ledger.read { db in
                    let rows = try Row.fetchCursor(
                        db,
                        sql: """
                            SELECT state, words, json, \(LedgerRecording.columns) FROM \(LedgerRecording.table)
                            WHERE state IN ('done', 'failed') ORDER BY path
                            """)
                    while let row = try rows.next() {
                        let recording = LedgerRecording(row)
                        try lines.append(Self.line(recording, row).utf8)
                        try table.append(Self.row(recording, row).utf8)
                    }
                }
            }
        }
    }

    /// The object that `transcribe --format json` writes; where there is no transcript, `file` and `error`. A path that is
    /// no text is there once more, as base64.
    private static func line(_ recording: LedgerRecording, _ row: Row) throws -> String {
        var line =
            try row["json"] as String?
            ?? JSONLine.encode(FailureRecord(file: recording.name, error: recording.error ?? "", kind: recording.kind))
        while line.last?.isNewline ?? false { line.removeLast() }
        let path = RawPath(bytes: row["path"] as Data)
        if !path.isText, line.last == "}" {
            line.removeLast()
            line += ",\"path_base64\":\"\(Data(path.bytes).base64EncodedString())\"}"
        }
        return line + "\n"
    }

    private static func row(_ recording: LedgerRecording, _ row: Row) -> String {
        let fields: [String] = [
            recording.name, row["state"], recording.duration.map { String(format: "%.3f", $0) } ?? "",
            (row["words"] as Int?).map(String.init) ?? "",
            recording.confidence.map { String(format: "%.4f", $0) } ?? "", recording.text,
            recording.warnings.joined(separator: "; "), recording.error ?? "", recording.output,
        ]
        return fields.map(CSVField.quoted).joined(separator: ",") + "\r\n"
    }
}

/// A recording without a transcript, as JSON.
struct FailureRecord: Encodable {
    let file: String
    let error: String
    let kind: String?
}
