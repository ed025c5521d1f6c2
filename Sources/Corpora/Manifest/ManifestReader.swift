import Foundation
import Messages

/// A row of a manifest: an entry and where it stands.
public struct ManifestRow: Sendable, Equatable {
    /// The path of the manifest.
    public let manifest: String
    /// Its line, counted from 1.
    public let line: Int
    /// What it says.
    public var entry: ManifestEntry

    /// A row that stands at a line of a manifest.
    public init(manifest: String, line: Int, entry: ManifestEntry) {
        (self.manifest, self.line, self.entry) = (manifest, line, entry)
    }

    /// The path at which the recording is opened: the entry's, seen from the manifest's folder.
    public var audioPath: String { FilePath.resolve(entry.audioFilePath, from: FilePath.folder(of: manifest)) }

    /// `file:line`.
    public var place: String { "\(OneLine.escaped(manifest)):\(line)" }

    /// The row as a line that was skipped, with a word on paths that were written on another system.
    package func skipped(_ reason: String) -> BadLine {
        let hint = " (its path has backslashes: write / between folders)"
        let isForeign = entry.audioFilePath.contains("\\") && !FilePath.isFile(audioPath)
        return BadLine(manifest, line, reason + (isForeign ? hint : ""))
    }

    /// What is wrong where the row names a part of a recording by `offset` and `duration`, and the recording is longer: its
    /// text is not what is said in the whole. Nil where nothing is.
    package func problemOfPart(recording seconds: Double) -> String? {
        guard entry.other["offset"] != nil, let stated = entry.duration,
            seconds > stated + max(0.5, stated / 20)
        else { return nil }
        return String(
            format:
                "it has an 'offset', states %.2f s, and the recording has %.2f s: parts of a recording are not read; "
                + "cut it into files first", stated, seconds)
    }
}

/// What was noticed while a manifest was read.
public struct ManifestCounts: Sendable, Equatable {
    /// Lines with something on them.
    public internal(set) var lines = 0
    /// Rows with text that was not in one form (NFC, single spaces) and was put into it.
    public internal(set) var normalised = 0
    /// Rows with no text.
    public internal(set) var emptyTexts = 0
    /// Rows that name a recording and a text which a row before them names.
    public internal(set) var duplicates = 0
    /// Rows that do not state a duration.
    public internal(set) var withoutDuration = 0
    /// Rows that do not name a speaker.
    public internal(set) var withoutSpeaker = 0
}

/// Reads a manifest of JSON lines, row by row.
///
/// ```swift
/// let reader = try ManifestReader(path: "train.jsonl")
/// while let row = try reader.next() { print(row.audioPath, row.entry.text) }
/// reader.badLines.forEach { print($0) }
/// ```
///
/// Empty lines are passed over. A line that cannot be read is put among ``badLines`` and skipped.
public final class ManifestReader {
    /// The path of the manifest.
    public var path: String { lines.path }
    /// What was noticed so far.
    public private(set) var counts = ManifestCounts()
    /// The lines that were skipped so far.
    public private(set) var badLines: [BadLine] = []
    /// Whether the row that was read last names a recording and a text which a row before it names.
    public private(set) var lastIsDuplicate = false

    private let lines: TextLines
    private var seen: Set<RowKey> = []

    /// Opens a manifest.
    /// - Throws: ``DataError`` where it cannot be opened, or is UTF-16.
    public init(path: String) throws(DataError) {
        lines = try TextLines(path: path)
    }

    /// The next row; nil after the last.
    /// - Throws: ``DataError`` where the file can no longer be read.
    public func next() throws(DataError) -> ManifestRow? {
        while let line = try lines.next() {
            do {
                let text = try line.content.get()
                if text.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
                counts.lines += 1
                return row(line.number, try ManifestEntry(json: text))
            } catch {
                if case .failure = line.content { counts.lines += 1 }
                badLines.append(BadLine(path, line.number, error.reason))
            }
        }
        return nil
    }

    private func row(_ line: Int, _ entry: ManifestEntry) -> ManifestRow {
        var entry = entry
        let text = ManifestEntry.normalised(entry.text)
        // Strings that differ in form alone are equal; their bytes are not.
        if !text.utf8.elementsEqual(entry.text.utf8) {
            counts.normalised += 1
            entry.text = text
        }
        if text.isEmpty { counts.emptyTexts += 1 }
        if entry.duration == nil { counts.withoutDuration += 1 }
        if entry.speaker == nil { counts.withoutSpeaker += 1 }
        lastIsDuplicate = !seen.insert(RowKey(path: entry.audioFilePath, text: text)).inserted
        if lastIsDuplicate { counts.duplicates += 1 }
        return ManifestRow(manifest: path, line: line, entry: entry)
    }

    private struct RowKey: Hashable {
        let path: String
        let text: String
    }
}

/// A whole manifest in memory.
public struct Manifest: Sendable {
    /// The path of the file.
    public let path: String
    /// The rows that could be read.
    public let rows: [ManifestRow]
    /// What was noticed.
    public let counts: ManifestCounts
    /// The lines that were skipped.
    public let badLines: [BadLine]

    /// Reads a manifest.
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - maxBad: the share of lines that may be bad and are skipped.
    ///   - keepsDuplicates: whether a row stays that names a recording and a text which a row before it names.
    /// - Throws: ``DataError`` where it cannot be opened, has no row, or too many of its lines are bad.
    public init(path: String, maxBad: Double = BadShare.allowed, keepsDuplicates: Bool = false) throws(DataError) {
        let reader = try ManifestReader(path: path)
        var rows: [ManifestRow] = []
        while let row = try reader.next() {
            if keepsDuplicates || !reader.lastIsDuplicate { rows.append(row) }
        }
        try BadShare.check(reader.badLines, of: reader.counts.lines, path: path, allowed: maxBad)
        guard !rows.isEmpty || !reader.badLines.isEmpty else {
            throw DataError(path, "holds no row", mend: "give a manifest with a line of JSON for each recording")
        }
        self.path = path
        self.rows = rows
        counts = reader.counts
        badLines = reader.badLines
    }
}
