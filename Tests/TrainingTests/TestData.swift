import AudioIO
import Foundation
import TestSupport

import Training

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

    /// Writes lines to a file and gives its path.
    @discardableResult
    func lines(_ lines: [String], to name: String, end: String = "\n") throws -> String {
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        return try write(lines.map { $0 + end }.joined().utf8, to: name)
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
    }
}

/// The message of what a call throws; nil where it does not.
func message(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}

func row(_ audio: String, _ text: String = "a", seconds: Double? = 1, speaker: String? = nil) -> ManifestRow {
    ManifestRow(
        manifest: "m.jsonl", line: 1,
        entry: ManifestEntry(audioFilePath: audio, duration: seconds, text: text, speaker: speaker))
}
