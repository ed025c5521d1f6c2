import Foundation
import Messages

/// A row of a manifest: an entry and where it stands.
public struct ManifestRow: Sendable, Equatable {
    /// The path of the manifest.
    public let manifest: String
    /// Its line, counted from 1.
    public let line: Int
    /// What it says.
    public var entry: ManifestEntry

    /// A row that stands at a line of a manifest.
    public init(manifest: String, line: Int, entry: ManifestEntry) {
        (self.manifest, self.line, self.entry) = (manifest, line, entry)
    }

    /// The path at which the recording is opened: the entry's, seen from the manifest's folder.
    public var audioPath: String { FilePath.resolve(entry.audioFilePath, from: FilePath.folder(of: manifest)) }

    /// `file:line`.
    public var place: String { "\(OneLine.escaped(manifest)):\(line)" }

    /// The row as a line that was skipped, with a word on paths that were written on another system.
    package func skipped(_ reason: String) -> BadLine {
        let hint = " (its path has backslashes: write / between folders)"
        let isForeign = entry.audioFilePath.contains("\\") && !FilePath.isFile(audioPath)
        return BadLine(manifest, line, reason + (isForeign ? hint : ""))
    }

    /// What is wrong where the row names a part of a recording by `offset` and `duration`, and the recording is longer: its
    /// text is not what is said in the whole. Nil where nothing is.
    package func problemOfPart(recording seconds: Double) -> String? {
        guard entry.other["offset"] != nil, let stated = entry.duration,
            seconds > stated + max(0.5, stated / 20)
        else { return nil }
        return String(
            format:
                "it has an 'offset', states %.2f s, and the recording has %.2f s: parts of a recording are not read; "
                + "cut it into files first", stated, seconds)
    }
}
