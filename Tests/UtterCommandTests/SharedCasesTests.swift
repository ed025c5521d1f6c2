import Foundation
import TestSupport
import Testing

/// Inputs that people had trouble with, as they came: the folders of `../shared/cases`, by the built command.
@Suite(.enabled(if: Folders.cases != nil, "../shared/cases is not there"))
struct SharedCasesTests {
    private let folder: TemporaryFolder
    private let cases: URL

    init() throws {
        folder = try TemporaryFolder()
        cases = try #require(Folders.cases)
    }

    /// The path of a file of the case whose folder begins with a number.
    private func path(_ number: String, _ name: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: cases.path)
        let found = try #require(names.first { $0.hasPrefix("\(number)-") })
        return cases.appendingPathComponent("\(found)/\(name)").path
    }

    /// Runs the command; where a text is given, it must be heard so often. Of `lamp` the model may mishear the last word.
    @discardableResult
    private func run(
        _ arguments: [String], exitCode: Int32 = 0, hears text: String? = nil, times: Int = 1, quietly: Bool = true
    ) throws -> BuiltCommand.Result {
        let result = try BuiltCommand.run(arguments)
        #expect(result.exitCode == exitCode, "\(arguments): \(result.errors)")
        if exitCode == 0, quietly { #expect(result.errors.isEmpty, "\(arguments): \(result.errors)") }
        if let text { #expect(result.output.ranges(of: text).count == times, "\(arguments): \(result.output)") }
        return result
    }

    @Test("01: digital silence takes no word away; 13: a recording of -103 dB is heard")
    func silence() throws {
        try run(["transcribe", path("01", "z1.wav")], hears: "turn on the")
        try run(["transcribe", path("13", "i32_small.wav")], hears: "turn on the")
    }

    @Test("02: a pause of seconds ends a word, in every way to find words and in captions")
    func pauses() throws {
        let file = try path("02", "gz20.flac")
        for options in [[], ["--no-lm"]] {
            let rows = try run(["transcribe", "-q", "--format", "tsv", file] + options).outputLines.dropFirst().map {
                $0.split(separator: "\t").map(String.init)
            }
            let times = try rows.map { try (#require(Double($0[1])), #require(Double($0[2])), $0[4]) }
            #expect(times.count > 8)
            for (start, end, word) in times { #expect(end - start < 1.5, "\(word) lasts from \(start) to \(end)") }
            for (before, next) in zip(times, times.dropFirst()) { #expect(before.1 <= next.0) }
            // Three stretches of speech with twenty seconds between them.
            #expect(zip(times, times.dropFirst()).count { $1.0 - $0.1 > 15 } == 2, "\(options): \(times)")
        }
        let captions = try run(["transcribe", "-q", "--format", "srt", file]).output
        for line in captions.split(separator: "\n") where line.contains(" --> ") {
            let seconds = line.components(separatedBy: " --> ").map { time in
                time.replacingOccurrences(of: ",", with: ".").split(separator: ":").reduce(0.0) {
                    60 * $0 + (Double($1) ?? .nan)
                }
            }
            #expect(seconds[1] - seconds[0] < 8, "\(line)")
        }
    }

    @Test("03: words that a small language model does not hold stay apart")
    func smallLanguageModels() throws {
        let recording = try path("03", "remind-me-to-water-the-plants.wav")
        let small = folder.path("two.lm")
        try run(["lm", "estimate", path("03", "two.txt"), "--order", "2", "-o", small], quietly: false)
        for model in try [small, path("03", "med.arpa")] {
            let text = try run(["transcribe", "--lm", model, recording]).output
            #expect(text.split(separator: " ").count >= 6, "\(text)")
        }
    }

    @Test("04, 05, 06: all of joined, chained and understated files is heard")
    func joined() throws {
        for name in ["cat_xing.mp3", "xing_then_noxing.mp3", "rate_44_22.mp3"] {
            try run(["transcribe", path("04", name)], hears: "turn on the", times: 2)
        }
        try run(["transcribe", path("04", "one-part.mp3")], hears: "turn on the")
        try run(["transcribe", path("05", "cat_o.opus")], hears: "turn on the", times: 2)
        let understated = try run(["transcribe", path("06", "size_small.wav")], hears: "turn on the", quietly: false)
        #expect(understated.errors.contains("goes on behind the end that its header states"))
    }

    @Test("07: batch reads what phones record, or names what it cannot read")
    func phones() throws {
        let result = try BuiltCommand.run(["batch", path("07", "calls"), "--output", folder.path("out")])
        #expect(!result.errors.contains("0 done, 0 failed"), "\(result.errors)")
        #expect(result.errors.contains("3 done, 0 failed") || result.exitCode == 1, "\(result.errors)")
    }

    @Test("08: channels that cancel are told; 09, 10: nothing is called damaged of which nothing is lost")
    func odd() throws {
        let cancelled = try run(["transcribe", path("08", "inv.wav")], hears: "turn on the", quietly: false)
        #expect(cancelled.errors.contains("cancel each other"))
        for name in ["off44.wav", "mp3_in_wav.wav"] { try run(["transcribe", path("09", name)], hears: "turn on the") }
        for name in ["ape_front", "id3_pad_after", "id3_v24_footer", "junk_front", "t_b_lyr", "t_x_ape100"] {
            try run(["transcribe", path("10", "\(name).mp3")], hears: "turn on the")
        }
    }

    @Test("11, 12: text from people")
    func texts() throws {
        let lamp = try path("11", "lamp.wav")
        try run(["transcribe", "--hot-words", path("11", "hot-words.txt"), lamp], hears: "turn on the")
        try run(["transcribe", "--grammar", path("11", "phrases.txt"), lamp], hears: "turn on the")
        for name in ["soft-hyphen.txt", "zero-width.txt"] {
            #expect(try run(["align", lamp, path("11", name)]).outputLines.count == 5)
        }
        let output = folder.path("x.arpa")
        for (name, problem) in [
            ("nul.txt", "NUL character"), ("plain.txt.bz2", "bzip2"), ("u16.txt", "UTF-16"),
        ] {
            let result = try run(["lm", "estimate", path("12", name), "--order", "2", "-o", output], exitCode: 1)
            #expect(result.errors.contains(problem) && result.errorLines.count == 1, "\(result.errors)")
        }
        try run(["lm", "estimate", path("12", "nbsp.txt"), "--order", "2", "-o", output], quietly: false)
        #expect(try !String(contentsOfFile: output, encoding: .utf8).contains("\u{A0}"))
    }

    @Test("14: labels that differ by punctuation are refused", arguments: ["punct.jsonl", "curly.jsonl"])
    func labels(manifest: String) throws {
        let copy = folder.path(manifest)
        let text = try String(contentsOfFile: path("14", manifest), encoding: .utf8)
        let audio = Folders.package.appendingPathComponent("audio").path
        try text.replacingOccurrences(of: "\"audio/", with: "\"\(audio)/").write(
            toFile: copy, atomically: true, encoding: .utf8)
        let result = try run(
            ["adapt", "--train", copy, "--freeze", "all", "--epochs", "2", "--output", folder.path("x.safetensors")],
            exitCode: 1)
        #expect(result.errors.contains("differ only by case, spaces or punctuation"), "\(result.errors)")
    }

    @Test("15, 17: references and manifests that cannot be right")
    func manifests() throws {
        let upper = try run(["evaluate", "--no-lm", "--manifest", path("15", "upper.jsonl")], quietly: false)
        #expect(upper.errors.contains("characters that the model cannot write"), "\(upper.errors)")
        for (name, problem) in [
            ("dupkey.jsonl", "twice"), ("offset0.jsonl", "offset"), ("tabtext.jsonl", "control character"),
            ("winrel.jsonl", "backslashes"),
        ] {
            let result = try run(
                ["evaluate", "--no-lm", "--show", "0", "--manifest", path("17", name)], exitCode: 1)
            #expect(result.errors.contains(problem), "\(result.errors)")
        }
    }

    @Test("16: messages name what a file is")
    func messages() throws {
        let law = try run(["transcribe", path("16", "v.ulaw")], exitCode: 1)
        #expect(law.errors.contains("µ-law without a header"), "\(law.errors)")
        for name in ["data_two.wav", "vflac.oga"] { try run(["transcribe", path("16", name)], hears: "turn on the") }
        let speex = try BuiltCommand.run(["transcribe", path("16", "v.spx")])
        #expect(speex.output.hasPrefix("turn on the") || speex.errors.contains("Speex"), "\(speex.errors)")
    }
}
