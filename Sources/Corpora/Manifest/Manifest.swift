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
