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
