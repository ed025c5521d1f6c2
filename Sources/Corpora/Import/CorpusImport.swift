import AudioIO
import Foundation

/// Turns a corpus of another format into rows of a manifest.
///
/// ```swift
/// let corpus = try CorpusImport(from: .commonVoice, source: "cv/train.tsv")
/// try ManifestWriter.write(corpus.rows, to: "train.jsonl")
/// ```
public struct CorpusImport: Sendable {
    /// The rows, in the order of the source, with measured durations. Each stands at its line of the source's file; the
    /// paths of recordings are relative to that file's folder, or absolute.
    public let rows: [ManifestRow]
    /// The lines that were skipped: not understood, or their recording does not open.
    public let badLines: [BadLine]
    /// Things worth knowing that concern no single line.
    public let remarks: [String]

    /// Reads a corpus and asks every recording how long it is.
    /// - Parameters:
    ///   - format: the corpus's format.
    ///   - source: its file or folder.
    ///   - cleaning: what is done to transcripts.
    ///   - speaker: the speaker of rows that name none.
    ///   - maxBad: the share of lines that may be bad and are skipped.
    ///   - threads: at most this many recordings are opened at once.
    ///   - progress: is called after each recording.
    /// - Throws: ``DataError`` where a file of transcripts cannot be read, or too many lines are bad.
    public init(
        from format: CorpusFormat, source: String, cleaning: TextCleaning = TextCleaning(), speaker: String? = nil,
        maxBad: Double = BadShare.allowed, threads: Int = 1,
        progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) throws(DataError) {
        let found = try format.read(source)
        // Before hours are spent on opening recordings.
        let total = found.rows.count + found.bad.count
        try BadShare.check(found.bad, of: total, path: source, allowed: maxBad)
        let sources = found.rows
        let durations = mapInParallel(sources.count, threads: threads, progress: progress) { index in
            Result { () throws(AudioError) in try Self.duration(of: sources[index].audioPath) }
        }
        var rows: [ManifestRow] = []
        var bad = found.bad
        var relative: [String: RelativePaths] = [:]
        for (row, duration) in zip(sources, durations) {
            switch duration {
            case .failure(let error): bad.append(BadLine(row.file, row.line, "\(error)"))
            case .success(let seconds):
                let folder = FilePath.folder(of: row.file)
                var audioPath = row.audioPath
                if audioPath.hasPrefix(folder + "/") {
                    audioPath.removeFirst(folder.count + 1)
                } else if !audioPath.hasPrefix("/") {
                    audioPath = relative[folder, default: RelativePaths(to: folder)].path(of: audioPath)
                }
                let entry = ManifestEntry(
                    audioFilePath: audioPath, duration: (seconds * 10_000).rounded() / 10_000,
                    text: cleaning.clean(row.text), speaker: row.speaker ?? speaker, other: row.other)
                rows.append(ManifestRow(manifest: row.file, line: row.line, entry: entry))
            }
        }
        try BadShare.check(bad, of: total, path: source, allowed: maxBad)
        guard !rows.isEmpty else {
            throw DataError(source, "holds no transcript in the format \(format.rawValue)", mend: "check --from")
        }
        (self.rows, badLines, remarks) = (rows, bad, found.remarks)
    }

    /// Seconds of a recording: from its header where that says, else by reading it.
    static func duration(of path: String) throws(AudioError) -> Double {
        let reader = try AudioReader(path: path)
        if let duration = reader.information.duration, duration > 0 { return duration }
        while try reader.read(upTo: 1 << 16) != nil {}
        return reader.secondsDecoded
    }
}

/// What is done to transcripts on the way.
public struct TextCleaning: Sendable {
    /// Capital letters become small.
    public var lowercase: Bool
    /// Punctuation is dropped, a dash between words becomes a space; apostrophes within words stay, straightened.
    public var dropsPunctuation: Bool

    /// Nothing but what ``ManifestEntry/normalised(_:)`` does, unless asked for.
    public init(lowercase: Bool = false, dropsPunctuation: Bool = false) {
        (self.lowercase, self.dropsPunctuation) = (lowercase, dropsPunctuation)
    }

    /// The text as it goes into the manifest.
    public func clean(_ text: String) -> String {
        var text = ManifestEntry.normalised(text)
        if lowercase { text = text.lowercased() }
        guard dropsPunctuation else { return text }
        let scalars = Array(text.unicodeScalars)
        var kept = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            switch scalar.properties.generalCategory {
            case .dashPunctuation: kept.append(" ")
            case .connectorPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
                .otherPunctuation:
                let isApostrophe = scalar == "'" || scalar == "\u{2019}"
                let neighbours = [index - 1, index + 1].map { scalars.indices.contains($0) ? scalars[$0] : " " }
                if isApostrophe, neighbours.allSatisfy(\.properties.isAlphabetic) { kept.append("'") }
            default: kept.append(scalar)
            }
        }
        return ManifestEntry.normalised(String(kept))
    }
}
