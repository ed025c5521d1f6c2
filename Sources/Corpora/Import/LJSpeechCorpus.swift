/// LJ Speech: `id|transcript|normalised transcript`, without header and without quotation, recordings in `wavs`.
enum LJSpeechCorpus {
    static func read(_ source: String) throws(DataError) -> SourceRows {
        let path = FilePath.isFolder(source) ? FilePath.resolve("metadata.csv", from: source) : source
        let lines = try TextLines(path: path)
        let folder = FilePath.resolve("wavs", from: FilePath.folder(of: path))
        var found = SourceRows()
        while let line = try lines.next() {
            guard case .success(let text) = line.content else {
                found.bad.append(BadLine(path, line.number, "not UTF-8 text"))
                continue
            }
            if text.isEmpty { continue }
            let fields = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(fields.count), !fields[0].isEmpty else {
                let reason = "\(fields.count) fields, where id|transcript|normalised transcript are expected"
                found.bad.append(BadLine(path, line.number, reason))
                continue
            }
            let name = fields[0].lowercased().hasSuffix(".wav") ? fields[0] : fields[0] + ".wav"
            let normalised = fields.count == 3 && !fields[2].isEmpty ? fields[2] : fields[1]
            found.rows.append(
                SourceRow(
                    file: path, line: line.number, audioPath: FilePath.resolve(name, from: folder), text: normalised))
        }
        found.remarks.append("LJ Speech names no speaker; give one with --speaker where it matters")
        return found
    }
}
