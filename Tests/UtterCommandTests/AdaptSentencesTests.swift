import Foundation
import TestSupport
import Testing

/// Adapting the shipped model to sentences, on the recordings of `audio/`.
@Suite struct AdaptSentencesTests {
    private let folder: TemporaryFolder
    private static let data = "audio/transcripts.jsonl"

    init() throws { folder = try TemporaryFolder() }

    private func adapt(_ more: String...) throws -> BuiltCommand.Result {
        try BuiltCommand.run(
            ["adapt", "--train", Self.data, "--dev", Self.data, "--output", folder.path("out.safetensors")] + more)
    }

    @Test(
        "sentences go on with the base's phones: language model, lexicon and detector serve the adapted model as the base"
    )
    func phones() throws {
        let result = try adapt("--head", "ctc-phones", "--stages", "head")
        #expect(result.exitCode == 0 && result.outputLines.count == 1, "\(result.errors)")
        #expect(result.errors.contains("head: ctc-phones, since"))
        // The base is measured first, as it is used: with its language model and without.
        let base = try #require(
            result.errors.firstMatch(of: #/the base: WER ([0-9.]+) %, CER [0-9.]+ % with english.lm, WER [0-9.]+ %/#),
            "\(result.errors)")
        let told = try #require(
            result.output.firstMatch(of: #/: WER ([0-9.]+) %, .* on dev with english.lm, the base WER ([0-9.]+) %/#),
            "\(result.output)")
        #expect(told.2 == base.1)
        let (now, before) = (try #require(Double(told.1)), try #require(Double(told.2)))
        #expect(now <= before, "a head that is worse than the base's is not taken")
        let info = try BuiltCommand.run(["info", folder.path("out.safetensors")])
        #expect(info.output.contains("ctc-phones") && info.output.contains("speech detector"))
        let measured = try BuiltCommand.run(
            ["evaluate", "--model", folder.path("out.safetensors"), "--manifest", Self.data, "--show", "0", "-q"])
        #expect(measured.exitCode == 0)
        // It finds the language model by itself: the same figure as was told.
        #expect(measured.output.contains(#"WER         \#(told.1) %"#), "\(measured.output) \(told.1)")
    }

    @Test("characters that the base does not write make a head of characters, compared with the base in the last line")
    func characters() throws {
        let rows = try String(contentsOfFile: Folders.package.appendingPathComponent(Self.data).path, encoding: .utf8)
            .split(separator: "\n")
        let audio = Folders.package.appendingPathComponent("audio").path
        let lines = rows.enumerated().map { index, row in
            let there = row.replacingOccurrences(
                of: #""audio_filepath": ""#, with: "\"audio_filepath\": \"\(audio)/")
            return there.replacingOccurrences(
                of: #""text": ""#, with: "\"text\": \"\u{e9}t\(index % 2 == 0 ? "e" : "a") ")
        }
        let data = try folder.write((lines.joined(separator: "\n") + "\n").utf8, to: "data.jsonl")
        let result = try BuiltCommand.run([
            "adapt", "--train", data, "--dev", data, "--head", "ctc-characters", "--stages", "head", "--output",
            folder.path("out.safetensors"),
        ])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("head: ctc-characters, since"))
        #expect(result.output.contains("the base WER"), "\(result.output)")
        let isWorse = result.output.contains("WORSE THAN ITS BASE")
        #expect(isWorse == result.errors.contains("WORSE THAN ITS BASE"))
    }
}
