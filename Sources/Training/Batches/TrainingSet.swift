import AcousticModel
import AudioIO
import CTC
import Features
import Foundation
import Messages

/// A recording and the labels that a network is to give to it.
public struct LabelledUtterance: Sendable, Equatable {
    /// The path at which the recording is opened.
    public let path: String
    /// The manifest and the line that name it.
    public let manifest: String, line: Int
    /// What is said.
    public let text: String
    /// The classes that spell the text; nil where a character has none.
    public let labels: [Int]?
    /// Who says it.
    public let speaker: String?
    /// How long it is.
    public let seconds: Double
}

/// The recordings of a training run, looked through before the first step: rows that cannot be learned from are told,
/// counted and left out. Only what manifests say is held in memory, no sound.
public struct TrainingSet: Sendable {
    /// What is learned from or measured, in the order of the manifests.
    public let utterances: [LabelledUtterance]
    /// The rows that were left out, and why.
    public let problems: [BadLine]
    /// Seconds of audio.
    public var seconds: Double { utterances.reduce(0) { $0 + $1.seconds } }

    /// What rows are held against.
    struct Rules {
        let vocabulary: Vocabulary
        let geometry: StepGeometry
        let maxBad: Double
        let keepsEmptyTexts: Bool
        let longest: Double
        /// Whether rows are only measured: then characters outside the vocabulary, empty and short texts are no hindrance.
        let isDev: Bool
        /// Whether a recording has one label as a whole, so that it fits into any recording.
        var isPooled = false
    }

    /// The rows of manifests, read before their texts are turned into labels.
    struct Source {
        let path: String
        var rows: [ManifestRow]
        let badLines: [BadLine]
        let lines: Int
        /// Rows that name a recording and a text which a row before them names.
        let repeated: Int

        /// - Parameter keepsRepeated: whether those stay, so that the recording is met more often.
        init(path: String, keepsRepeated: Bool = false) throws(DataError) {
            let manifest = try Manifest(path: path, maxBad: 1, keepsDuplicates: keepsRepeated)
            self.path = path
            rows = manifest.rows
            badLines = manifest.badLines
            lines = manifest.counts.lines
            repeated = manifest.counts.duplicates
        }
    }

    /// Opens every recording, on several threads, and sorts out what cannot be used.
    /// - Throws: ``DataError`` where too many rows of a manifest are bad, or none is left.
    init(
        _ sources: [Source], rules: Rules, threads: Int, progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) throws(DataError) {
        var utterances: [LabelledUtterance] = []
        var problems: [BadLine] = []
        let speller = Speller(rules.vocabulary)
        for source in sources {
            let probes = mapInParallel(source.rows.count, threads: threads, progress: progress) { index in
                let row = source.rows[index]
                return Result { () throws(AudioError) in
                    row.entry.duration == nil
                        ? try AudioFile.measuredInformation(row.audioPath) : try AudioFile.information(row.audioPath)
                }
            }
            var bad = source.badLines
            for (row, probe) in zip(source.rows, probes) {
                do {
                    utterances.append(try Self.utterance(row, probe, rules, speller))
                } catch {
                    bad.append(BadLine(row.manifest, row.line, error.reason))
                }
            }
            try BadShare.check(bad, of: source.lines, path: source.path, allowed: rules.maxBad)
            problems += bad
        }
        guard !utterances.isEmpty else {
            throw DataError(
                sources.first?.path ?? "", "has no row that can be used",
                mend: "see what utter data check says of it")
        }
        self.utterances = utterances
        self.problems = problems
    }

    /// Recordings that were looked through already.
    init(utterances: [LabelledUtterance]) { (self.utterances, problems) = (utterances, []) }

    /// Some of the recordings.
    func selecting(_ indices: [Int]) -> TrainingSet { TrainingSet(utterances: indices.map { utterances[$0] }) }

    private static func utterance(
        _ row: ManifestRow, _ probe: Result<AudioInformation, AudioError>, _ rules: Rules, _ speller: Speller
    ) throws(TextLines.Problem) -> LabelledUtterance {
        let text = row.entry.text
        let information: AudioInformation
        do { information = try probe.get() } catch { throw TextLines.Problem(reason: "\(error)") }
        guard let seconds = information.duration ?? row.entry.duration else {
            throw TextLines.Problem(reason: "neither the recording nor the row says how long it is")
        }
        let labels = speller.labels(of: text)
        if !rules.isDev {
            if text.isEmpty, !rules.keepsEmptyTexts {
                throw TextLines.Problem(
                    reason: "\"text\" is empty (data.keep_empty_texts: true would learn silence from it)")
            }
            guard labels != nil else {
                let unknown = speller.unknown(in: text).prefix(5).map { "'\(OneLine.escaped($0))'" }
                throw TextLines.Problem(
                    reason: "the text has \(unknown.joined(separator: " ")), outside the vocabulary")
            }
            guard seconds <= rules.longest else {
                throw TextLines.Problem(reason: String(format: "%.1f s, longer than data.longest", seconds))
            }
            let needed = rules.isPooled ? 1 : CTCLength.shortest(labels ?? [])
            let steps = rules.geometry.steps(seconds: seconds)
            guard steps >= max(1, needed) else {
                throw TextLines.Problem(
                    reason: String(format: "%.2f s make %d steps, its text needs %d", seconds, steps, needed))
            }
        }
        return LabelledUtterance(
            path: row.audioPath, manifest: row.manifest, line: row.line, text: text, labels: labels,
            speaker: row.entry.speaker, seconds: seconds)
    }
}

extension Vocabulary {
    /// The blank, the space, then the characters in the order of their code points.
    /// - Throws: ``DataError`` where there is none, or a control character among them.
    init(characters: Set<Character>, from path: String) throws(DataError) {
        let others = characters.subtracting([" "]).sorted()
        guard !others.isEmpty else {
            throw DataError(path, "has no text to learn from", mend: "give recordings with what is said in them")
        }
        if let control = others.first(where: { OneLine.escaped(String($0)) != String($0) }) {
            throw DataError(
                path, "has the control character \(OneLine.escaped(String(control))) in its texts",
                mend: "take it out, or name the characters in data.characters")
        }
        self.init(symbols: ["<blank>", " "] + others.map(String.init))
    }
}
