import Foundation
import TestSupport
import Testing

/// Recognisers of a list of words, without recordings and with them, on the shipped model and the commands of `audio/`.
@Suite struct AdaptWordsTests {
    private let folder: TemporaryFolder
    private static let commands = Folders.package.appendingPathComponent("audio/commands").path
    private static let labels = [
        "lights on", "lights off", "louder", "quieter", "next song", "stop", "open the door", "close the door",
        "warmer",
        "colder", "call home", "what time is it",
    ]

    init() throws { folder = try TemporaryFolder() }

    private func list(_ labels: [String], ending: String = "\n") throws -> String {
        try folder.write((labels.joined(separator: ending) + ending).utf8, to: "words.txt")
    }

    private func adapt(_ arguments: String...) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["adapt", "--output", folder.path("out.safetensors")] + arguments)
    }

    private var isWritten: Bool { FileManager.default.fileExists(atPath: folder.path("out.safetensors")) }

    @Test("a list of words alone, without one recording, is a recogniser of them")
    func wordsAlone() throws {
        let result = try adapt("--words", list(Self.labels, ending: "\r\n"), "--dev", "\(Self.commands)/dev.jsonl")
        #expect(result.exitCode == 0 && result.outputLines.count == 1, "\(result.errors)")
        let wrong = try #require(result.output.firstMatch(of: #/WER ([0-9.]+) %/#).flatMap { Double($0.1) })
        #expect(wrong < 20 && result.output.contains("on dev"), "\(result.output)")
        #expect(result.errors.contains("head: phrases, since 12 labels are listed that the base can spell"))
        let heard = try BuiltCommand.run([
            "transcribe", "--model", folder.path("out.safetensors"), "audio/commands/what-time-is-it-flite-slt.flac",
        ])
        #expect(heard.exitCode == 0 && heard.output == "what time is it\n")
        let info = try BuiltCommand.run(["info", folder.path("out.safetensors")])
        #expect(info.exitCode == 0 && info.output.contains("phrases"))
    }

    @Test("recordings beside the words are never followed to where those held out are heard worse")
    func withRecordings() throws {
        let result = try adapt(
            "--words", try list(Self.labels + ["good night"]), "--train", "\(Self.commands)/train.jsonl", "--adapter")
        #expect(result.exitCode == 0, "\(result.errors)")
        let told = try #require(
            result.errors.firstMatch(of: #/wrong labels on .*: ([0-9.]+) % by words alone, ([0-9.]+) %/#),
            "\(result.errors)")
        let (alone, chosen) = (try #require(Double(told.1)), try #require(Double(told.2)))
        #expect(chosen <= alone)
        #expect(result.output.contains("by cross-validation"))
    }

    @Test("words that sound nearly alike are told before anything is learned")
    func alike() throws {
        let result = try adapt("--words", try list(["light", "night", "stop"]))
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("'light' and 'night' are said nearly alike"))
        #expect(!result.errors.contains("'stop'"))
    }

    @Test("labels that nothing can say, that are said alike, bad lines and an empty list: one line that names them all")
    func refused() throws {
        let cases: [([UInt8], String)] = [
            (Array("stop\n42\nn0w\n".utf8), "cannot spell: '42', 'n0w'; write them as they are said"),
            (Array("two\ntoo\nstop\n".utf8), "spell alike: 'too', 'two'"),
            ([0x73, 0xff, 0x0a, 0x74, 0x0a, 0xfe, 0x0a], "line 1: not UTF-8 text; line 3: not UTF-8 text"),
            (Array("\n \n".utf8), "lists no label"), (Array("Stop\nstop\n".utf8), "spell alike: 'Stop', 'stop'"),
        ]
        for (bytes, problem) in cases {
            let result = try adapt("--words", folder.write(bytes, to: "words.txt"))
            #expect(result.exitCode == 1 && result.output == "" && !isWritten, "\(problem)")
            #expect(result.errorLines.last?.contains(problem) == true, "\(result.errors)")
        }
        #expect(try adapt("--words", folder.path("none.txt")).errorLines.last?.contains("does not exist") == true)
        let nothing = try adapt()
        #expect(nothing.exitCode == 2 && nothing.errors.contains("--words") && !isWritten)
        let scratch = try adapt("--words", try list(["a"]), "--from-scratch")
        #expect(scratch.exitCode == 2 && scratch.errors.contains("leave out --from-scratch"))
    }
}
