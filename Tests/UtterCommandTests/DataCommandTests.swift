import AudioIO
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: BuiltCommand.url.path)))
struct DataCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Three recordings by two speakers; of the second manifest half the rows are bad.
    private func writeData() throws {
        for (number, name) in ["a", "b", "c"].enumerated() {
            let samples = (0..<16_000).map { 0.5 * Float(sin(Double($0) * 0.1 * Double(number + 1))) }
            let writer = try AudioFileWriter(path: folder.path("\(name).wav"), sampleRate: 16_000)
            try writer.write(samples)
            try writer.finish()
        }
        let rows = [("a", "one two", "s"), ("b", "three", "s"), ("c", "four", "t")].map {
            #"{"audio_filepath": "\#($0).wav", "duration": 1.0, "text": "\#($1)", "speaker": "\#($2)"}"#
        }
        try folder.write((rows.joined(separator: "\n") + "\n").utf8, to: "m.jsonl")
        try folder.write((rows[0] + "\nbroken\n").utf8, to: "bad.jsonl")
    }

    private func run(_ arguments: String...) throws -> BuiltCommand.Result {
        try BuiltCommand.run(arguments, in: folder.url)
    }

    private let letters = "--vocabulary=abcdefghijklmnopqrstuvwxyz"

    @Test func checkEndsInAVerdictAndItsExitCode() throws {
        try writeData()
        let good = try run("data", "check", "m.jsonl", letters)
        #expect(good.exitCode == 0 && good.errors == "")
        #expect(good.outputLines.last == "usable: 0 of 3 rows (0.00 %) are bad, up to 5 % may be")
        let bad = try run("data", "check", "bad.jsonl", letters, "--output", "good.jsonl")
        #expect(bad.exitCode == 1 && bad.output.contains("bad.jsonl:2: not a JSON object"))
        #expect(bad.outputLines.last == "not usable: 1 of 2 rows (50.00 %) are bad, and only 5 % may be")
        #expect(try run("data", "check", "good.jsonl", letters).exitCode == 0)
        let json = try run("data", "check", "--json", "--train", "m.jsonl", "--dev", "bad.jsonl", letters)
        let report = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(report["rows"] as? Int == 5 && report["usable"] as? Bool == false)
    }

    @Test func splitWritesAManifestForEachSide() throws {
        try writeData()
        let split = try run("data", "split", "m.jsonl", "--dev", "0.3", "--output", "new/split")
        #expect(split.exitCode == 0 && split.outputLines.count == 2)
        let dev = try String(contentsOf: folder.url.appendingPathComponent("new/split/dev.jsonl"), encoding: .utf8)
        #expect(
            dev == #"{"audio_filepath": "../../c.wav", "duration": 1.0, "text": "four", "speaker": "t"}"# + "\n")
    }

    @Test func exportAndImportAreEachOthersInverse() throws {
        try writeData()
        #expect(try run("data", "export", "--to", "kaldi", "m.jsonl", "--output", "kaldi").exitCode == 0)
        let imported = try run("data", "import", "--from", "kaldi", "kaldi", "--output", "again.jsonl")
        #expect(imported.exitCode == 0 && imported.output == "" && imported.errors.contains("again.jsonl: 3 rows"))
        #expect(try run("data", "check", "again.jsonl", letters).exitCode == 0)
    }

    @Test func evaluateScoresStoredTexts() throws {
        try writeData()
        let heard = ["a", "b", "c"].map { #"{"audio_filepath": "\#($0).wav", "text": "one two"}"# + "\n" }
        try folder.write(heard.joined().utf8, to: "heard.jsonl")
        let text = try run("evaluate", "--manifest", "m.jsonl", "--hypotheses", "heard.jsonl")
        #expect(text.exitCode == 0 && text.output.contains("WER         100.00 %"))
        #expect(text.output.contains("2 substituted, 0 deleted, 2 inserted in 4 words"))
        let json = try run("evaluate", "--manifest", "m.jsonl", "--hypotheses", "heard.jsonl", "--json")
        let report = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let words = (report["errors"] as? [String: Any])?["words"] as? [String: Any]
        #expect(words?["errors"] as? Int == 4 && words?["rate"] as? Double == 1)
        try folder.write(heard[0].utf8, to: "heard.jsonl")
        let partial = try run("evaluate", "--manifest", "m.jsonl", "--hypotheses", "heard.jsonl")
        #expect(partial.exitCode == 1 && partial.errors.contains("error: m.jsonl:2: heard.jsonl has no text for b.wav"))
    }

    @Test(arguments: [
        (["data", "check", "missing.jsonl"], 1, "error: missing.jsonl: does not exist; check the path"),
        (["data", "check"], 2, "No manifest"),
        (["data", "check", "m.jsonl", "--speeds", "0.9,x"], 2, "--speeds 0.9,x: give numbers"),
        (["data", "split", "m.jsonl", "--dev", "1", "--output", "x"], 2, "give shares above 0"),
        (["data", "split", "m.jsonl", "--test", "0.3", "--output", "x"], 1, "2 speakers cannot be on 3 sides"),
        (["data", "split", "bad.jsonl", "--output", "x"], 1, "error: bad.jsonl: 1 of 2 lines are bad, first line 2"),
        (["data", "import", "--from", "kaldi", "m.jsonl", "--output", "x"], 1, "error: m.jsonl: is no folder"),
        (["data", "import", "--from", "coqui", "m.jsonl", "--output", "x"], 1, "no column 'wav_filename'"),
        (["evaluate", "--manifest", "m.jsonl", "--hypotheses", "no"], 1, "error: no: does not exist"),
        (["evaluate", "--manifest", "m.jsonl", "--hypotheses", "h", "--save", "s"], 2, "runs no model"),
    ])
    func mistakesGetALineThatSaysWhatToDo(arguments: [String], exitCode: Int32, message: String) throws {
        try writeData()
        let result = try BuiltCommand.run(arguments, in: folder.url)
        #expect(result.exitCode == exitCode && result.output == "")
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(exitCode == 2 || result.errorLines.count == 1)
    }
}
