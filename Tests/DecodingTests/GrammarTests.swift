import CTC
import Decoding
import Foundation
import TestSupport
import Testing

@Suite struct GrammarTests {
    private let folder: TemporaryFolder
    private let alphabet = Alphabet(Vocabularies.english)

    init() throws { folder = try TemporaryFolder() }

    /// The score that a grammar gives a text; -infinity where it does not take it.
    private func score(_ text: String, _ grammar: Grammar) -> Float {
        let scorer = grammar.makeScorer()
        var state = scorer.start()
        var score: Float = 0
        for character in text {
            let label = Vocabularies.english.symbols.firstIndex(of: String(character)) ?? 0
            for code in alphabet.characters(of: label) {
                let step = scorer.extend(state, by: code)
                if step.score == -.infinity { return -.infinity }
                state = step.state
                score += step.score
            }
        }
        return score + scorer.finish(state)
    }

    private func jsgf(_ rules: String) throws -> Grammar {
        try Grammar(text: "#JSGF V1.0 UTF-8 en;\ngrammar test;\n" + rules, alphabet: alphabet)
    }

    private func takes(_ grammar: Grammar, _ texts: [String], not others: [String], line: Int = #line) {
        for text in texts { #expect(score(text, grammar) == 0, "line \(line): \(text)") }
        for text in others { #expect(score(text, grammar) == -.infinity, "line \(line): \(text)") }
    }

    @Test("a list of phrases takes its phrases, whole")
    func list() throws {
        let grammar = try Grammar(
            text: "# lights\nturn on\n\n  Turn   on the lamp \r\nturn on\nstop", alphabet: alphabet)
        takes(
            grammar, ["turn on", "turn on the lamp", "stop", " stop  ", "turn  on"],
            not: ["", "turn", "turn on the", "turnon", "stops", "stop stop", "t urn on"])
    }

    @Test("alternatives, groups, optional parts, rules, quotations, comments and tags")
    func rules() throws {
        let grammar = try jsgf(
            """
            // What may be said.
            public <command> = [please] <verb> {a \\} tag} the ("big lamp" | radio) [now];
            /* verbs,
               all of them */
            <verb> = turn (on | off) | <NULL> start;
            public <stop> = stop;
            """)
        takes(
            grammar,
            ["turn on the radio", "please turn off the big lamp now", "start the radio", "stop"],
            not: ["turn the radio", "please stop", "turn on the lamp", "now", "turn on the radio now now"])
    }

    @Test("star, plus, rules that end in themselves")
    func repeats() throws {
        let grammar = try jsgf(
            "public <x> = a* b+ | <list>; <list> = c [and <list>] | d <other>; <other> = <list> | e;")
        takes(
            grammar, ["b", "a a b b", "c", "c and c and d e", "d d c"], not: ["a", "", "c and", "c c", "d", "b a"])
    }

    @Test("weights are relative to the likeliest alternative, and the best way counts")
    func weights() throws {
        let grammar = try jsgf("public <x> = /8/ on | /2/ off | /1/ (on [please]) | /0/ never;")
        #expect(score("on", grammar) == 0)
        #expect(abs(score("off", grammar) - log(0.25)) < 2e-3)
        #expect(abs(score("on please", grammar) - log(0.125)) < 2e-3)
        #expect(score("never", grammar) == -.infinity)
    }

    @Test("nothing possible, and nothing said")
    func empty() throws {
        takes(try jsgf("public <x> = [a];"), ["", " ", "a"], not: ["b"])
        takes(try jsgf("public <x> = <VOID>;"), [], not: ["", "a"])
        takes(try jsgf("public <x> = a <VOID> | b;"), ["b"], not: ["a"])
        takes(try jsgf("public <x> = (a*)* [b*];"), ["", "a a", "a b b"], not: ["b a"])
    }

    @Test(
        "what is wrong is named with line and column",
        arguments: [
            ("public <x> = a", 3, 15, "here stands the end of the file: put \";\" here"),
            ("public <x> = a | ;", 3, 18, "here stands \";\": put a word, a rule or a group"),
            ("public <x> = (a;", 3, 16, "put \")\" here"),
            ("public <x> = a);", 3, 15, "here stands \")\": put \";\" here"),
            ("public <x> = a\n  <y>;", 4, 3, "<y> is no rule of this grammar: define it or mend its name"),
            ("public <x> = a;\n<x> = b;", 4, 1, "<x> is there twice"),
            ("<x> = a;", 3, 9, "no rule is public"),
            ("public <x> = <x> a | b;", 3, 14, "<x> begins with itself (left recursion)"),
            ("public <x> = [c] <y>;\n<y> = <z>* <x> b;\n<z> = d*;", 4, 12, "<x> begins with itself (left recursion)"),
            ("public <x> = a <x> b | c;", 3, 16, "<x> refers to itself before its end"),
            ("public <x> = a 7;", 3, 16, "\"7\" is none of the model's characters"),
            ("public <x> = /a/ b;", 3, 14, "a weight is no number"),
            ("public <x> = /-1/ b;", 3, 14, "a weight is no number"),
            ("public <x = b;", 3, 8, "a rule's name is not closed"),
            ("public <x> = b; /* oh", 3, 17, "a comment is not closed"),
            ("public <x> = b {oh;", 3, 16, "a tag is not closed"),
            ("public <x> = \"b;", 3, 14, "a quotation is not closed"),
            ("import <other.*>;\npublic <x> = b;", 3, 1, "rules of other files cannot be imported"),
            ("public x = b;", 3, 8, "here stands \"x\": put a rule, <name> = ...; here"),
            ("public <x> = b> c;", 3, 15, "> closes nothing"),
        ])
    func errors(rules: String, line: Int, column: Int, words: String) throws {
        let error = #expect(throws: DecodingError.self) { try jsgf(rules) }
        let message = error?.description ?? ""
        #expect(message.hasPrefix("\"grammar\" is wrong in line \(line), column \(column), "), "\(message)")
        #expect(message.contains(words), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test("grammars that would fill any memory or stack are refused")
    func hostile() throws {
        let doubling = (0..<40).map { "<r\($0)> = <r\($0 + 1)> <r\($0 + 1)>;" }.joined() + "<r40> = a;"
        let nested = "public <x> = " + String(repeating: "(", count: 100_000)
        let chain = (0..<5000).map { "<r\($0)> = <r\($0 + 1)> a;" }.joined() + "<r5000> = a;"
        for (rules, words) in [
            ("public <x> = <r0>;" + doubling, "too large"), (nested, "parentheses are open"),
            ("public <x> = <r0>;" + chain, "too deep"),
        ] {
            let error = #expect(throws: DecodingError.self) { try jsgf(rules) }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        }
        #expect(throws: DecodingError.self) { try Grammar(text: "#JSGF V1.0", alphabet: alphabet) }
        #expect(throws: DecodingError.self) { try Grammar(text: "# nothing\n\n", alphabet: alphabet) }
        let error = #expect(throws: DecodingError.self) { try Grammar(text: "turn on\nturn 5ff", alphabet: alphabet) }
        #expect(error?.description.contains("line 2, column 6") == true)
    }

    @Test("bytes at random are refused or read, and never stop the program", arguments: 1...5)
    func fuzz(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "<x>", "<y>", "=", ";", "|", "(", ")", "[", "]", "*", "+", "a", "public", "/1/", "/", "{", "}", "\"", "//",
            "\n",
            "<", ">", "/*", "*/", "é", " ",
        ]
        for _ in 0..<400 {
            let text = (0..<20).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined(separator: " ")
            do {
                let grammar = try jsgf("public <x> = " + text)
                _ = score("a a", grammar)
            } catch let error as DecodingError {
                #expect(!error.description.contains("\n"))
            }
        }
    }

    @Test("what is said within the grammar is found; what is not is rejected with a score")
    func rejection() throws {
        var generator = SeededGenerator(seed: 1)
        var decoder = Decoder(alphabet: alphabet)
        decoder.grammar = try jsgf("public <x> = turn (on | off) the (lamp | radio | heating) | good night;")
        for text in ["turn on the lamp", "turn off the heating", "good night"] {
            let result = decoder.decode(spoken(text, Vocabularies.english, certainty: 4, using: &generator))
            #expect(result.best?.text == text)
            let fit = try #require(result.grammarFit)
            #expect(fit.isAccepted && fit.score > -1, "\(fit)")
        }
        for text in ["what is the weather like tomorrow", "call me a taxi", ""] {
            let result = decoder.decode(spoken(text, Vocabularies.english, certainty: 4, using: &generator))
            #expect(result.best == nil)
            let fit = try #require(result.grammarFit)
            #expect(!fit.isAccepted && fit.score < -1, "\(text) \(fit)")
        }
        // Between the two: as it was asked for.
        let near = spoken("turn on the lamb", Vocabularies.english, certainty: 4, using: &generator)
        let score = try #require(decoder.decode(near).grammarFit?.score)
        decoder.grammarThreshold = score - 0.01
        #expect(decoder.decode(near).best?.text == "turn on the lamp")
        decoder.grammarThreshold = score + 0.01
        #expect(decoder.decode(near).best == nil)
    }

    @Test("a grammar as long as a dictionary is quick to follow")
    func long() throws {
        var generator = SeededGenerator(seed: 2)
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let phrases = (0..<3000).map { _ in
            String((0..<8).map { _ in letters.randomElement(using: &generator) ?? "a" })
        }
        var decoder = Decoder(alphabet: alphabet)
        decoder.grammar = try Grammar(text: phrases.joined(separator: "\n"), alphabet: alphabet)
        let result = decoder.decode(spoken(phrases[777], Vocabularies.english, certainty: 5, using: &generator))
        #expect(result.best?.text == phrases[777])
    }
}
