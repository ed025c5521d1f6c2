import Foundation

/// A LibriSpeech tree: folders of any depth with `*.trans.txt` (`speaker-chapter-number TEXT`) beside the recordings.
enum LibriSpeechCorpus {
    private static let endings = ["flac", "wav", "ogg", "opus", "mp3"]

    static func read(_ source: String) throws(DataError) -> SourceRows {
        guard FilePath.isFolder(source) else {
            throw DataError(source, "is no folder", mend: "give the folder above the *.trans.txt files")
        }
        let names = FileManager.default.enumerator(atPath: source)?.compactMap { $0 as? String } ?? []
        var found = SourceRows()
        let transcripts = names.filter { $0.hasSuffix(".trans.txt") }.sorted()
        guard !transcripts.isEmpty else {
            throw DataError(source, "no *.trans.txt is in it", mend: "give the folder above the *.trans.txt files")
        }
        for name in transcripts {
            let path = FilePath.resolve(name, from: source)
            let folder = FilePath.folder(of: path)
            let lines = try TextLines(path: path)
            while let line = try lines.next() {
                guard case .success(let text) = line.content else {
                    found.bad.append(BadLine(path, line.number, "not UTF-8 text"))
                    continue
                }
                let parts = text.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
                guard let utterance = parts.first else { continue }
                guard let speaker = utterance.split(separator: "-").first, speaker.count < utterance.count else {
                    let reason = "'\(utterance)' is no name of the form speaker-chapter-number"
                    found.bad.append(BadLine(path, line.number, reason))
                    continue
                }
                let stem = FilePath.resolve(utterance, from: folder)
                let audio = endings.map { "\(stem).\($0)" }.first(where: FilePath.isFile) ?? "\(stem).flac"
                found.rows.append(
                    SourceRow(
                        file: path, line: line.number, audioPath: audio, text: parts.count > 1 ? parts[1] : "",
                        speaker: String(speaker)))
            }
        }
        return found
    }
}
