import AudioIO
import Foundation
import TestSupport
import Testing

/// Where ffmpeg is installed; nil where it is not.
private let ffmpeg: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/ffmpeg" }.first { FileManager.default.isExecutableFile(atPath: $0) }

/// What phones record, through ffmpeg.
@Suite("Foreign formats", .serialized, .enabled(if: ffmpeg != nil, "ffmpeg is not installed"))
struct ForeignFormatTests {
    private let folder: TemporaryFolder
    private let samples = sweep(48_000)

    init() throws { folder = try TemporaryFolder() }

    /// Makes a file of three seconds.
    private func make(_ name: String, _ options: String...) throws -> String {
        let source = try folder.write(WAVBytes(data: pcm16(samples)).bytes, to: "source.wav")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(ffmpeg))
        process.arguments = ["-nostdin", "-v", "error", "-y", "-i", source] + options + [folder.path(name)]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(name)")
        return folder.path(name)
    }

    @Test func whatPhonesRecordIsRead() throws {
        let files = [
            try make("a.m4a", "-c:a", "aac"), try make("b.mp4", "-c:a", "aac", "-ac", "2"),
            try make("c.webm", "-c:a", "libopus"), try make("d.mka", "-c:a", "flac"),
            try make("e.wma", "-c:a", "wmav2"),
            try make("f.aac", "-c:a", "aac"), try make("g.oga", "-c:a", "flac"), try make("h.3gp", "-c:a", "aac"),
            try make("i.mov", "-c:a", "pcm_s16le"), try make("k.avi", "-c:a", "pcm_s16le"),
        ]
        for file in files {
            // The name says nothing.
            let path = folder.path("recording")
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: file, toPath: path)
            let recording = try AudioFile.read(path)
            let name = URL(fileURLWithPath: file).lastPathComponent
            #expect(recording.warnings.isEmpty, "\(name): \(recording.warnings)")
            #expect(abs(recording.waveform.duration - 3) < 0.2, "\(name): \(recording.waveform.duration)")
            #expect(abs(10 * log10(power(recording.waveform.samples) / power(samples))) < 3.5, "\(name)")
            if let duration = recording.information.duration { #expect(abs(duration - 3) < 0.2, "\(name)") }
        }
    }

    @Test func losslessFormatsGiveBackEverySampleAtAnyRateAndByDescriptor() throws {
        let path = try make("a.m4a", "-c:a", "alac")
        let source = try AudioFile.read(folder.path("source.wav")).waveform.samples
        #expect(try AudioFile.read(path).waveform.samples == source)
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        let reader = try AudioReader(descriptor: dup(file.fileDescriptor), name: "x", sampleRate: 8_000)
        #expect(try drain(reader, blocks: 777).count == source.count / 2)
        // A name that is an option, an address or a playlist for ffmpeg.
        for name in ["-i", "http:x.m4a", "concat:a|b", "a%03d.m4a", "größe\n.m4a"] {
            try FileManager.default.copyItem(atPath: path, toPath: folder.path(name))
            #expect(try AudioFile.read(folder.path(name)).waveform.samples == source, "\(name)")
        }
    }

    @Test func whatDoesNotSayItsLengthIsReadToKnowIt() throws {
        let path = try make("a.aac", "-c:a", "aac")
        #expect(try AudioFile.information(path).frames == nil)
        #expect(abs((try AudioFile.measuredInformation(path).duration ?? 0) - 3) < 0.2)
    }

    @Test func aFileThatWasCutIsTold() throws {
        for (name, options) in [
            ("a.webm", ["-c:a", "libopus"]), ("b.wma", ["-c:a", "wmav2"]), ("c.mka", ["-c:a", "flac"]),
        ] {
            let path = try make(name, options[0], options[1])
            try cut(path, to: 0.6)
            let recording = try AudioFile.read(path)
            #expect(recording.warnings.count == 1 && recording.isDamaged, "\(name)")
            #expect((0.5...2.9).contains(recording.waveform.duration), "\(name)")
        }
        // The table of an MPEG-4 file stands at its end.
        let path = try make("d.m4a", "-c:a", "aac")
        try cut(path, to: 0.6)
        guard case .malformed(_, let reason) = errorOfReading(path) else {
            Issue.record("no error")
            return
        }
        #expect(reason.contains("moov") && !reason.contains("/dev/fd"))
    }

    @Test func aFilmWithoutSoundIsAnErrorThatSaysSo() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(ffmpeg))
        let path = folder.path("film.mkv")
        process.arguments =
            ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=size=16x16:duration=0.2", "-c:v", "rawvideo", path]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        #expect(errorOfReading(path) == .noSound(path: path, format: "Matroska or WebM"))
    }

    @Test func playlistsAreRefused() throws {
        let secret = try make("secret.m4a", "-c:a", "aac")
        for text in [
            "#EXTM3U\n\(secret)\n", "ffconcat version 1.0\nfile '\(secret)'\n", "[playlist]\nFile1=\(secret)\n",
        ] {
            let path = try folder.write(Array(text.utf8), to: "list.m4a")
            guard case .notAudio(_, let hint) = errorOfReading(path) else {
                Issue.record("no error")
                continue
            }
            #expect((hint ?? "").contains("playlist"))
        }
    }

    @Test func aReaderThatIsReleasedLeavesNoProcess() throws {
        let path = try make("long.mka", "-c:a", "pcm_s16le", "-af", "aloop=loop=100:size=48000")
        for _ in 0..<3 {
            let reader = try AudioReader(path: path)
            #expect(try reader.read(upTo: 1_000)?.count == 1_000)
        }
        _ = try AudioFile.information(path)
        #expect(children().isEmpty)
    }

    /// Children of this process that are ffmpeg, also those that have ended and were not waited for.
    private func children() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { name in
            guard Int(name) != nil, let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8) else {
                return false
            }
            return stat.contains("(ffmpeg)") && stat.split(separator: " ").dropFirst(3).first == "\(getpid())"
        }
    }

    @Test func damagedFilesOfEveryKindAreSurvived() throws {
        var generator = SeededGenerator(seed: 23)
        for file in [
            try make("a.m4a", "-c:a", "aac"), try make("b.webm", "-c:a", "libopus"), try make("c.wma", "-c:a", "wmav2"),
        ] {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            for round in 0..<4 {
                var mutated = bytes
                for _ in 0..<20 {
                    let end = round % 2 == 0 ? bytes.count : 400
                    mutated[Int.random(in: 20..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                if round > 1 { mutated.removeLast(Int.random(in: 1..<bytes.count, using: &generator)) }
                let path = try folder.write(mutated, to: "hostile")
                do {
                    let recording = try AudioFile.read(path)
                    for warning in recording.warnings { #expect(!warning.description.contains("\n")) }
                } catch {
                    #expect(!error.description.contains("\n"))
                }
            }
        }
    }
}
