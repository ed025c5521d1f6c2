import Foundation
import TestSupport
import Testing

/// Sounds that are no speech, as a user of the command meets them.
@Suite struct DetectorCommandTests {
    private let folder: TemporaryFolder
    private let model = "models/english-small.safetensors"

    init() throws { folder = try TemporaryFolder() }

    @Test("the shipped model writes nothing for the package's sounds, with or without a search")
    func shipped() throws {
        let sounds = ["hum", "rain", "whistle", "string", "chord", "knocks"].map { "audio/sound-\($0).flac" }
        for options in [[], ["--beam", "16"], ["--hot-words", "audio/hot-words.txt"]] {
            let result = try BuiltCommand.run(["transcribe"] + options + sounds)
            #expect(result.exitCode == 0 && result.errorLines.count == sounds.count)
            #expect(result.errorLines.allSatisfy { $0.contains("none that is taken for speech") }, "\(result.errors)")
            #expect(result.output == sounds.map { "\($0): \n" }.joined())
        }
    }

    @Test("a model is taught, says so, and nothing else in it changes")
    func taught() throws {
        let path = folder.path("taught.safetensors")
        let result = try BuiltCommand.run([
            "detector", "--model", model, "--speech", "audio/transcripts.jsonl", "--noise", "audio/sounds.jsonl",
            "--output", path, "--json",
        ])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errorLines == ["the model had a speech detector; this one takes its place"])
        let object = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Int])
        #expect(object["noise"] == 1 && object["left"] == 0 && (object["stretches"] ?? 0) > 0)
        #expect(try BuiltCommand.run(["info", path]).output.contains("linear, mean of encoder outputs"))
        let time = "audio/tell-me-the-time.wav"
        let said = try BuiltCommand.run(["transcribe", "--model", model, time]).output
        #expect(said.split(separator: " ").count > 2)
        // Found beside the model: without them the text would be another.
        let beside = ["--lm", "models/english.lm", "--lexicon", "models/english.lexicon"]
        #expect(try BuiltCommand.run(["transcribe", "--model", path] + beside + [time]).output == said)
    }

    @Test("too little to learn from, and no manifest, get one line, and nothing is written")
    func badInput() throws {
        let few = try folder.write(
            Array(#"{"audio_filepath": "x.wav", "duration": 1, "text": ""}"#.utf8), to: "few.jsonl")
        let path = folder.path("out.safetensors")
        func run(_ speech: String, _ noise: String) throws -> BuiltCommand.Result {
            try BuiltCommand.run([
                "detector", "--model", model, "--speech", speech, "--noise", noise, "--output", path, "-q",
            ])
        }
        for (result, words) in [
            (try run("audio/transcripts.jsonl", few), "has 0 recordings that can be heard"),
            (try run("none.jsonl", few), "none.jsonl: does not exist"),
        ] {
            #expect(result.exitCode == 1 && result.output == "" && result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
