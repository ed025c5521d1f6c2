import AudioIO
import Foundation
import TestSupport
import Testing

private let lamp = "audio/turn-on-the-lamp.wav"

@Suite struct AlignCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String..., standardInput: URL? = nil) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["align"] + arguments, standardInput: standardInput)
    }

    /// The columns of the lines after the first.
    private func rows(_ result: BuiltCommand.Result) -> [[String]] {
        result.outputLines.dropFirst().map { $0.split(separator: "\t").map(String.init) }
    }

    @Test("words of a known text come as they are written, in time, as a table")
    func table() throws {
        let result = try run(lamp, "--text", "Turn on the lamp.")
        #expect(result.exitCode == 0)
        #expect(result.errors == "")
        #expect(result.outputLines.first == "file\tstart\tend\tconfidence\tword")
        let rows = rows(result)
        #expect(rows.map { $0[4] } == ["Turn", "on", "the", "lamp."])
        #expect(rows.allSatisfy { $0[0] == lamp })
        // flite's own word starts of this recording.
        for (row, known) in zip(rows, [0.149, 0.561, 0.852, 0.918]) {
            #expect(abs((Double(row[1]) ?? 0) - known) < 0.08)
        }
    }

    @Test("the text comes from a file, with CRLF and a byte order mark, or from standard input")
    func sources() throws {
        let path = try folder.write(Array("\u{FEFF}turn on\r\nthe lamp\r\n".utf8), to: "said.txt")
        let fromFile = try run(lamp, path)
        #expect(fromFile.exitCode == 0)
        #expect(rows(fromFile).map { $0[4] } == ["turn", "on", "the", "lamp"])
        let piped = try run(lamp, "-", standardInput: URL(fileURLWithPath: path))
        #expect(piped.output == fromFile.output)
        let sound = try run("-", path, standardInput: Folders.package.appendingPathComponent(lamp))
        #expect(rows(sound).map { $0.dropFirst() } == rows(fromFile).map { $0.dropFirst() })
    }

    @Test("any of the formats, several into a folder")
    func formats() throws {
        #expect(try run(lamp, "--text", "turn on the lamp", "--format", "text").output == "turn on the lamp\n")
        let out = folder.path("new/folder")
        let result = try run(
            lamp, "--text", "turn on the lamp", "--format", "srt,vtt,json,ctm,textgrid,tsv,text", "--output-dir", out)
        #expect(result.exitCode == 0)
        #expect(result.output == "")
        let files = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
        #expect(
            files == ["TextGrid", "ctm", "json", "srt", "tsv", "txt", "vtt"].map { "turn-on-the-lamp.\($0)" })
    }

    @Test("what cannot be aligned gets one line and exit code 1")
    func refused() throws {
        let empty = try folder.write([], to: "empty.txt")
        let binary = try folder.write([0x66, 0xff, 0xfe, 0x0a], to: "binary.txt")
        let silent = folder.path("silent.wav")
        try AudioFileWriter.write(
            Waveform(samples: [Float](repeating: 0, count: 16_000), sampleRate: 16_000), to: silent)
        let cases: [([String], String)] = [
            ([lamp, empty], "holds no word: give what is said in the recording"),
            ([lamp, "--text", ""], "\"--text\" holds no word"),
            ([lamp, binary], "line 1: not UTF-8 text; save it as UTF-8 text"),
            ([lamp, folder.path("none.txt")], "does not exist; check the path"),
            ([lamp, folder.url.path], "is a folder"),
            (
                [lamp, "--text", "turn 2 lamps on"],
                "no pronunciation can be guessed: \"2\" (line 1); write them as they are spoken"
            ),
            ([lamp, "audio/household.txt"], "is too long for \"\(lamp)\": it takes"),
            ([silent, "--text", "lamp"], "is digital silence"),
            (["no/such.wav", "--text", "lamp"], "does not exist"),
            ([lamp, "--text", "lamp", "--output-dir", lamp], "cannot be made a folder"),
        ]
        for (arguments, message) in cases {
            let result = try BuiltCommand.run(["align"] + arguments)
            #expect(result.exitCode == 1, "\(arguments)")
            #expect(result.output == "", "\(arguments)")
            #expect(result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errors.hasPrefix("error: ") && result.errors.contains(message), "\(result.errors)")
        }
    }

    @Test("the text of another recording is aligned, with a warning that it hardly fits")
    func wrongText() throws {
        let result = try run("audio/play-the-next-song.wav", "--text", "he quickly fixed zebra jazz")
        #expect(result.exitCode == 0)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains("hardly fits the recording"))
        let quiet = try run("--quiet", "audio/play-the-next-song.wav", "--text", "he quickly fixed zebra jazz")
        #expect(quiet.errors == "")
        #expect(quiet.output == result.output)
    }

    @Test("a text file or --text, and one of the two from standard input")
    func usage() throws {
        for arguments in [
            [lamp], [lamp, "a.txt", "--text", "lamp"], ["-", "-"], [lamp, "--text", "lamp", "--format", "json,srt"],
            [lamp, "--text", "lamp", "--format", "xml"],
            [lamp, "--text", "lamp", "--output", "a", "--output-dir", "b"],
        ] {
            let result = try BuiltCommand.run(["align"] + arguments)
            #expect(result.exitCode == 2, "\(arguments)")
            #expect(result.errors.contains("Usage: utter align"))
        }
    }
}

