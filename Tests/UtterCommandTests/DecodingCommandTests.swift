import Foundation
import TestSupport
import Testing

private let lamp = "audio/turn-on-the-lamp.wav"
private let left = "audio/turn-to-the-left.flac"

/// Beam search, language models, hot words and grammars, as a user of the command meets them.
@Suite struct DecodingCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func transcribe(_ arguments: String...) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["transcribe"] + arguments)
    }

    private func file(_ text: String, _ name: String = "steering") throws -> String {
        try folder.write(Array(text.utf8), to: name)
    }

    /// A model of the household text.
    private func languageModel(_ arguments: String...) throws -> String {
        let path = folder.path("household.lm")
        let result = try BuiltCommand.run(
            ["lm", "estimate", "audio/household.txt", "--output", path, "--quiet"] + arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        return path
    }

    @Test("a beam search finds the text, with a language model or without, of words or characters")
    func beam() throws {
        #expect(try transcribe("--beam", "64", lamp).output == "turn on the lamp\n")
        let words = try languageModel()
        let known = try transcribe("--lm", words, "--known-words", lamp)
        #expect(known.output == "turn on the lamp\n")
        #expect(known.errors == "" && known.exitCode == 0)
        let characters = try languageModel("--characters", "--order", "5")
        let timer = "audio/start-the-timer.wav"
        #expect(try transcribe("--lm", characters, "--lm-weight", "0.3", timer).output == "start the timer\n")
        #expect(try transcribe("--no-lm", timer).output == "start the timer\n")
    }

    @Test("several texts come best first, with scores, as text and as JSON")
    func nBest() throws {
        let result = try transcribe("--n-best", "4", lamp)
        #expect(result.outputLines.count == 4)
        let rows = result.outputLines.map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(rows.allSatisfy { $0.count == 2 } && rows.first?.last == "turn on the lamp")
        let scores = rows.compactMap { $0.first.flatMap { Double($0) } }
        #expect(scores.count == 4 && scores == scores.sorted(by: >))
        #expect(Set(rows.map(\.last)).count == 4)
        let json = try transcribe("--n-best", "4", "--format", "json", lamp).output
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let alternatives = try #require(object["alternatives"] as? [[String: Any]])
        #expect(alternatives.count == 4 && object["text"] as? String == alternatives[0]["text"] as? String)
        #expect(alternatives.allSatisfy { $0["score"] is Double && $0["acoustic"] is Double })
        #expect((object["words"] as? [[String: Any]])?.count == 4)
    }

    @Test("a hot word changes what is heard, and only with enough weight")
    func hotWords() throws {
        let weak = try file("lamb: 0\n"), strong = try file("lamb: 9\n", "strong")
        #expect(try transcribe("--hot-words", weak, lamp).output == "turn on the lamp\n")
        #expect(try transcribe("--hot-words", strong, lamp).output == "turn on the lamb\n")
        #expect(try transcribe("--hot-words", strong, left).output == "turn to the left\n")
        #expect(try transcribe("--hot-words", "audio/hot-words.txt", lamp).output == "turn on the lamp\n")
    }

    @Test("a grammar gives its own texts alone; what does not fit is rejected with a score, without an error")
    func grammar() throws {
        let inside = try transcribe("--grammar", "audio/commands.jsgf", "--format", "json", lamp)
        let fit = try #require(
            (JSONSerialization.jsonObject(with: Data(inside.output.utf8)) as? [String: Any])?["grammar"]
                as? [String: Any])
        #expect(fit["accepted"] as? Bool == true && fit["score"] as? Double ?? -9 > -1)
        let outside = try transcribe("--grammar", "audio/commands.jsgf", left)
        #expect(outside.output == "\n" && outside.exitCode == 0)
        #expect(outside.errors.hasPrefix("\"\(left)\": nothing of the grammar was said (score -"), "\(outside.errors)")
        #expect(try transcribe("--grammar", "audio/commands.jsgf", "--quiet", left).errors == "")
        let forced = try transcribe("--grammar", try file("go left\nturn right\n"), "--grammar-threshold", "-99", left)
        #expect(["go left\n", "turn right\n"].contains(forced.output))
    }

    @Test("files that cannot be used get one line and exit code 1")
    func badFiles() throws {
        for (option, text, words) in [
            ("--hot-words", "lamp: hot\n", "is wrong in line 1, \"hot\" is no weight"),
            ("--hot-words", "lamp\n7 of 9\n", "is wrong in line 2, column 1, \"7\" is none of the model's characters"),
            ("--grammar", "#JSGF V1.0;\npublic <x> = a (b;\n", "is wrong in line 2, column 18, here stands \";\""),
            ("--grammar", "#JSGF V1.0;\npublic <x> = <x> a | b;\n", "line 2, column 14, <x> begins with itself"),
            (
                "--grammar", "#JSGF V1.0;\npublic <x> = <lamps>;\n",
                "line 2, column 14, <lamps> is no rule of this grammar"
            ),
            ("--grammar", "\n", "cannot be used, it has no phrase"),
            ("--lm", "no model\n", "cannot be used"),
        ] {
            let path = try file(text)
            let result = try transcribe(option, path, lamp)
            #expect(result.exitCode == 1 && result.output == "", "\(text)")
            #expect(result.errorLines.count == 1 && result.errors.hasPrefix("error: \"\(path)\""), "\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        for option in ["--hot-words", "--grammar", "--lm"] {
            let result = try transcribe(option, folder.path("missing"), lamp)
            #expect(result.exitCode == 1 && result.errorLines.count == 1 && result.errors.contains("does not exist"))
        }
        let upper = try file("TURN ON\n", "upper"), model = folder.path("upper.arpa")
        _ = try BuiltCommand.run(["lm", "estimate", upper, "--output", model, "-q"])
        let result = try transcribe("--lm", model, lamp)
        #expect(result.exitCode == 1 && result.errors.contains("none of its words has a pronunciation"))
        let weights = try file("{\"lm_weight\": 1e9}", "household.lm.json")
        let broken = try transcribe("--lm", try languageModel(), lamp)
        #expect(broken.exitCode == 1 && broken.errors.contains("\"\(weights)\" cannot be used"))
        let none = try transcribe("--no-lm", "--lm-weight", "1", lamp)
        #expect(none.exitCode == 1 && none.errors.contains("there is no language model to weigh"))
    }

    @Test("wrong usage has exit code 2")
    func usage() throws {
        for arguments in [
            ["--beam", "0"], ["--beam", "20000"], ["--n-best", "0"], ["--n-best", "257"],
            ["--beam", "4", "--n-best", "5"],
            ["--lm", "a", "--no-lm"], ["--lm-weight", "-1"], ["--word-bonus", "1000"], ["--word-bonus", "-1000"],
            ["--grammar-threshold", "nan"],
            ["--hot-words", "-", "--grammar", "-"],
        ] {
            let result = try BuiltCommand.run(["transcribe", lamp] + arguments)
            #expect(result.exitCode == 2 && result.output == "", "\(arguments): \(result.errors)")
        }
        let both = ["evaluate", "--manifest", "audio/transcripts.jsonl", "--hypotheses", "x", "--beam", "4"]
        #expect(try BuiltCommand.run(both).exitCode == 2)
        #expect(try BuiltCommand.run(["lm", "tune", "-", "--manifest", "audio/transcripts.jsonl"]).exitCode == 2)
    }

    @Test("the confidence scale beside a language model changes confidences of words, and those of no other text")
    func confidenceScale() throws {
        let model = try languageModel()
        func confidences(_ arguments: String...) throws -> [Double] {
            let result = try BuiltCommand.run(["transcribe", "--format", "json", lamp] + arguments)
            #expect(result.exitCode == 0 && result.errors == "", "\(result.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            let words = try #require(object?["words"] as? [[String: Any]])
            let said = words.compactMap { $0["word"] as? String }
            #expect(arguments == ["--no-lm"] || said == ["turn", "on", "the", "lamp"], "\(said)")
            return words.compactMap { $0["confidence"] as? Double }
        }
        let plain = try confidences("--lm", model)
        let greedy = try confidences("--no-lm")
        _ = try file(
            #"{"lm_weight": 0.5, "word_bonus": 1, "confidence": {"slope": 0, "offset": 1.0986122886681098}}"#,
            "household.lm.json")
        #expect(try confidences("--lm", model) == [0.75, 0.75, 0.75, 0.75])
        #expect(plain != [0.75, 0.75, 0.75, 0.75])
        #expect(try confidences("--no-lm") == greedy)
        _ = try file(#"{"lm_weight": 0.5, "confidence": {"slope": -1, "offset": 0}}"#, "household.lm.json")
        let refused = try transcribe("--lm", model, lamp)
        #expect(refused.exitCode == 1 && refused.errorLines.count == 1 && refused.output == "")
    }

    @Test("tune writes weights beside the model, which transcribe and evaluate use")
    func tune() throws {
        let model = try languageModel()
        let result = try BuiltCommand.run(
            ["lm", "tune", model, "--manifest", "audio/transcripts.jsonl", "--beam", "16", "--quiet"])
        #expect(result.exitCode == 0 && result.errors == "", "\(result.errors)")
        #expect(result.outputLines.first == "lm weight  word bonus  joined   blank      WER      CER")
        let rates = result.outputLines.dropFirst().compactMap {
            $0.split(separator: " ").dropFirst(4).first.flatMap { Double($0) }
        }
        #expect(rates.count >= 30 && rates.first == rates.min())
        let stored = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: model + ".json")))
        let weight = try #require((stored as? [String: Any])?["lm_weight"] as? Double)
        let bonus = try #require((stored as? [String: Any])?["word_bonus"] as? Double)
        #expect(String(format: "%9.3f%12.3f", weight, bonus) == String(result.outputLines[1].prefix(21)))
        func evaluate(_ arguments: String...) throws -> String {
            let command = [
                "evaluate", "--manifest", "audio/transcripts.jsonl", "--beam", "16", "--lm", model, "--json",
            ]
            return try BuiltCommand.run(command + arguments).output
        }
        let tuned = try evaluate()
        #expect(try evaluate("--lm-weight", "\(weight)", "--word-bonus", "\(bonus)") == tuned)
        let object = try #require(JSONSerialization.jsonObject(with: Data(tuned.utf8)) as? [String: Any])
        let words = try #require((object["errors"] as? [String: Any])?["words"] as? [String: Any])
        #expect(abs(100 * (words["rate"] as? Double ?? 9) - (rates.first ?? 0)) < 0.01)
        let missing = try BuiltCommand.run(["lm", "tune", model, "--manifest", folder.path("missing")])
        #expect(missing.exitCode == 1 && missing.errorLines.count == 1)
    }
}
