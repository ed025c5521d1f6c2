/// Common Voice: tab-separated with a header, recordings in `clips`.
///
/// Quotation marks are part of sentences in most releases, and enclose fields in some: a field that is wholly enclosed,
/// with all marks inside doubled, is opened; any other is taken as it stands.
enum CommonVoiceCorpus {
    static func read(_ source: String) throws(DataError) -> SourceRows {
        let lines = try TextLines(path: source)
        let mend = "give a TSV file of Common Voice such as train.tsv, with the columns client_id, path and sentence"
        guard let header = try lines.next(), case .success(let names) = header.content else {
            throw DataError(source, line: 1, "no header", mend: mend)
        }
        let columns = Columns(split(names))
        let path = try columns.index(of: "path", in: source, mend: mend)
        let text = try columns.index(of: "sentence", in: source, mend: mend)
        let folder = FilePath.resolve("clips", from: FilePath.folder(of: source))
        var found = SourceRows()
        while let line = try lines.next() {
            guard case .success(let content) = line.content else {
                found.bad.append(BadLine(source, line.number, "not UTF-8 text"))
                continue
            }
            if content.isEmpty { continue }
            let fields = split(content)
            guard fields.count == columns.names.count, !fields[path].isEmpty else {
                let reason =
                    fields.count == columns.names.count
                    ? "path is empty" : "\(fields.count) fields, and the header has \(columns.names.count)"
                found.bad.append(BadLine(source, line.number, reason))
                continue
            }
            var audioPath = FilePath.resolve(fields[path], from: folder)
            // The first releases leave the ending off.
            if !fields[path].contains("."), !FilePath.isFile(audioPath) { audioPath += ".mp3" }
            var row = SourceRow(
                file: source, line: line.number, audioPath: audioPath, text: fields[text],
                speaker: columns.value("client_id", of: fields))
            for name in ["accent", "accents", "age", "gender", "locale", "variant"] {
                if let value = columns.value(name, of: fields) { row.other[name] = .string(value) }
            }
            found.rows.append(row)
        }
        return found
    }

    private static func split(_ line: String) -> [String] {
        line.split(separator: "\t", omittingEmptySubsequences: false).map { field in
            guard field.count >= 2, field.hasPrefix("\""), field.hasSuffix("\"") else { return String(field) }
            let pieces = field.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
            return pieces.contains { $0.contains("\"") } ? String(field) : pieces.joined(separator: "\"")
        }
    }
}
