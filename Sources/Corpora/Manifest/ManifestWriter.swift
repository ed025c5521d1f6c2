import Files
import TensorFiles

/// Writes manifests of JSON lines: whole or not at all, an older file of the name is replaced when the new one is there.
public enum ManifestWriter {
    /// Writes entries as they are.
    /// - Throws: `FileError` where the file cannot be written.
    public static func write(_ entries: some Sequence<ManifestEntry>, to path: String) throws {
        try AtomicFile.write(to: path) { file in
            for entry in entries { try file.append((entry.json + "\n").utf8) }
        }
    }

    /// Writes rows of other manifests, their paths changed to be right from the new manifest's folder. Absolute paths
    /// stay.
    /// - Throws: `FileError` where the file cannot be written.
    public static func write(_ rows: some Sequence<ManifestRow>, to path: String) throws {
        var relative = RelativePaths(to: FilePath.folder(of: path))
        try AtomicFile.write(to: path) { file in
            for row in rows {
                var entry = row.entry
                if !entry.audioFilePath.hasPrefix("/") { entry.audioFilePath = relative.path(of: row.audioPath) }
                try file.append((entry.json + "\n").utf8)
            }
        }
    }
}
