/// Corpora whose transcripts stand in one table.
///
/// Coqui STT and DeepSpeech: CSV with a header; paths are relative to the CSV file. A column `speaker` or `client_id` is
/// taken where there is one.
enum CoquiCorpus {
    static func read(_ source: String) throws(DataError) -> SourceRows {
        var table = try DelimitedText(path: source)
        let mend = "a Coqui CSV file begins with wav_filename,wav_filesize,transcript"
        guard let header = try table.next(), case .success(let names) = header.fields else {
            throw DataError(source, line: 1, "no header", mend: mend)
        }
        let columns = Columns(names)
        let path = try columns.index(of: "wav_filename", in: source, mend: mend)
        let text = try columns.index(of: "transcript", in: source, mend: mend)
        let folder = FilePath.folder(of: source)
        var found = SourceRows()
        while let record = try table.next() {
            switch record.fields {
            case .failure(let problem): found.bad.append(BadLine(source, record.line, problem.reason))
            case .success(let fields) where fields.count != names.count:
                let reason = "\(fields.count) fields, and the header has \(names.count)"
                found.bad.append(BadLine(source, record.line, reason))
            case .success(let fields) where fields[path].isEmpty:
                found.bad.append(BadLine(source, record.line, "wav_filename is empty"))
            case .success(let fields):
                found.rows.append(
                    SourceRow(
                        file: source, line: record.line, audioPath: FilePath.resolve(fields[path], from: folder),
                        text: fields[text],
                        speaker: columns.value("speaker", of: fields) ?? columns.value("client_id", of: fields)))
            }
        }
        return found
    }
}

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
