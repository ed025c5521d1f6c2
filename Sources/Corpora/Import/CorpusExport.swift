import Files
import Foundation
import TensorFiles

/// Writes rows of manifests in the formats of other tools.
public enum CorpusExport {
    /// The formats that can be written.
    public enum Format: String, Sendable, CaseIterable {
        /// A CSV file with the columns wav_filename, wav_filesize and transcript.
        case coqui
        /// A data folder with wav.scp, text, utt2spk and spk2utt.
        case kaldi
    }

    /// Writes a file (Coqui) or a folder (Kaldi), which is made where it is missing.
    /// - Throws: ``DataError`` where a row cannot be written in the format, `FileError` where a file cannot.
    public static func write(_ rows: [ManifestRow], as format: Format, to path: String) throws {
        switch format {
        case .coqui: try writeCoqui(rows, to: path)
        case .kaldi: try writeKaldi(rows, to: path)
        }
    }

    private static func writeCoqui(_ rows: [ManifestRow], to path: String) throws {
        var relative = RelativePaths(to: FilePath.folder(of: path))
        try AtomicFile.write(to: path) { file in
            try file.append("wav_filename,wav_filesize,transcript\n".utf8)
            for row in rows {
                let audio = row.entry.audioFilePath.hasPrefix("/") ? row.audioPath : relative.path(of: row.audioPath)
                let attributes = try? FileManager.default.attributesOfItem(atPath: row.audioPath)
                guard let size = attributes?[.size] as? Int else {
                    throw DataError(
                        row.manifest, line: row.line,
                        "\(row.entry.audioFilePath) cannot be found, and its size is needed",
                        mend: "check the path, or the manifest with `utter data check`")
                }
                let fields = [audio, "\(size)", row.entry.text]
                try file.append((fields.map(CSVField.quoted).joined(separator: ",") + "\n").utf8)
            }
        }
    }

    private static func writeKaldi(_ rows: [ManifestRow], to folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw DataError(folder, "the folder cannot be made", mend: "choose another with --output")
        }
        var absolute = RelativePaths(to: folder)
        var taken: Set<String> = []
        var utterances: [Utterance] = []
        for row in rows {
            let path = absolute.absolute(row.audioPath)
            // Kaldi would run what ends in a bar, and knows no quotation.
            guard !path.hasSuffix("|"), !path.contains(where: \.isNewline), !path.hasSuffix(" ") else {
                throw DataError(
                    row.manifest, line: row.line, "Kaldi cannot hold the path '\(row.entry.audioFilePath)'",
                    mend: "rename the recording")
            }
            let stem = word(FilePath.stem(path))
            // Kaldi sorts by utterance and by speaker, and the two orders agree only where the one begins with the other.
            let speaker = row.entry.speaker.map(word)
            let base = speaker.map { stem.hasPrefix($0 + "-") ? stem : "\($0)-\(stem)" } ?? stem
            var name = base
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(base)-\(number)"
                number += 1
            }
            utterances.append(Utterance(name: name, path: path, text: row.entry.text, speaker: speaker ?? name))
        }
        utterances.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let speakers = Dictionary(grouping: utterances, by: \.speaker)
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let files: [(String, [String])] = [
            ("wav.scp", utterances.map { "\($0.name) \($0.path)" }),
            ("text", utterances.map { $0.text.isEmpty ? $0.name : "\($0.name) \($0.text)" }),
            ("utt2spk", utterances.map { "\($0.name) \($0.speaker)" }),
            ("spk2utt", speakers.map { "\($0.key) \($0.value.map(\.name).joined(separator: " "))" }),
        ]
        for (name, lines) in files {
            try AtomicFile.write(to: FilePath.resolve(name, from: folder)) { file in
                for line in lines { try file.append((line + "\n").utf8) }
            }
        }
    }

    private struct Utterance {
        let name: String
        let path: String
        let text: String
        let speaker: String
    }

    /// A name without white space.
    private static func word(_ name: String) -> String {
        let word = name.split(whereSeparator: \.isWhitespace).joined(separator: "_")
        return word.isEmpty ? "_" : word
    }
}