@Suite struct TranscriptFormatTests {
    private let folder: TemporaryFolder
    private let files = [lamp, "audio/turn-to-the-left.flac"]

    init() throws { folder = try TemporaryFolder() }

    @Test("several recordings in one table, its head once; a CTM file of them all")
    func severalInOne() throws {
        let table = try BuiltCommand.run(["transcribe", "--format", "tsv"] + files)
        #expect(table.outputLines.count { $0.hasPrefix("file\t") } == 1)
        #expect(table.outputLines.count == 1 + 4 + 4)
        let ctm = try BuiltCommand.run(["transcribe", "--format", "ctm"] + files)
        let words = ctm.outputLines.map { $0.split(separator: " ")[4] }
        #expect(words == "turn on the lamp turn to the left".split(separator: " "))
        #expect(ctm.outputLines.allSatisfy { $0.split(separator: " ").count == 6 })
    }

    @Test("JSON has words in time beside what it always had")
    func json() throws {
        let result = try BuiltCommand.run(["transcribe", "--format", "json", lamp])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let keys = ["channels", "duration", "file", "model", "sample_rate", "text", "warnings", "words"]
        #expect(object?.keys.sorted() == keys)
        let words = try #require(object?["words"] as? [[String: Any]])
        #expect(words.map { $0["word"] as? String } == ["turn", "on", "the", "lamp"])
        #expect(words.allSatisfy { $0.keys.sorted() == ["confidence", "end", "start", "word"] })
    }

    @Test("formats go to a folder, a file for each recording and format; what fails leaves the others")
    func folderOfFiles() throws {
        let out = folder.path("out")
        let result = try BuiltCommand.run(
            ["transcribe", "--format", "srt,json", "--output-dir", out, files[0], "no/such.wav", files[1]])
        #expect(result.exitCode == 1)
        #expect(result.output == "")
        #expect(result.errorLines.count == 2)
        #expect(result.errors.contains("\(out): 4 files"))
        let written = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
        let names = ["turn-on-the-lamp.json", "turn-on-the-lamp.srt", "turn-to-the-left.json", "turn-to-the-left.srt"]
        #expect(written == names)
        let srt = try String(contentsOfFile: out + "/turn-on-the-lamp.srt", encoding: .utf8)
        #expect(srt.hasPrefix("1\n00:00:00,") && srt.hasSuffix("\nturn on the lamp\n\n"))
    }

    @Test("what would not know where to go is wrong usage, before anything is written")
    func refused() throws {
        let out = folder.path("out")
        for arguments in [
            ["--format", "srt,json", lamp], ["--format", "srt"] + files, ["--format", "text,", lamp],
            ["--output-dir", out, lamp, "elsewhere/turn-on-the-lamp.flac"],
        ] {
            let result = try BuiltCommand.run(["transcribe"] + arguments)
            #expect(result.exitCode == 2, "\(arguments)")
            #expect(result.output == "")
        }
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test("a recording is never replaced by its own transcript")
    func ownInput() throws {
        // A recording with the ending of a text.
        let bytes = try Data(contentsOf: Folders.package.appendingPathComponent(lamp))
        let path = try folder.write(bytes, to: "talk.txt")
        let result = try BuiltCommand.run(["transcribe", "--output-dir", folder.url.path, path])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("would be replaced, and is also read"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
}
