import AcousticModel
import CTC
import Corpora
import Decoding
import Foundation
import Messages
import Text
import Transcription

/// What was heard in the rows of a manifest.
public struct Hypotheses: Sendable {
    /// The rows for which there is a text, each with it, in the manifest's order.
    public let pairs: [(row: ManifestRow, hypothesis: String)]
    /// One line for each row for which there is none, or whose recording is damaged.
    public let problems: [BadLine]

    private init(pairs: [(row: ManifestRow, hypothesis: String)], problems: [BadLine]) {
        (self.pairs, self.problems) = (pairs, problems)
    }

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
                if let problem = row.problemOfPart(recording: transcript.duration) {
                    problems.append(row.skipped(problem))
                    continue
                }
                pairs.append((row, transcript.text))
                for warning in transcript.warnings where warning.isDamage {
                    problems.append(BadLine(row.manifest, row.line, "\(warning)"))
                }
            case .failure(let error): problems.append(row.skipped("\(error)"))
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

    /// The same texts as they are spoken: no case, no punctuation, hyphens as spaces, one form of the apostrophe.
    public var spoken: Hypotheses {
        func spoken(_ text: String) -> String { ManifestEntry.normalised(text).asSpoken.lowercased() }
        return Hypotheses(
            pairs: pairs.map { row, hypothesis in
                var row = row
                row.entry.text = spoken(row.entry.text)
                return (row, spoken(hypothesis))
            }, problems: problems)
    }

    /// What a person should know where the references hold characters that no class of the model spells: such words count as
    /// wrong whatever is heard. Nil where there are none, and for models whose classes are words.
    public func note(unwritableBy vocabulary: Vocabulary) -> String? {
        guard vocabulary.unit == .character else { return nil }
        let known = CharacterInventory(vocabulary, name: "")
        var counts: [Character: Int] = [:]
        for character in pairs.lazy.flatMap({ known.unknown(in: $0.row.entry.text) }) {
            counts[character, default: 0] += 1
        }
        guard !counts.isEmpty else { return nil }
        let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let listed = ranked.prefix(8).map { "\(OneLine.escaped(String($0.key))) (\($0.value))" }.joined(separator: ", ")
        return "the references hold characters that the model cannot write, so these words count as wrong: \(listed)"
            + "\(ranked.count > 8 ? " and \(ranked.count - 8) more" : ""); --normalize compares what is spoken of both"
    }
}
