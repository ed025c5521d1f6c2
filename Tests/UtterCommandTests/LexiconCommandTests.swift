import Foundation
import TestSupport
import Testing

@Suite struct LexiconCommandTests {
    private let folder: TemporaryFolder
    private let lexicon = "audio/household.lexicon.txt"

    init() throws { folder = try TemporaryFolder() }

    private func utter(_ arguments: String..., input: String? = nil) throws -> BuiltCommand.Result {
        let file = try input.map { URL(fileURLWithPath: try folder.write(Array($0.utf8), to: "input")) }
        return try BuiltCommand.run(arguments, standardInput: file)
    }

    /// The command failed with this code and a line that has these words.
    private func fails(_ result: BuiltCommand.Result, code: Int32 = 1, _ words: String, line: Int = #line) {
        #expect(result.exitCode == code && result.output.isEmpty, "line \(line): \(result.errors)")
        if code == 1 { #expect(result.errorLines.count == 1, "line \(line): \(result.errors)") }
        #expect(result.errors.hasPrefix(code == 1 ? "error: " : "Error: "), "line \(line): \(result.errors)")
        #expect(result.errors.contains(words), "line \(line): \(result.errors)")
    }

    private func compile(_ arguments: String...) throws -> String {
        let path = folder.path("l.lexicon")
        let result = try BuiltCommand.run(["lexicon", "compile", lexicon, "--output", path, "--quiet"] + arguments)
        #expect(result.exitCode == 0 && result.output.isEmpty && result.errors.isEmpty, "\(result.errors)")
        return path
    }

    @Test("compile, then pronounce: from the lexicon, guessed, and words that cannot be guessed")
    func pronounce() throws {
        let path = try compile()
        let said = try utter("pronounce", "--lexicon", path, "lamp", "lamp's", "light-house")
        #expect(said.exitCode == 0 && said.errors.isEmpty)
        #expect(
            said.output == """
                lamp\tL AE M P\t1.000\tlexicon
                lamp's\tL AE M P S\t1.000\tguessed
                light-house\tL AY T HH AW S\t1.000\tguessed

                """)
        let failed = try utter("pronounce", "--lexicon", path, "lampion", "hat7", "lamp", "--count", "2")
        #expect(failed.exitCode == 1 && failed.outputLines.count == 3)
        #expect(failed.errors == "error: \"hat7\": no pronunciation can be guessed; write it as it is said\n")
    }

