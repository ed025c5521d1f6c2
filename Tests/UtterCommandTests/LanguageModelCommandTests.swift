import Foundation
import TestSupport
import Testing

@Suite struct LanguageModelCommandTests {
    private let folder: TemporaryFolder
    private let text = "audio/household.txt"

    init() throws { folder = try TemporaryFolder() }

    private func lm(_ arguments: String..., input: URL? = nil) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["lm"] + arguments, standardInput: input)
    }

    /// The command failed with this code and one line that has these words.
    private func fails(_ result: BuiltCommand.Result, code: Int32 = 1, _ words: String, line: Int = #line) {
        #expect(result.exitCode == code, "line \(line): \(result.errors)")
        #expect(result.output.isEmpty, "line \(line)")
        if code == 1 { #expect(result.errorLines.count == 1, "line \(line): \(result.errors)") }
        #expect(result.errors.hasPrefix(code == 1 ? "error: " : "Error: "), "line \(line): \(result.errors)")
        #expect(result.errors.contains(words), "line \(line): \(result.errors)")
    }

    @Test("estimate, compile, prune and perplexity work together")
    func together() throws {
        let (arpa, compiled, small) = (folder.path("h.arpa"), folder.path("h.lm"), folder.path("s.lm"))
        let estimated = try lm("estimate", text, "--order", "3", "--output", arpa)
        #expect(estimated.exitCode == 0 && estimated.output.isEmpty)
        #expect(estimated.errors.contains("30 sentences, 156 words, vocabulary of 60"))
        #expect(try lm("compile", arpa, "--output", compiled).errors == "")
        #expect(try lm("prune", arpa, "--threshold", "1e-3", "--output", small, "--quiet").errors == "")
        let measured = try [arpa, compiled, small].map { try lm("perplexity", $0, text, "--json").output }
        #expect(measured[0] == measured[1])
        #expect(measured[0] != measured[2])
        let object = try #require(JSONSerialization.jsonObject(with: Data(measured[0].utf8)) as? [String: Any])
        #expect(object["words"] as? Int == 156 && object["unknown_words"] as? Int == 0)
        #expect(object["perplexity"] as? Double ?? 99 < 5)
        #expect((object["found"] as? [Int])?.reduce(0, +) == 186)
        let table = try lm("perplexity", compiled, text)
        #expect(table.output.contains("unknown words               0 (0.00 %)\n"))
    }

    @Test("ARPA goes to standard output, text comes from standard input, options do what they say")
    func streams() throws {
        let source = Folders.package.appendingPathComponent(text)
        let whole = try lm("estimate", text, "--output", "-", "--quiet")
        #expect(try lm("estimate", "-", "--output", "-", "--quiet", input: source).output == whole.output)
        let limited = try lm(
            "estimate", text, "--vocabulary-size", "9", "--prune", "0", "0", "1", "--output", "-", "-q")
        #expect(limited.output.contains("ngram 1=12\n"))
        let upper = try folder.write(Array("TURN On the\n".utf8), to: "upper")
        let lower = try lm("estimate", upper, "--lowercase", "--output", "-", "-q")
        #expect(lower.output.contains("\tturn on\t") && !lower.output.contains("TURN"))
    }

    @Test("bad input gets one line and exit code 1")
    func badInput() throws {
        let empty = try folder.write([], to: "empty"), blank = try folder.write(Array("\n \r\n".utf8), to: "blank")
        let latin = try folder.write([0x67, 0x72, 0xfc, 0x6e, 0x0a], to: "latin")
        let output = folder.path("m.arpa")
        fails(try lm("estimate", empty, "--output", output), "has no words")
        fails(try lm("estimate", blank, "--output", output), "has no words")
        fails(try lm("estimate", latin, "--output", output), "not UTF-8")
        fails(try lm("estimate", folder.path("missing"), "--output", output), "does not exist")
        fails(try lm("estimate", folder.url.path, "--output", output), "is a folder")
        fails(try lm("estimate", text, "--output", folder.path("no/m.arpa")), "folder does not exist")
        fails(try lm("perplexity", text, text), "no line \\data\\")
        fails(try lm("compile", "models/english-small.safetensors", "--output", output), "a NUL character")
        #expect(!FileManager.default.fileExists(atPath: output))
        _ = try lm("estimate", text, "--output", output, "-q")
        fails(try lm("perplexity", output, empty), "has no words")
        let whole = try String(contentsOfFile: output, encoding: .utf8)
        for (old, new, words) in [("ngram 2=104", "ngram 2=105", "line"), ("-2.009988", "nan", "no number")] {
            let bad = try folder.write(Array(whole.replacingOccurrences(of: old, with: new).utf8), to: "bad.arpa")
            fails(try lm("compile", bad, "--output", folder.path("m.lm")), words)
        }
        let windows = try folder.write(Array(whole.replacingOccurrences(of: "\n", with: "\r\n").utf8), to: "crlf.arpa")
        #expect(try lm("compile", windows, "--output", folder.path("m.lm")).exitCode == 0)
        let half = try Data(contentsOf: folder.url.appendingPathComponent("m.lm")).dropLast(100)
        fails(try lm("perplexity", try folder.write(half, to: "half.lm"), text), "cut short")
        fails(try lm("prune", folder.path("m.lm"), "--threshold", "1e-8", "--output", output), "compiled already")
    }

    @Test("wrong usage gets exit code 2 and what to do")
    func wrongUsage() throws {
        let output = folder.path("m.arpa")
        for order in ["0", "99", "-1"] {
            fails(try lm("estimate", text, "--order=\(order)", "--output", output), code: 2, "give 1 to 9")
        }
        fails(try lm("estimate", text, "--prune", "1", "--output", output), code: 2, "begin with 0")
        fails(try lm("estimate", text, "--prune", "0", "2", "1", "--output", output), code: 2, "do not fall")
        fails(try lm("estimate", text, "--output", "m.txt"), code: 2, ".arpa or .lm")
        fails(try lm("estimate", text, "--quantise", "8", "--output", output), code: 2, "compiled")
        fails(try lm("compile", output, "--quantise", "40", "--output", "m.lm"), code: 2, "2 to 16")
        fails(try lm("prune", output, "--threshold", "nan", "--output", output), code: 2, "0 or more")
    }

    @Test("every example in the help works as it stands", arguments: ["estimate", "compile", "perplexity", "prune"])
    func examples(command: String) throws {
        let help = try lm(command, "--help")
        #expect(help.exitCode == 0)
        let examples = help.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("utter lm ") }
        #expect(!examples.isEmpty)
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("audio"),
            withDestinationURL: Folders.package.appendingPathComponent("audio"))
        for example in examples {
            let arguments = example.split(separator: " ").dropFirst().map(String.init)
            let result = try BuiltCommand.run(arguments, in: folder.url)
            #expect(result.exitCode == 0, "\(example): \(result.errors)")
        }
    }
}
