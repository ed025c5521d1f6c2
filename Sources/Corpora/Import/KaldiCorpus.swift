import Messages

/// A Kaldi data folder: `wav.scp` (`utterance path`), `text` (`utterance words`), `utt2spk` (`utterance speaker`).
///
/// Paths that are not absolute are looked for from the folder first, then from the working directory, as Kaldi does.
enum KaldiCorpus {
    static func read(_ source: String) throws(DataError) -> SourceRows {
        guard FilePath.isFolder(source) else {
            throw DataError(source, "is no folder", mend: "give a Kaldi data folder with wav.scp and text in it")
        }
        func file(_ name: String) -> String { FilePath.resolve(name, from: source) }
        if FilePath.isFile(file("segments")) {
            throw DataError(
                file("segments"), "parts of recordings are not imported",
                mend: "cut them into files first (Kaldi: extract-segments) and remove segments")
        }
        var found = SourceRows()
        var texts = try table(file("text"), allowsEmpty: true, &found)
        var speakers: [String: (line: Int, value: String)] = [:]
        if FilePath.isFile(file("utt2spk")) {
            speakers = try table(file("utt2spk"), allowsEmpty: false, &found)
        } else {
            found.remarks.append("\(OneLine.escaped(file("utt2spk"))) is missing: no speaker is known")
        }
        let recordings = try table(file("wav.scp"), allowsEmpty: false, &found)
        for (utterance, (line, path)) in recordings.sorted(by: { $0.value.line < $1.value.line }) {
            let text = texts.removeValue(forKey: utterance)
            if let reason = reasonAgainst(path) ?? (text == nil ? "the utterance \(utterance) is not in text" : nil) {
                found.bad.append(BadLine(file("wav.scp"), line, reason))
                continue
            }
            let local = FilePath.resolve(path, from: source)
            found.rows.append(
                SourceRow(
                    file: file("wav.scp"), line: line,
                    audioPath: FilePath.isFile(local) ? local : FilePath.resolve(path, from: "."),
                    text: text?.value ?? "", speaker: speakers[utterance]?.value,
                    other: ["utterance": .string(utterance)]))
        }
        for (utterance, text) in texts.sorted(by: { $0.value.line < $1.value.line }) {
            found.bad.append(BadLine(file("text"), text.line, "the utterance \(utterance) is not in wav.scp"))
        }
        return found
    }

    /// Why an entry of wav.scp is no plain path.
    private static func reasonAgainst(_ path: String) -> String? {
        if path.hasSuffix("|") || path.hasPrefix("|") {
            return "a command in place of a path ('\(path.prefix(60))'): it is not run; write its output to a WAV file "
                + "and put that file's path here"
        }
        if StandardStream.isNamed(by: path) { return "standard input in place of a path: put a file's path here" }
        let parts = path.split(separator: ":")
        if parts.count == 2, parts[0].hasSuffix(".ark"), parts[1].allSatisfy(\.isNumber) {
            return "a place in an archive in place of a path ('\(path)'): write it to a WAV file (Kaldi: wav-copy)"
        }
        return nil
    }

    /// The lines of a file, by their first word.
    private static func table(
        _ path: String, allowsEmpty: Bool, _ found: inout SourceRows
    ) throws(DataError) -> [String: (line: Int, value: String)] {
        let lines = try TextLines(path: path)
        var table: [String: (line: Int, value: String)] = [:]
        while let line = try lines.next() {
            guard case .success(let text) = line.content else {
                found.bad.append(BadLine(path, line.number, "not UTF-8 text"))
                continue
            }
            let parts = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            guard let key = parts.first.map(String.init) else { continue }
            let value = parts.count > 1 ? trimmed(parts[1]) : ""
            if value.isEmpty, !allowsEmpty {
                found.bad.append(BadLine(path, line.number, "nothing follows '\(key)'"))
            } else if let first = table[key] {
                found.bad.append(
                    BadLine(path, line.number, "the utterance \(key) stands in line \(first.line) already"))
            } else {
                table[key] = (line.number, value)
            }
        }
        return table
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(
            start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex))
    }
}
