import Foundation
import TestSupport
import Testing
import Transcription

@Suite struct SegmentsCommandTests {
    @Test("segments are JSON lines, RTTM or an Audacity label track")
    func formats() throws {
        let json = try BuiltCommand.run(["segments", "audio/turn-on-the-lamp.wav"])
        #expect(json.exitCode == 0 && json.outputLines.count == 1)
        let row = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let (start, end) = (try #require(row["start"] as? Double), try #require(row["end"] as? Double))
        #expect(
            row["file"] as? String == "audio/turn-on-the-lamp.wav" && 0 <= start && start < 0.5 && 1 < end
                && end <= 1.675)

        let rttm = try BuiltCommand.run(["segments", "--format", "rttm", "audio/turn-on-the-lamp.wav"])
        #expect(
            rttm.output == "SPEAKER audio/turn-on-the-lamp.wav 1 "
                + String(format: "%.3f %.3f", start, end - start) + " <NA> <NA> speech <NA> <NA>\n")
        let audacity = try BuiltCommand.run(["segments", "-f", "audacity", "audio/turn-on-the-lamp.wav"])
        #expect(audacity.output == String(format: "%.3f\t%.3f\tspeech\n", start, end))
    }

    @Test("sound without speech has none; a file that is missing is named, and the others are done all the same")
    func nothing() throws {
        let rain = try BuiltCommand.run(["segments", "audio/sound-rain.flac"])
        #expect(rain.exitCode == 0 && rain.output.isEmpty && rain.errors.contains("audio/sound-rain.flac"))
        let missing = try BuiltCommand.run(["segments", "missing.wav", "audio/turn-on-the-lamp.wav"])
        #expect(missing.exitCode == 1 && missing.outputLines.count == 1 && missing.errors.contains("missing.wav"))
        let several = try BuiltCommand.run(["segments", "-f", "audacity", "a.wav", "b.wav"])
        #expect(several.exitCode == 2)
    }

    @Test("the library's defaults are the command's: the same text")
    func sameText() async throws {
        var configuration = Recognizer.Configuration()
        configuration.model = Folders.package.appendingPathComponent("models/english-small.safetensors").path
        let recognizer = try Recognizer(configuration)
        for name in ["turn-on-the-lamp.wav", "remind-me-to-water-the-plants.wav", "turn-to-the-left.flac"] {
            let path = Folders.package.appendingPathComponent("audio/\(name)").path
            let command = try BuiltCommand.run(["transcribe", path])
            #expect(try await recognizer.transcribe(file: path).text + "\n" == command.output)
        }
    }
}
