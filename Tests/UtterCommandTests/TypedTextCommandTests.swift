import Foundation
import TestSupport
import Testing

/// Text as people's programs write it: typographic marks, invisible characters, other encodings.
@Suite struct TypedTextCommandTests {
    private let folder: TemporaryFolder
    private let lamp = "audio/turn-on-the-lamp.wav"

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String, _ name: String = UUID().uuidString) throws -> String {
        try folder.write(Array(text.utf8), to: name)
    }

    @Test("hot words and phrases with typographic marks are what is spoken of them")
    func steering() throws {
        let hot = try file("Turn on the lamp.\nwhat’s up\nmother-in-law: high\nla\u{AD}mp\u{200B}\n")
        #expect(try BuiltCommand.run(["transcribe", "-q", "--hot-words", hot, lamp]).output == "turn on the lamp\n")
        let accents = try file("naïve\nＯＫ\ncafé\nturn on the lámp\n")
        let heard = try BuiltCommand.run(["transcribe", "-q", "--hot-words", accents, lamp])
        #expect(heard.output == "turn on the lamp\n", "\(heard.errors)")
        let grammar = try file("Turn on the lamp.\nwhat’s up\nmother‑in‑law!\n")
        #expect(try BuiltCommand.run(["transcribe", "-q", "--grammar", grammar, lamp]).output == "turn on the lamp\n")
    }

    @Test("all lines that a model cannot spell are named at once")
    func allBadLines() throws {
        for option in ["--hot-words", "--grammar"] {
            let result = try BuiltCommand.run(["transcribe", option, try file("lamp\n7 of 9\nü\n50 %\n"), lamp])
            #expect(result.exitCode == 1 && result.errorLines.count == 1, "\(result.errors)")
            // A letter with marks is the letter.
            #expect(!result.errors.contains("ü"), "\(result.errors)")
            for place in ["line 2 column 1 (\"7\")", "line 4 column 1 (\"5\")"] {
                #expect(result.errors.contains(place), "\(result.errors)")
            }
        }
    }

    @Test("a known text may hold characters that nobody sees")
    func align() throws {
        let text = try file("Turn\u{A0}on the la\u{AD}mp\u{200B}.\n")
        let result = try BuiltCommand.run(["align", lamp, text, "--format", "text"])
        #expect(result.exitCode == 0 && result.output == "Turn on the lamp.\n", "\(result.output)\(result.errors)")
    }

    @Test("text that is no UTF-8 is named by what it is")
    func encodings() throws {
        func estimate(_ bytes: [UInt8]) throws -> BuiltCommand.Result {
            let path = try folder.write(bytes, to: UUID().uuidString)
            return try BuiltCommand.run(["lm", "estimate", path, "--order", "2", "-o", folder.path("x.arpa")])
        }
        let text = Array("turn on the lamp\nturn off the lamp\n".utf8)
        let files: [([UInt8], String)] = [
            (text.flatMap { [$0, 0] }, "it is UTF-16 text"),
            ([0xfe, 0xff] + text.flatMap { [0, $0] }, "it is UTF-16 text"),
            (Array("BZh91AY&SY".utf8) + [0x80, 0x90], "it is bzip2"),
            (text + [0x61, 0, 0x62, 0x0a], "it has a NUL character"),
        ]
        for (bytes, words) in files {
            let result = try estimate(bytes)
            #expect(result.exitCode == 1 && result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        let spaced = try estimate(Array("turn\u{A0}on the lamp\n".utf8))
        #expect(spaced.exitCode == 0)
        let arpa = try String(contentsOfFile: folder.path("x.arpa"), encoding: .utf8)
        #expect(arpa.contains("\tturn\t") && !arpa.contains("\u{A0}"))
    }

    @Test("manifests: equal keys, raw tabs, parts of recordings and foreign paths are named")
    func manifests() throws {
        let recording = Folders.package.appendingPathComponent("audio/ten-seconds.wav").path
        for (line, words) in [
            (
                #"{"audio_filepath": "\#(recording)", "text": "wrong", "text": "turn on"}"#,
                "the key \"text\" stands there twice"
            ),
            ("{\"audio_filepath\": \"\(recording)\", \"text\": \"turn\ton\"}", "write a tab as \\t"),
            (#"{"audio_filepath": "\#(recording)", "text": "\ud800"}"#, "half a surrogate pair"),
            (
                #"{"audio_filepath": "\#(recording)", "offset": 0.0, "duration": 1.6, "text": "turn on"}"#,
                "parts of a recording are not read"
            ),
            (#"{"audio_filepath": "clips\\a.wav", "duration": 1.6, "text": "turn on"}"#, "its path has backslashes"),
        ] {
            let manifest = try file(line + "\n")
            let result = try BuiltCommand.run(["evaluate", "--no-lm", "--manifest", manifest, "--show", "0"])
            #expect(result.exitCode == 1 && result.errors.contains(words), "\(result.errors)")
        }
    }

    @Test("references that a model cannot write are named; --normalize compares what is spoken")
    func evaluate() throws {
        let recording = Folders.package.appendingPathComponent(lamp).path
        let manifest = try file(#"{"audio_filepath": "\#(recording)", "text": "Turn on the lamp."}"# + "\n")
        let plain = try BuiltCommand.run(["evaluate", "--manifest", manifest, "--show", "0"])
        #expect(plain.exitCode == 0 && plain.output.contains("WER         50.00 %"), "\(plain.output)")
        #expect(plain.errors.contains("the model cannot write") && plain.errors.contains("T (1)"), "\(plain.errors)")
        let spoken = try BuiltCommand.run(["evaluate", "--normalize", "--manifest", manifest, "--show", "0"])
        #expect(spoken.output.contains("WER         0.00 %") && spoken.errors == "", "\(spoken.output)\(spoken.errors)")
    }

    @Test("labels that differ by punctuation alone are refused")
    func labels() throws {
        let recording = Folders.package.appendingPathComponent(lamp).path
        for (a, b) in [("Stop.", "stop"), ("don't", "don’t")] {
            let rows = [a, b, a, b].map { #"{"audio_filepath": "\#(recording)", "text": "\#($0)"}"# }
            let result = try BuiltCommand.run(
                ["adapt", "--train", try file(rows.joined(separator: "\n")), "--freeze", "all", "-o", folder.path("m")])
            #expect(result.exitCode == 1 && result.errors.contains("differ only by case, spaces or punctuation"))
        }
    }
}
