import Foundation
import TestSupport
import Testing

/// Recordings that are bad, each beside a good one: one line of error, exit code 1, the good one done.
@Suite struct BadRecordingTests {
    private let folder: TemporaryFolder
    private let lamp = "audio/turn-on-the-lamp.wav"

    init() throws { folder = try TemporaryFolder() }

    private func lampBytes() throws -> [UInt8] {
        Array(try Data(contentsOf: Folders.package.appendingPathComponent(lamp)))
    }

    /// Runs a bad file before a good one; returns what was said of it and what was read from it.
    private func refusal(_ path: String) throws -> String {
        let result = try BuiltCommand.run(["transcribe", path, lamp])
        #expect(result.exitCode == 1)
        #expect(result.errorLines.count == 1, "\(result.errors)")
        #expect(result.errors.hasPrefix("error: \"\(path)\""), "\(result.errors)")
        #expect(result.output == "\(lamp): turn on the lamp\n")
        return result.errors
    }

    @Test("a missing file, a folder, an empty file and a text file are named and passed over")
    func noRecordings() throws {
        #expect(try refusal(folder.path("missing.wav")).contains("does not exist"))
        #expect(try refusal(folder.url.path).contains("is a folder"))
        #expect(try refusal(folder.write([], to: "empty.wav")).contains("is empty"))
        #expect(try refusal(folder.write("Dear all,\n".utf8, to: "text.wav")).contains("is not audio"))
        #expect(try refusal(folder.write((0..<999).map { UInt8($0 % 251) }, to: "noise.wav")).contains("is not audio"))
    }

    @Test("no sample and one sample are too few")
    func tooShort() throws {
        #expect(try refusal(folder.write(WAVBytes().bytes, to: "none.wav")).contains("no samples"))
        let one = try folder.write(WAVBytes(data: pcm16([0.5])).bytes, to: "one.wav")
        #expect(try refusal(one).contains("too short to hold speech, 1 sample "))
    }

    @Test("samples that are not numbers, or infinite, are refused with their time")
    func notFinite() throws {
        for value in [Float.nan, .infinity, -.infinity] {
            var samples = [Float](repeating: 0.1, count: 16_000)
            samples[8000] = value
            let bytes = WAVBytes(format: 3, bits: 32, data: samples.flatMap { little($0.bitPattern) }).bytes
            #expect(try refusal(folder.write(bytes, to: "nan.wav")).contains("at 0.500000 s"))
        }
    }

    @Test("of a truncated recording what is there is transcribed, with a warning and exit code 1")
    func truncated() throws {
        let bytes = try lampBytes()
        // A length that was never filled in is told, and nothing is missing.
        let promise = WAVBytes(data: Array(bytes.dropFirst(44)), statedDataSize: 0x7FFF_0000).bytes
        for (name, data, code, said) in [
            ("cut.wav", Array(bytes.dropLast(4000)), 1, "the file is truncated"),
            ("promise.wav", promise, 0, "its header states no length"),
        ] {
            let path = try folder.write(data, to: name)
            let result = try BuiltCommand.run(["transcribe", path, lamp])
            #expect(result.exitCode == Int32(code))
            #expect(result.errorLines.count == 1)
            #expect(result.errors.hasPrefix("warning: \"\(path)\": \(said)"))
            #expect(result.outputLines.first?.hasPrefix("\(path): turn on the") == true)
            #expect(result.outputLines.last == "\(lamp): turn on the lamp")
        }
    }

    @Test("digital silence gives an empty line, and says so")
    func silence() throws {
        let path = try folder.write(WAVBytes(data: [UInt8](repeating: 0, count: 64_000)).bytes, to: "silence.wav")
        let result = try BuiltCommand.run(["transcribe", path])
        #expect(result.output == "\n")
        #expect(result.errorLines.count == 1 && result.errors.contains("no sound at all"), "\(result.errors)")
        #expect(result.exitCode == 0)
    }

    @Test("a name with a newline stays on its line")
    func newline() throws {
        let path = try folder.write(try lampBytes(), to: "two\nlines.wav")
        let result = try BuiltCommand.run(["transcribe", path, lamp])
        #expect(result.exitCode == 0)
        #expect(result.outputLines.count == 2)
        let missing = try BuiltCommand.run(["transcribe", folder.path("no\nsuch.wav")])
        #expect(missing.errorLines.count == 1)
    }

    @Test("a model that is truncated, of another format or no model is one line and exit code 1")
    func models() throws {
        let shipped = Folders.package.appendingPathComponent("models/english-small.safetensors")
        let bytes = Array(try Data(contentsOf: shipped))
        func message(_ model: String) throws -> String {
            let result = try BuiltCommand.run(["transcribe", "--model", model, lamp])
            #expect(result.exitCode == 1)
            #expect(result.output == "")
            #expect(result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errors.hasPrefix("error: \"\(model)\" "), "\(result.errors)")
            return result.errors
        }
        #expect(try message(folder.write(bytes.prefix(500_000), to: "cut.safetensors")).contains("cut short"))
        #expect(try message(folder.write(bytes.prefix(5), to: "five.safetensors")).contains("malformed"))
        #expect(try message(lamp).contains("malformed"))
        #expect(try message(folder.path("missing")).contains("does not exist"))
        // The number of the format in the header, changed in place.
        let key = Array("\\\"format\\\":1".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: key) })
        var other = bytes
        other[place + key.count - 1] = UInt8(ascii: "7")
        #expect(try message(folder.write(other, to: "seven.safetensors")).contains("format 7"))
    }
}
