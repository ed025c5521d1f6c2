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
