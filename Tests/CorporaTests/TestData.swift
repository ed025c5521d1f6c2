import AudioIO
import Corpora
import Foundation
import TestSupport

extension TemporaryFolder {
    /// Writes a tone, of a length and pitch that tell it from others, and gives its path.
    @discardableResult
    func tone(
        _ name: String, seconds: Double = 1, pitch: Double = 440, level: Float = 0.5, sampleRate: Int = 16_000
    ) throws -> String {
        let samples = (0..<Int(seconds * Double(sampleRate))).map { index in
            max(-1, min(1, level * Float(sin(2 * .pi * pitch * Double(index) / Double(sampleRate)))))
        }
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        let writer = try AudioFileWriter(path: path(name), sampleRate: sampleRate)
        try writer.write(samples)
        try writer.finish()
        return path(name)
    }
}

func row(_ audio: String, _ text: String = "a", seconds: Double? = 1, speaker: String? = nil) -> ManifestRow {
    ManifestRow(
        manifest: "m.jsonl", line: 1,
        entry: ManifestEntry(audioFilePath: audio, duration: seconds, text: text, speaker: speaker))
}
