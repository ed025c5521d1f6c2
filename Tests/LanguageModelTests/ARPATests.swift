import Files
import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite struct ARPATests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let small = """
        \\data\\
        ngram 1=5
        ngram 2=4
        ngram 3=1

        \\1-grams:
        -1.5\t<unk>
        -99\t<s>\t-0.5
        -1\t</s>
        -0.7\ta\t-0.25
        -0.8\tb\t-0.125

        \\2-grams:
        -0.4\t<s> a\t-0.1
        -0.3\ta b
        -0.2\tb </s>
        -0.9\tb a

        \\3-grams:
        -0.05\t<s> a b

        \\end\\

        """

    private func read(_ text: String, as name: String = "m.arpa") throws -> NGramModel {
        try NGramModel(arpa: folder.write(Array(text.utf8), to: name))
    }

    private func check(_ model: NGramModel) {
        // <s> a b </s>; then what is not there: <s> b backs off.
        #expect(abs(model.score(sentence: "a b").log10 - (-0.4 - 0.05 - 0.2)) < 1e-6)
        #expect(abs(model.score(sentence: "b").log10 - (-0.5 - 0.8 - 0.2)) < 1e-6)
        #expect(abs(model.score(sentence: "a a").log10 - (-0.4 - 0.1 - 0.25 - 0.7 - 0.25 - 1)) < 1e-6)
        #expect(abs(model.score(sentence: "a zebra").log10 - (-0.4 - 0.1 - 0.25 - 1.5 - 1)) < 1e-6)
        #expect(model.score(sentence: "a b").lengths == [0, 2, 1])
    }

    @Test("an ARPA file is read as different tools write it")
    func forms() throws {
        check(try read(Self.small))
        check(try read(Self.small.replacingOccurrences(of: "\n", with: "\r\n")))
        check(try read(Self.small.replacingOccurrences(of: "\t", with: "   ")))
        check(try read("made by a tool\n\n" + Self.small))
        check(try read(Self.small.replacingOccurrences(of: "<unk>", with: "<UNK>")))
        check(try read(Self.small.replacingOccurrences(of: "-99", with: "-inf")))
        check(try read(Self.small.replacingOccurrences(of: "-0.05", with: "-5e-2")))
        check(try read(Self.small.replacingOccurrences(of: "ngram 1=5", with: "ngram  1 = 5")))
        check(try read(String(Self.small.dropLast(1))))
    }

    @Test("files compressed with gzip and xz are expanded", arguments: ["gzip", "xz"])
    func compressed(program: String) throws {
        let path = try folder.write(Array(Self.small.utf8), to: "m.arpa")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program, "-k", path]
        try process.run()
        process.waitUntilExit()
        let packed = path + (program == "xz" ? ".xz" : ".gz")
        check(try NGramModel(arpa: packed))
        let half = try Data(contentsOf: URL(fileURLWithPath: packed)).dropLast(60)
        let path2 = try folder.write(half, to: "half")
        let error = #expect(throws: FileError.self) { _ = try NGramModel(arpa: path2) }
        #expect(error.map { "\($0)".contains(program) } == true)
    }

    @Test("odd words stay what they are")
    func oddWords() throws {
        for word in ["\u{a0}", "a\u{3000}b", "\u{200b}", "é", "e\u{301}", "\\end", "1", "-0.5", "\u{1F600}"] {
            let model = try read(
                Self.small.replacingOccurrences(of: "a\t-0.25", with: "\(word)\t-0.25")
                    .replacingOccurrences(of: "<s> a", with: "<s> \(word)")
                    .replacingOccurrences(of: "\ta b", with: "\t\(word) b")
                    .replacingOccurrences(of: "b a", with: "b \(word)"))
            #expect(model.score(word, after: model.beginState).length == 2, "\(word)")
        }
    }

    @Test("n-grams that a tool left out between others are put in, and no probability changes")
    func gaps() throws {
        let text = Self.small.replacingOccurrences(of: "-0.3\ta b\n", with: "")
            .replacingOccurrences(of: "-0.4\t<s> a\t-0.1\n", with: "").replacingOccurrences(of: "2=4", with: "2=2")
        let model = try read(text)
        #expect(model.counts == [5, 4, 1])
        #expect(abs(model.score(sentence: "a b").log10 - (-0.5 - 0.7 - 0.05 - 0.2)) < 1e-6)
        #expect(abs(model.score(sentence: "b a b").log10 - (-0.5 - 0.8 - 0.9 - 0.25 - 0.8 - 0.2)) < 1e-6)
    }

    @Test(
        "what is wrong is said in one line, with its number",
        arguments: [
            ("ngram 1=5", "ngram 1=6", "line 13"), ("ngram 2=4", "ngram 2=3", "line 19"),
            ("ngram 3=1", "ngram 3=2", "line 22"), ("-0.3\ta b", "nan\ta b", "line 15"),
            ("-0.3\ta b", "-0.3\ta", "line 15"),
            ("-0.3\ta b", "-0.3\ta b c d e", "line 15"), ("-0.3\ta b", "-0.3\ta c", "line 15"),
            ("-0.7\ta\t-0.25", "-0.7\ta\tnan", "line 10"), ("-0.7\ta\t", "0.7\ta\t", "line 10"),
            ("-0.8\tb", "-0.8\ta", "twice"), ("-0.9\tb a", "-0.9\ta b", "twice"), ("\\end\\", "", "end"),
            ("\\data\\", "data", "data"), ("ngram 2=4", "ngram 4=4", "line 3"), ("ngram 2=4", "ngram 2=x", "line 3"),
            ("ngram 1=5", "ngram 1=99999999999999999999", "line 2"), ("ngram 1=5", "ngram 1=-5", "line 2"),
            ("\\2-grams:", "\\3-grams:", "line 13"), ("\\2-grams:", "\\2-grams", "line 13"),
        ])
    func malformed(old: String, new: String, expected: String) throws {
        let error = #expect(throws: LanguageModelError.self) {
            _ = try read(Self.small.replacingOccurrences(of: old, with: new))
        }
        let message = error.map { "\($0)" } ?? ""
        #expect(message.contains("m.arpa") && !message.contains("\n"))
        #expect(message.contains(expected), "\(message)")
    }

    @Test("no malformed file traps: cut and changed at random")
    func fuzz() throws {
        let bytes = Array(Self.small.utf8)
        for count in 0..<bytes.count - 8 {
            let path = try folder.write(bytes.prefix(count), to: "cut.arpa")
            #expect(throws: LanguageModelError.self) { _ = try NGramModel(arpa: path) }
        }
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                changed[.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0 ... .max, using: &generator)
            }
            let path = try folder.write(changed, to: "changed.arpa")
            if let model = try? NGramModel(arpa: path) { _ = model.score(sentence: "a b a zebra") }
        }
    }
}
