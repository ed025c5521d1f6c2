import AudioIO
import Foundation

/// Looks at all data before an hour is spent on training with it.
///
/// ```swift
/// let check = try DataCheck([CheckInput(path: "train.jsonl", role: .train)], options: CheckOptions())
/// print(check.report.isUsable, check.report.findings)
/// try ManifestWriter.write(check.goodRows, to: "good.jsonl")
/// ```
public struct DataCheck: Sendable {
    /// What was found.
    public let report: CheckReport
    /// The rows that are not bad, in order, with measured durations.
    public let goodRows: [ManifestRow]

    /// Reads the manifests and every recording that they name.
    /// - Parameters:
    ///   - inputs: the manifests; what is shared is looked for between those for training and those for measuring.
    ///   - options: what is expected.
    ///   - progress: is called after each recording.
    /// - Throws: ``DataError`` where a manifest cannot be opened.
    public init(
        _ inputs: [CheckInput], options: CheckOptions, progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) throws(DataError) {
        var rows: [CheckedRow] = []
        var issues: [Issue] = []
        var normalised = 0
        for input in inputs {
            let manifest = try Manifest(path: input.path, maxBad: 1, keepsDuplicates: true)
            rows += manifest.rows.map { CheckedRow(row: $0, role: input.role) }
            issues += manifest.badLines.map { Issue(kind: .brokenLine, row: nil, place: $0.place, detail: $0.reason) }
            normalised += manifest.counts.normalised
        }
        let broken = issues.count
        let speller = try options.lexicon.isEmpty ? nil : Self.speller(options, texts: rows.map(\.row.entry.text))
        let unmeasured = rows
        let measurements = mapInParallel(
            rows.count, threads: options.threads,
            seconds: { (try? $0.get())?.duration ?? 0 }, progress: progress
        ) { index in
            Result { () throws(AudioError) in try AudioMeasurement(path: unmeasured[index].row.audioPath) }
        }
        for (index, measurement) in measurements.enumerated() {
            rows[index].audio = try? measurement.get()
            let check = RowCheck(rows[index], index: index, options: options, speller: speller)
            issues += check.issues(measurement)
        }
        issues += SharedRows(rows).issues()

        let bad = Set(issues.filter { $0.kind.severity == .bad }.compactMap(\.row))
        goodRows = rows.enumerated().filter { !bad.contains($0.offset) }.map { _, checked in
            var row = checked.row
            if let audio = checked.audio { row.entry.duration = (audio.duration * 10_000).rounded() / 10_000 }
            return row
        }
        let texts = rows.map(\.row.entry.text)
        report = CheckReport(
            rows: rows.count + broken, badRows: bad.count + broken, maxBad: options.maxBad,
            seconds: rows.reduce(0) { $0 + ($1.audio?.duration ?? 0) },
            speakers: Set(rows.compactMap(\.row.entry.speaker)).count,
            sampleRates: Dictionary(rows.compactMap { $0.audio.map { ($0.sampleRate, 1) } }, uniquingKeysWith: +),
            characters: String(texts.reduce(into: Set<Character>()) { $0.formUnion($1) }.sorted()),
            vocabulary: options.characters?.name,
            unknownCharacters: options.characters.map { Self.unknown(rows, $0) } ?? [],
            normalisedTexts: normalised, findings: Self.findings(issues))
    }

    private static func speller(_ options: CheckOptions, texts: [String]) throws(DataError) -> PhoneSpeller {
        let source: LexiconFile
        do {
            source = try LexiconFile(path: options.lexicon)
        } catch {
            throw DataError(options.lexicon, "cannot be read as a lexicon", mend: "\(error)")
        }
        return PhoneSpeller(
            source, vocabulary: PhoneSpeller.vocabulary(of: source), texts: texts, threads: options.threads)
    }

    private static func findings(_ issues: [Issue]) -> [Finding] {
        let groups = Dictionary(grouping: issues, by: \.kind)
        return FindingKind.allCases.compactMap { kind in
            guard let group = groups[kind] else { return nil }
            // Stable, so that rows that are equally bad stand in the manifest's order.
            let worst = group.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            return Finding(
                kind: kind, severity: kind.severity, rows: group.count,
                worst: worst.prefix(3).map { Finding.Example(place: $0.element.place, detail: $0.element.detail) })
        }
    }

    private static func unknown(_ rows: [CheckedRow], _ inventory: CharacterInventory) -> [CheckReport.UnknownCharacter]
    {
        var counts: [Character: (count: Int, first: Int)] = [:]
        for (index, checked) in rows.enumerated() {
            for character in inventory.unknown(in: checked.row.entry.text) {
                counts[character, default: (0, index)].count += 1
            }
        }
        return counts.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { character, value in
            CheckReport.UnknownCharacter(
                character: String(character), codePoints: character.codePoints, count: value.count,
                first: rows[value.first].row.place)
        }
    }
}

extension Character {
    /// Such as `U+00E9`.
    var codePoints: String {
        unicodeScalars.map { "U+" + String(format: "%04X", $0.value) }.joined(separator: " ")
    }
}