    @Test("words come from standard input, and go out as JSON")
    func json() throws {
        let path = try compile()
        let said = try utter("pronounce", "--lexicon", path, "--format", "json", "-", input: "the lamp\n\nhat7\n")
        #expect(said.exitCode == 1 && said.outputLines.count == 3)
        #expect(
            said.outputLines[1]
                == #"{"pronunciations":[{"origin":"lexicon","phones":["L","AE","M","P"],"probability":1}],"word":"lamp"}"#
        )
        #expect(said.outputLines[2] == #"{"pronunciations":[],"word":"hat7"}"#)
    }

    @Test("words of a list and of a language model are guessed and stored, and those that cannot be are named")
    func words() throws {
        let (list, model, output) = (folder.path("words"), folder.path("h.lm"), folder.path("w.lexicon"))
        try folder.write(Array("lampion 12\nlamp\n<unk>\nhat7\n".utf8), to: "words")
        let text = try folder.write(Array("lampions on the lamp\n".utf8), to: "text")
        #expect(try utter("lm", "estimate", text, "--output", model, "-q").exitCode == 0)
        let result = try utter("lexicon", "compile", lexicon, "--words", list, "--words", model, "--output", output)
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("202 words of the lexicon, 2 guessed\n"))
        #expect(result.errors.contains("warning: \"hat7\": no pronunciation can be guessed; the word is left out\n"))
        #expect(try utter("pronounce", "--lexicon", output, "lampions").output.contains("\tguessed\n"))
        let plain = try compile("--no-model")
        fails(try utter("pronounce", "--lexicon", plain, "lampion"), "no pronunciation can be guessed")
        let british = try compile("--british", "--no-model")
        #expect(try utter("pronounce", "--lexicon", british, "water").output.contains("water\tW AO T AH\t0.2"))
    }

    @Test("a lexicon's own phones may be given")
    func phones() throws {
        let phones = try folder.write(Array("a\nb\n".utf8), to: "phones")
        let text = try folder.write(Array("ab a b\nba b a\n".utf8), to: "own.txt")
        let output = folder.path("own.lexicon")
        #expect(try utter("lexicon", "compile", text, "--phones", phones, "--output", output, "-q").exitCode == 0)
        #expect(try utter("pronounce", "--lexicon", output, "ab").output == "ab\ta b\t1.000\tlexicon\n")
        fails(try utter("lexicon", "check", text), "line 1, \"ab\": the phone \"a\" is unknown", whole: false)
        let twice = try folder.write(Array("a\na\n".utf8), to: "twice")
        fails(try utter("lexicon", "check", text, "--phones", twice), "the phone \"a\" is there twice")
    }

    private func fails(_ result: BuiltCommand.Result, _ words: String, whole: Bool, line: Int = #line) {
        #expect(
            result.exitCode == 1 && result.output.isEmpty && result.errors.contains(words), "\(line): \(result.errors)")
    }

    @Test("check names every problem with line and word; compile refuses the same, and leaves what was there")
    func check() throws {
        #expect(
            try utter("lexicon", "check", lexicon).output.contains("202 words, 227 pronunciations, 38 of 39 phones"))
        let bad = try folder.write(Array("a AH0\na(2) EY1\nb B II\nc\na AE\n".utf8), to: "bad.txt")
        let output = try folder.write(Array("before".utf8), to: "kept.lexicon")
        for result in [try utter("lexicon", "check", bad), try utter("lexicon", "compile", bad, "--output", output)] {
            #expect(result.exitCode == 1 && result.output.isEmpty && result.errorLines.count == 3)
            for words in [
                "line 3, \"b\": the phone \"II\"", "line 4, \"c\": the word has no", "line 5, \"a\": the word is",
            ] {
                #expect(result.errors.contains(words), "\(result.errors)")
            }
        }
        #expect(try String(contentsOfFile: output, encoding: .utf8) == "before")
        let many = try folder.write(Array((1...30).map { "w\($0) XX\n" }.joined().utf8), to: "many.txt")
        let result = try utter("lexicon", "check", many)
        #expect(result.errorLines.count == 21 && result.errors.contains("has 10 more problems like these"))
    }

    @Test("bad input gets one line")
    func badInput() throws {
        let empty = try folder.write([], to: "empty"), output = folder.path("o.lexicon")
        fails(try utter("lexicon", "check", empty), "has no words")
        fails(try utter("lexicon", "check", folder.path("missing")), "does not exist")
        fails(
            try utter("lexicon", "compile", lexicon, "--output", folder.path("no/o.lexicon")), "folder does not exist")
        fails(try utter("lexicon", "compile", lexicon, "--output", lexicon), "is also read")
        let single = try folder.write(Array("w D AH B AH L Y UW\n".utf8), to: "single")
        fails(try utter("lexicon", "compile", single, "--output", output), "no pronunciation model can be made")
        fails(try utter("pronounce", "--lexicon", lexicon, "lamp"), "is no compiled lexicon")
        fails(try utter("pronounce", "--lexicon", folder.path("missing"), "lamp"), "does not exist")
        let whole = try Data(contentsOf: URL(fileURLWithPath: compile()))
        let short = try folder.write(whole.dropLast(9), to: "short.lexicon")
        fails(try utter("pronounce", "--lexicon", short, "lamp"), "is cut short")
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test("bad usage has exit code 2")
    func badUsage() throws {
        let path = folder.path("o.lexicon")
        for arguments in [
            ["lexicon", "compile", lexicon], ["lexicon", "compile", lexicon, "--output", "-"],
            ["lexicon", "compile", lexicon, "--output", path, "--order", "10"],
            ["lexicon", "compile", lexicon, "--output", path, "--threshold", "nan"],
            ["lexicon", "compile", lexicon, "--output", path, "--guesses", "0"],
            ["lexicon", "compile", lexicon, "--output", path, "--no-model", "--words", lexicon],
            ["lexicon", "evaluate", lexicon, "--hold-out", "1"], ["pronounce"], ["pronounce", "a", "--count", "0"],
        ] {
            fails(try BuiltCommand.run(arguments), code: 2, "Usage: utter")
        }
    }

    @Test("evaluate tells the errors on words that were held out")
    func evaluate() throws {
        let table = try utter("lexicon", "evaluate", lexicon, "--mistakes", "2")
        #expect(table.exitCode == 0 && table.errors.isEmpty && table.output.contains("wrong words"))
        let json = try utter("lexicon", "evaluate", lexicon, "--hold-out", "5", "--json")
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let rate = try #require(object["word_error_rate"] as? Double)
        #expect(rate > 0.05 && rate < 0.95)
    }
}
