import AcousticModel
import Decoding
import Foundation
import Transcription

/// What was heard in the rows of a manifest.
public struct Hypotheses: Sendable {
    /// The rows for which there is a text, each with it, in the manifest's order.
    public let pairs: [(row: ManifestRow, hypothesis: String)]
    /// One line for each row for which there is none, or whose recording is damaged.
    public let problems: [BadLine]

    /// Transcribes rows, one on each thread.
    /// - Parameters:
    ///   - rows: rows of manifests.
    ///   - model: the model that listens.
    ///   - decoder: what turns its posteriors into text; nil for the best path.
    ///   - threads: at most this many recordings are transcribed at once.
    ///   - progress: is called after each.
    public init(
        transcribing rows: [ManifestRow], model: AcousticModel, decoder: Decoder? = nil, threads: Int,
        progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) {
        let transcriber = Transcriber(model: model, threads: 1, decoder: decoder)
        // Long recordings first: the last one to be done should be a short one, so that no thread waits long for another.
        let order = rows.indices.sorted {
            (rows[$1].entry.duration ?? 0, $0) < (rows[$0].entry.duration ?? 0, $1)
        }
        let results = mapInParallel(
            rows.count, threads: threads, seconds: { (try? $0.get())?.duration ?? 0 }, progress: progress
        ) { place in
            Result { try transcriber.transcribe(rows[order[place]].audioPath) }
        }
        var pairs: [(row: ManifestRow, hypothesis: String)] = []
        var problems: [BadLine] = []
        for (index, result) in zip(order, results).sorted(by: { $0.0 < $1.0 }) {
            let row = rows[index]
            switch result {
            case .success(let transcript):
                pairs.append((row, transcript.text))
                for warning in transcript.warnings where warning.isDamage {
                    problems.append(BadLine(row.manifest, row.line, "\(warning)"))
                }
            case .failure(let error): problems.append(BadLine(row.manifest, row.line, "\(error)"))
            }
        }
        (self.pairs, self.problems) = (pairs, problems)
    }

    /// Takes texts that were stored as JSON lines: `audio_filepath` or `file` (what `utter transcribe --format json`
    /// writes), and `pred_text` or `text`.
    ///
    /// A recording is known by its path as the row has it, else by the place that the path leads to: `audio_filepath`
    /// from the folder of the file, `file` from the working directory.
    /// - Throws: ``DataError`` where the file cannot be read, or too many of its lines are bad.
    public init(
        of rows: [ManifestRow], storedIn path: String, maxBad: Double = BadShare.allowed
    ) throws(DataError) {
        let lines = try TextLines(path: path)
        var byName: [String: String] = [:]
        var byPlace: [String: String] = [:]
        var resolver = RelativePaths(to: ".")
        var bad: [BadLine] = []
        var count = 0
        while let line = try lines.next() {
            guard let text = try? line.content.get(), !text.allSatisfy(\.isWhitespace) else {
                guard case .failure(let problem) = line.content else { continue }
                count += 1
                bad.append(BadLine(path, line.number, problem.reason))
                continue
            }
            count += 1
            guard let stored = try? JSONDecoder().decode(Stored.self, from: Data(text.utf8)), let name = stored.name,
                let heard = stored.predicted ?? stored.text
            else {
                let reason = "no JSON object with 'audio_filepath' or 'file', and 'pred_text' or 'text', all strings"
                bad.append(BadLine(path, line.number, reason))
                continue
            }
            byName[name] = heard
            let folder = stored.file == nil ? FilePath.folder(of: path) : "."
            byPlace[resolver.absolute(FilePath.resolve(name, from: folder))] = heard
        }
        try BadShare.check(bad, of: count, path: path, allowed: maxBad)
        var pairs: [(row: ManifestRow, hypothesis: String)] = []
        for row in rows {
            if let heard = byPlace[resolver.absolute(row.audioPath)] ?? byName[row.entry.audioFilePath] {
                pairs.append((row, heard))
            } else {
                bad.append(BadLine(row.manifest, row.line, "\(path) has no text for \(row.entry.audioFilePath)"))
            }
        }
        (self.pairs, problems) = (pairs, bad)
    }

    private struct Stored: Decodable {
        let audioFilePath: String?
        let file: String?
        let predicted: String?
        let text: String?
        var name: String? { file ?? audioFilePath }

        enum CodingKeys: String, CodingKey {
            case file, text
            case audioFilePath = "audio_filepath"
            case predicted = "pred_text"
        }
    }

    /// Rows with their hypotheses in the field `pred_text`, to be written to a manifest and scored again later.
    public var rows: [ManifestRow] {
        pairs.map { row, hypothesis in
            var row = row
            row.entry.other["pred_text"] = .string(hypothesis)
            return row
        }
    }
}
