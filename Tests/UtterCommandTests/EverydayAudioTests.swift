import AudioIO
import Foundation
import TestSupport
import Testing

/// Files as people have them: joined, cut, tagged, from phones. Each as a user of the command meets it.
@Suite struct EverydayAudioTests {
    private let folder: TemporaryFolder
    private let lamp: Waveform
    private let pcm: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        let path = Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav").path
        lamp = try AudioFile.read(path).waveform
        pcm = Array(try Data(contentsOf: URL(fileURLWithPath: path)).dropFirst(44))
    }

    /// The recording in another format.
    private func lamp(
        _ container: AudioFileWriter.Container, _ encoding: AudioFileWriter.Encoding, rate: Int = 16_000
    ) throws -> [UInt8] {
        let path = folder.path("lamp")
        try AudioFileWriter.write(
            Resampler.resample(lamp, to: rate), to: path, container: container, encoding: encoding)
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The recording as MP3 without a frame that counts the others.
    private func plainMP3() throws -> [UInt8] {
        let bytes = try lamp(.mpeg, .mp3)
        let frames = bytes.indices.dropLast(4).filter {
            bytes[$0] == 0xFF && bytes[$0 + 1] == bytes[1] && bytes[$0 + 2] & 0x0C == bytes[2] & 0x0C
        }
        return Array(bytes[try #require(frames.first { $0 > 48 })...])
    }

    @Test("all sound of joined and chained files, and behind the stated end, is transcribed, with exit code 0")
    func joined() throws {
        let mp3 = try lamp(.mpeg, .mp3)
        let files: [(String, [UInt8], String)] = [
            ("joined.mp3", mp3 + mp3, "turn on the lamp turn on the lamp"),
            ("rates.mp3", try lamp(.mpeg, .mp3, rate: 44_100) + mp3, "turn on the lamp turn on the lamp"),
            ("chained.opus", try lamp(.ogg, .opus) + lamp(.ogg, .opus), "turn on the lamp turn on the lamp"),
            ("small.wav", WAVBytes(data: pcm, statedDataSize: 16_000).bytes, "turn on the lamp"),
        ]
        let paths = try files.map { try folder.write($0.1, to: $0.0) }
        let result = try BuiltCommand.run(["transcribe"] + paths)
        #expect(result.exitCode == 0)
        // Whether the model hears each word right is another question: that every part is heard is this one.
        for ((path, file), line) in zip(zip(paths, files), result.outputLines) {
            #expect(line.hasPrefix("\(path): turn on the "), "\(line)")
            #expect(line.ranges(of: "turn on the ").count == file.2.ranges(of: "turn on the ").count, "\(line)")
        }
        #expect(result.outputLines.count == files.count)
        #expect(result.errorLines.count == 1 && result.errors.contains("goes on behind the end"), "\(result.errors)")
        let info = try BuiltCommand.run(["info", "--json", paths[0]])
        let object = try #require(JSONSerialization.jsonObject(with: Data(info.output.utf8)) as? [String: Any])
        #expect(abs((object["duration"] as? Double ?? 0) - 3.35) < 0.1)
    }

    @Test("tags, junk and sizes a few bytes off are no damage; data check agrees")
    func tags() throws {
        let mp3 = try plainMP3()
        let tag = Array("TAG".utf8) + [UInt8](repeating: 0, count: 125)
        let lyrics = Array("LYRICSBEGININD0000210000020LYRICS200".utf8)
        let head: [UInt8] = [4, 0, 0x10, 0, 0, 0, 4]
        let footer = Array("ID3".utf8) + head + [1, 2, 3, 4] + Array("3DI".utf8) + head
        let files: [(String, [UInt8])] = [
            ("lyrics.mp3", mp3 + lyrics + tag), ("junk.mp3", [UInt8](repeating: 0, count: 500) + mp3),
            ("footer.mp3", footer + mp3), ("tag.flac", try lamp(.flac, .pcm16) + tag),
            ("off.wav", WAVBytes(data: pcm, statedDataSize: UInt32(pcm.count + 44)).bytes),
        ]
        for (name, bytes) in files { try folder.write(bytes, to: name) }
        let rows = files.map { #"{"audio_filepath": "\#($0.0)", "duration": 1.7, "text": "turn on the lamp"}"# }
        let manifest = try folder.write(Array(rows.joined(separator: "\n").utf8), to: "m.jsonl")
        let check = try BuiltCommand.run(["data", "check", manifest])
        #expect(check.exitCode == 0 && !check.output.contains("damaged"), "\(check.output)")
        let result = try BuiltCommand.run(["transcribe", folder.path("junk.mp3"), folder.path("off.wav")])
        #expect(result.exitCode == 0 && result.errors == "")
        #expect(result.outputLines.allSatisfy { $0.contains(": turn on the ") }, "\(result.output)")
    }

    @Test("a hole in an MP3 and a broken frame are one line each, ours, and what comes after is transcribed")
    func holes() throws {
        let mp3 = try plainMP3()
        var hole = mp3
        // In the silence behind the words.
        for index in hole.count - 900..<hole.count - 500 { hole[index] = 0 }
        var broken = mp3 + mp3
        for index in mp3.count + 4..<mp3.count + 13 { broken[index] = 0xFF }
        let paths = [try folder.write(hole, to: "hole.mp3"), try folder.write(broken, to: "broken.mp3")]
        let result = try BuiltCommand.run(["transcribe", "-q"] + paths)
        #expect(result.exitCode == 1)
        #expect(result.errorLines.count == 2, "\(result.errors)")
        for (line, path) in zip(result.errorLines, paths) {
            #expect(line.hasPrefix("warning: \"\(path)\": the file is damaged at"), "\(line)")
        }
        let lines = result.outputLines.map(String.init)
        #expect(
            lines.count == 2 && lines[0].contains(": turn on the ") && lines[1].contains("turn on the "), "\(lines)")
    }

    @Test("an empty result says why, on standard error and in JSON, unless quiet")
    func emptyResults() throws {
        let quiet = WAVBytes(bits: 32, data: lamp.samples.flatMap { little(Int32($0 * 32_768)) }).bytes
        let files: [(String, [UInt8], String)] = [
            ("silence.wav", WAVBytes(data: [UInt8](repeating: 0, count: 64_000)).bytes, "no sound at all"),
            ("bits.wav", WAVBytes(data: (0..<32_000).flatMap { little(Int16($0 % 2)) }).bytes, "too quiet"),
            ("quiet.wav", quiet, "too quiet"),
        ]
        for (name, bytes, reason) in files {
            let path = try folder.write(bytes, to: name)
            let result = try BuiltCommand.run(["transcribe", "--format", "json", path])
            #expect(result.exitCode == 0)
            let object = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            // A level that is made up for gives words, and then there is nothing to explain.
            guard object["text"] as? String == "" else { continue }
            #expect((object["warnings"] as? [String] ?? []).joined().contains(reason))
            #expect(result.errorLines.count == 1 && result.errors.contains(reason), "\(result.errors)")
            #expect(try BuiltCommand.run(["transcribe", "-q", path]).errors == "")
        }
        let noise = try BuiltCommand.run(["transcribe", "audio/sound-rain.flac"])
        #expect(noise.output == "\n" && noise.errors.contains("none that is taken for speech"))
    }

    @Test("channels that cancel are heard, and told")
    func cancellingChannels() throws {
        let stereo = lamp.samples.flatMap { [$0, -$0] }
        let path = try folder.write(WAVBytes(channels: 2, data: pcm16(stereo)).bytes, to: "inverted.wav")
        let result = try BuiltCommand.run(["transcribe", path])
        #expect(result.output == "turn on the lamp\n" && result.exitCode == 0)
        #expect(result.errorLines.count == 1 && result.errors.contains("cancel each other"), "\(result.errors)")
    }

    @Test("batch names what looks like sound and cannot be read, and counts what is no sound")
    func batch() throws {
        let movie = [0, 0, 0, 32] + Array("ftypM4A ".utf8) + [UInt8](repeating: 0, count: 90)
        try FileManager.default.createDirectory(atPath: folder.path("calls"), withIntermediateDirectories: true)
        try folder.write(movie, to: "calls/voice.m4a")
        try folder.write(Array("#!AMR\n".utf8) + [0x3C, 0, 1, 2, 0x80], to: "calls/no-ending")
        try folder.write(Array("<html>Not found</html>".utf8), to: "calls/page.MP3")
        try folder.write(Array("Dear all".utf8), to: "calls/notes.txt")
        try folder.write([0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3], to: "calls/cover.jpg")
        try folder.write(WAVBytes(data: pcm).bytes, to: "calls/good.wav")
        let result = try BuiltCommand.run(
            ["batch", "calls", "--output", "out"], environment: ["PATH": "/nonexistent"], in: folder.url)
        #expect(result.exitCode == 1)
        for name in ["voice.m4a", "no-ending", "page.MP3"] {
            #expect(result.errorLines.count { $0.hasPrefix("error: \"calls/\(name)\" ") } == 1, "\(result.errors)")
        }
        #expect(result.errorLines.count { $0.contains("install it (apt install ffmpeg") } == 2)
        #expect(!result.errors.contains("notes.txt") && !result.errors.contains("cover.jpg"))
        let closing = String(result.errorLines.last ?? "")
        #expect(
            closing.hasSuffix("in all 1 done, 3 failed, 0 damaged, 2 passed over that are no recordings"), "\(closing)")
    }

    @Test("without ffmpeg a phone's recording is one line that says how to get it, and exit code 1")
    func withoutFFmpeg() throws {
        let path = try folder.write(Array("#!AMR\n".utf8) + [0x3C, 0, 1, 2, 0x80], to: "call.amr")
        for command in [["transcribe"], ["info"]] {
            let result = try BuiltCommand.run(command + [path], environment: ["PATH": "/nonexistent"])
            #expect(result.exitCode == 1 && result.output == "", "\(command)")
            #expect(result.errorLines.count == 1 && result.errors.contains("apt install ffmpeg"), "\(result.errors)")
        }
    }

    private static let cases = Folders.package.appendingPathComponent("../shared/cases").standardizedFileURL
    private static let ffmpeg = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/ffmpeg") }
    private static let calls = cases.appendingPathComponent("07-batch-passes-over-phone-recordings/calls")

    @Test(
        "a folder of a phone's recordings is transcribed by batch",
        .enabled(
            if: ffmpeg && FileManager.default.fileExists(atPath: calls.path), "needs ffmpeg and ../shared/cases"))
    func phone() throws {
        let result = try BuiltCommand.run([
            "batch", Self.calls.path, "--output", folder.path("out"), "--format", "text",
        ])
        // The AMR file there holds no valid frames.
        #expect(result.exitCode == 1 && result.errorLines.count { $0.contains("v.amr") } == 1, "\(result.errors)")
        for name in ["v.m4a", "v.mp4"] {
            let texts = ["\(name).txt", "v.txt"].compactMap {
                try? String(contentsOfFile: folder.path("out/\($0)"), encoding: .utf8)
            }
            #expect(texts.contains("turn on the lamp\n"), "\(name): \(texts)")
        }
    }
}
