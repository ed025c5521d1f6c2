import AcousticModel
import AudioIO
import CTC
import Corpora
import Features
import Foundation
import Messages

/// The recordings of a training run, looked through before the first step: rows that cannot be learned from are told,
/// counted and left out. Only what manifests say is held in memory, no sound.
public struct TrainingSet: Sendable {
    /// What is learned from or measured, in the order of the manifests.
    public let utterances: [LabelledUtterance]
    /// The rows that were left out, and why.
    public let problems: [BadLine]
    /// The recordings of each manifest; one that weighs more than 1 has them several times.
    public let sets: [RecordingSet]
    /// Seconds of audio.
    public var seconds: Double { utterances.reduce(0) { $0 + $1.seconds } }

    /// What rows are held against.
    package struct Rules {
        let vocabulary: Vocabulary
        /// How texts are pronounced, where the vocabulary is one of phones.
        let phones: PhoneSpeller?
        /// Of a second head.
        let characters: Vocabulary?
        let geometry: StepGeometry
        let maxBad: Double
        let keepsEmptyTexts: Bool
        let longest: Double
        /// Whether rows are only measured: then characters outside the vocabulary, empty and short texts are no hindrance.
        let isDev: Bool
        /// Whether a recording has one label as a whole, so that it fits into any recording.
        let isPooled: Bool

        package init(
            vocabulary: Vocabulary, phones: PhoneSpeller? = nil, characters: Vocabulary? = nil, geometry: StepGeometry,
            maxBad: Double, keepsEmptyTexts: Bool, longest: Double, isDev: Bool, isPooled: Bool = false
        ) {
            (self.vocabulary, self.phones, self.characters) = (vocabulary, phones, characters)
            (self.geometry, self.maxBad, self.keepsEmptyTexts) = (geometry, maxBad, keepsEmptyTexts)
            (self.longest, self.isDev, self.isPooled) = (longest, isDev, isPooled)
        }
    }

    /// The rows of manifests, read before their texts are turned into labels.
    package struct Source {
        let path: String
        package var rows: [ManifestRow]
        let badLines: [BadLine]
        let lines: Int
        /// Rows that name a recording and a text which a row before them names.
        let repeated: Int
        /// How often an epoch meets each recording.
        let weight: Double

        /// - Parameter keepsRepeated: whether those stay, so that the recording is met more often.
        package init(path: String, keepsRepeated: Bool = false, weight: Double = 1) throws(DataError) {
            self.weight = weight
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
    package init(
        _ sources: [Source], rules: Rules, threads: Int, progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) throws(DataError) {
        var utterances: [LabelledUtterance] = []
        var problems: [BadLine] = []
        var sets: [RecordingSet] = []
        let speller = Speller(rules.vocabulary)
        let characters = rules.characters.map { Speller($0) }
        for source in sources {
            let probes = mapInParallel(source.rows.count, threads: threads, progress: progress) { index in
                let row = source.rows[index]
                return Result { () throws(AudioError) in
                    row.entry.duration == nil
                        ? try AudioFile.measuredInformation(row.audioPath) : try AudioFile.information(row.audioPath)
                }
            }
            var bad = source.badLines
            var mine: [LabelledUtterance] = []
            for (row, probe) in zip(source.rows, probes) {
                do {
                    mine.append(try Self.utterance(row, probe, rules, speller, characters))
                } catch {
                    bad.append(BadLine(row.manifest, row.line, error.reason))
                }
            }
            try BadShare.check(bad, of: source.lines, path: source.path, allowed: rules.maxBad)
            problems += bad
            // Each copy is a recording of its own, which is varied by itself.
            let copies = max(1, source.weight.rounded(.up))
            let first = utterances.count
            for _ in 0..<Int(copies) { utterances += mine }
            if !mine.isEmpty {
                sets.append(RecordingSet(recordings: first..<utterances.count, share: source.weight / copies))
            }
        }
        guard !utterances.isEmpty else {
            throw DataError(
                sources.first?.path ?? "", "has no row that can be used",
                mend: "see what utter data check says of it")
        }
        (self.utterances, self.problems, self.sets) = (utterances, problems, sets)
    }

    /// Recordings that were looked through already.
    package init(utterances: [LabelledUtterance]) {
        (self.utterances, problems) = (utterances, [])
        sets = [RecordingSet(recordings: utterances.indices, share: 1)]
    }

    /// Some of the recordings.
    package func selecting(_ indices: [Int]) -> TrainingSet { TrainingSet(utterances: indices.map { utterances[$0] }) }

    private static func utterance(
        _ row: ManifestRow, _ probe: Result<AudioInformation, AudioError>, _ rules: Rules, _ speller: Speller,
        _ characters: Speller?
    ) throws(TextLines.Problem) -> LabelledUtterance {
        let text = row.entry.text
        let information: AudioInformation
        do { information = try probe.get() } catch { throw TextLines.Problem(reason: "\(error)") }
        guard let seconds = information.duration ?? row.entry.duration else {
            throw TextLines.Problem(reason: "neither the recording nor the row says how long it is")
        }
        if let problem = row.problemOfPart(recording: seconds) { throw TextLines.Problem(reason: problem) }
        let utterance: LabelledUtterance
        do {
            utterance = try labelled(row, seconds, rules, speller, characters)
        } catch {
            // What cannot be learned from can be measured by.
            guard rules.isDev else { throw error }
            utterance = LabelledUtterance(row, seconds: seconds, labels: nil)
        }
        if !rules.isDev {
            if text.isEmpty, !rules.keepsEmptyTexts {
                throw TextLines.Problem(
                    reason: "\"text\" is empty (data.keep_empty_texts: true would learn silence from it)")
            }
            guard seconds <= rules.longest else {
                throw TextLines.Problem(reason: String(format: "%.1f s, longer than data.longest", seconds))
            }
            let needed = rules.isPooled ? 1 : utterance.shortest
            let steps = rules.geometry.steps(seconds: seconds)
            guard steps >= max(1, needed) else {
                throw TextLines.Problem(
                    reason: String(format: "%.2f s make %d steps, its text needs %d", seconds, steps, needed))
            }
        }
        return utterance
    }

    /// A row with the labels of each head.
    private static func labelled(
        _ row: ManifestRow, _ seconds: Double, _ rules: Rules, _ speller: Speller, _ characters: Speller?
    ) throws(TextLines.Problem) -> LabelledUtterance {
        func spelled(_ speller: Speller) throws(TextLines.Problem) -> [Int] {
            guard let labels = speller.labels(of: row.entry.text) else {
                let unknown = speller.unknown(in: row.entry.text).prefix(5).map { "'\(OneLine.escaped($0))'" }
                throw TextLines.Problem(
                    reason: "the text has \(unknown.joined(separator: " ")), outside the vocabulary")
            }
            return labels
        }
        guard let phones = rules.phones else {
            return LabelledUtterance(row, seconds: seconds, labels: try spelled(speller))
        }
        let spoken = try phones.spoken(row.entry.text)
        var utterance = LabelledUtterance(row, seconds: seconds, labels: spoken.labels())
        utterance.spoken = spoken
        if let characters {
            utterance.characters = rules.isDev ? try? spelled(characters) : try spelled(characters)
        }
        return utterance
    }
}

extension LabelledUtterance {
    fileprivate init(_ row: ManifestRow, seconds: Double, labels: [Int]?) {
        self.init(
            path: row.audioPath, manifest: row.manifest, line: row.line, text: row.entry.text, labels: labels,
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
