import AcousticModel
import AudioIO
import Foundation
import TestSupport
import Testing

/// What people's recordings have around the words: nothing, much or little of it.
@Suite struct SilenceCommandTests {
    private let folder: TemporaryFolder
    private let model: String

    /// The shipped model, its front end made deaf to what surrounds the words where it is not yet.
    init() throws {
        folder = try TemporaryFolder()
        let shipped = Folders.package.appendingPathComponent("models/english-small.safetensors").path
        guard try !AcousticModel(path: shipped).frontEnd.normalisation.isOfSound else {
            model = shipped
            return
        }
        model = folder.path("sound.safetensors")
        let result = try BuiltCommand.run([
            "convert", shipped, "--normalization", "sound", "--range", "16", "--measure", "audio/transcripts.jsonl",
            "--half", "--output", model,
        ])
        try #require(result.exitCode == 0, "\(result.errors)")
    }

    private func text(_ samples: [Float], rate: Int = 16_000) throws -> String {
        let path = folder.path("sound.wav")
        try AudioFileWriter.write(Waveform(samples: samples, sampleRate: rate), to: path)
        let result = try BuiltCommand.run(["transcribe", "--model", model, path])
        #expect(result.exitCode == 0)
        return result.output
    }

    private static func noise(_ count: Int, level: Float, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in level * generator.uniform() }
    }

    @Test("silence around the words takes none of them away", arguments: ["turn-on-the-lamp", "tell-me-the-time"])
    func around(name: String) throws {
        let sound = try AudioFile.read(Folders.package.appendingPathComponent("audio/\(name).wav").path).waveform
            .samples
        // As heard bare: whether the model hears right is another question.
        let said = try text(sound)
        #expect(said.split(separator: " ").count > 2)
        let second = [Float](repeating: 0, count: 16_000)
        #expect(try text(sound + second) == said)
        #expect(try text(second + second + second + sound + second + second) == said)
        // A bit, and a quiet room 60 dB below.
        for level in [1.01 / 32_768, 0.0003] as [Float] {
            let quiet = Self.noise(32_000, level: level, seed: 1)
            let heard = try text(quiet + sound + quiet)
            // Nothing is lost; words that the model is hardly sure of may turn into their neighbours.
            let words = (said.split(separator: " "), heard.split(separator: " "))
            let missing = Set(words.0).subtracting(words.1)
            #expect(words.0.count == words.1.count)
            #expect(missing.count <= words.0.count / 2, "noise of \(level): \(heard)")
        }
    }

    @Test("in windows too, and times shift by what was put before")
    func inWindows() throws {
        let path = Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav").path
        let sound = try AudioFile.read(path).waveform.samples
        // Whole steps of 30 ms, so that the words fall on the same grid.
        let before = [Float](repeating: 0, count: 480 * 1000)
        let long = folder.path("long.wav")
        try AudioFileWriter.write(
            Waveform(samples: before + sound + [Float](repeating: 0, count: 320_000), sampleRate: 16_000), to: long)
        func words(_ file: String) throws -> [(String, Double)] {
            let result = try BuiltCommand.run(["transcribe", "--format", "tsv", "--model", model, file])
            return result.output.split(separator: "\n").dropFirst().compactMap { line in
                let fields = line.split(separator: "\t").map(String.init)
                return fields.count == 5 ? (fields[4], Double(fields[1]) ?? .nan) : nil
            }
        }
        let (bare, shifted) = (try words(path), try words(long))
        #expect(bare.map(\.0) == shifted.map(\.0) && bare.count > 2, "\(bare) \(shifted)")
        for (a, b) in zip(bare, shifted) { #expect(abs(b.1 - a.1 - 30) < 0.1) }
    }

    @Test("a recording's level does not matter, and silence says why there is no text")
    func level() throws {
        let sound = try AudioFile.read(Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav").path)
            .waveform.samples
        func written(_ factor: Float, _ encoding: AudioFileWriter.Encoding) throws -> BuiltCommand.Result {
            let path = folder.path("level.wav")
            try AudioFileWriter.write(
                Waveform(samples: sound.map { factor * $0 }, sampleRate: 16_000), to: path, encoding: encoding)
            return try BuiltCommand.run(["transcribe", "--model", model, path])
        }
        let said = try written(1, .float32).output
        #expect(said.split(separator: " ").count > 2)
        #expect(try written(0.0000316, .float32).output == said)
        let none = try written(0, .pcm16)
        #expect(none.output == "\n" && none.exitCode == 0)
        #expect(none.errorLines.count == 1 && none.errors.contains("no sound at all"))
    }
}
