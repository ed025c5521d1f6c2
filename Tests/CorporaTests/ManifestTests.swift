import Corpora
import Foundation
import TestSupport
import Testing

@Suite struct ManifestTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func manifest(_ lines: [String], end: String = "\n", maxBad: Double = 0.5) throws -> Manifest {
        try Manifest(path: folder.lines(lines, to: "m.jsonl", end: end), maxBad: maxBad)
    }

    @Test func aLineIsARecordingAndItsText() throws {
        let read = try manifest([
            #"{"audio_filepath": "x/a.wav", "duration": 1.5, "text": "one two", "speaker": "ada"}"#
        ])
        let row = try #require(read.rows.first)
        #expect(row.entry == ManifestEntry(audioFilePath: "x/a.wav", duration: 1.5, text: "one two", speaker: "ada"))
        #expect(row.audioPath == folder.path("x/a.wav"))
        #expect(row.place == folder.path("m.jsonl") + ":1")
    }

    @Test func absolutePathsStayAndADashIsAFile() throws {
        let read = try manifest([
            #"{"audio_filepath": "/far/a.wav", "text": ""}"#, #"{"audio_filepath": "-", "text": "b"}"#,
        ])
        #expect(read.rows.map(\.audioPath) == ["/far/a.wav", folder.path("-")])
        #expect(row("-").audioPath == "./-")
    }

    @Test func byteOrderMarkCarriageReturnsAndEmptyLinesArePassedOver() throws {
        let read = try manifest(
            [
                "\u{FEFF}" + #"{"audio_filepath": "a", "text": "t"}"#, "", "  ",
                #"{"audio_filepath": "b", "text": "u"}"#,
            ],
            end: "\r\n")
        #expect(read.rows.map(\.line) == [1, 4])
        #expect(read.rows.map(\.entry.text) == ["t", "u"])
        #expect(read.badLines.isEmpty && read.counts.lines == 2)
    }

    @Test func theLastLineNeedsNoEnd() throws {
        let path = try folder.write(#"{"audio_filepath": "a", "text": "t"}"#.utf8, to: "m.jsonl")
        #expect(try Manifest(path: path).rows.count == 1)
    }

    @Test func linesAcrossBlocksStayWhole() throws {
        let long = String(repeating: "wört ", count: 30_000) + "end"
        let read = try manifest((0..<5).map { #"{"audio_filepath": "\#($0)", "text": "\#(long)"}"# })
        #expect(read.rows.count == 5 && read.rows.allSatisfy { $0.entry.text == long })
    }

    @Test func decomposedAccentsAreComposedAndCounted() throws {
        let read = try manifest([
            #"{"audio_filepath": "a", "text": "cafe\u0301"}"#, #"{"audio_filepath": "b", "text": "café"}"#,
            #"{"audio_filepath": "c", "text": " two\twords\r\n"}"#,
        ])
        #expect(Array(read.rows[0].entry.text.unicodeScalars) == Array("caf\u{E9}".unicodeScalars))
        #expect(read.rows[2].entry.text == "two words")
        #expect(read.counts.normalised == 2)
    }

    @Test func emptyTextsAndMissingFieldsAreCounted() throws {
        let read = try manifest([
            #"{"audio_filepath": "a", "duration": 1, "text": "", "speaker": "s"}"#,
            #"{"audio_filepath": "b", "text": "t"}"#,
        ])
        #expect(read.counts.emptyTexts == 1 && read.counts.withoutDuration == 1 && read.counts.withoutSpeaker == 1)
    }

    @Test func aRowThatStandsTwiceIsTakenOnceUnlessAskedFor() throws {
        let line = #"{"audio_filepath": "a", "text": "t"}"#
        let path = try folder.lines([line, line, #"{"audio_filepath": "a", "text": "u"}"#], to: "m.jsonl")
        let read = try Manifest(path: path)
        #expect(read.rows.map(\.line) == [1, 3] && read.counts.duplicates == 1)
        #expect(try Manifest(path: path, keepsDuplicates: true).rows.count == 3)
    }

    @Test(arguments: [
        ("nonsense", "not a JSON object"), ("[1]", "not a JSON object"), ("null", "not a JSON object"),
        (#"{"text": "t"}"#, "no field 'audio_filepath'"),
        (#"{"audio_filepath": "", "text": "t"}"#, "holds no path"),
        (#"{"audio_filepath": "a\u0000", "text": "t"}"#, "holds no path"),
        (#"{"audio_filepath": 7, "text": "t"}"#, "'audio_filepath' is not a string"),
        (#"{"audio_filepath": "a"}"#, "no field 'text'"),
        (#"{"audio_filepath": "a", "text": ["t"]}"#, "'text' is not a string"),
        (#"{"audio_filepath": "a", "text": "t", "duration": -1}"#, "not a number of seconds"),
        (#"{"audio_filepath": "a", "text": "t", "duration": "1"}"#, "not a number of seconds"),
        (#"{"audio_filepath": "a", "text": "t", "duration": 1e999}"#, "not a number of seconds"),
        (#"{"audio_filepath": "a", "text": "t", "offset": 3.5}"#, "parts of a recording are not read"),
        (String(repeating: "[", count: 100_000), "not a JSON object"),
    ])
    func aBrokenLineIsSkippedAndNamed(line: String, reason: String) throws {
        let read = try manifest([#"{"audio_filepath": "a", "text": "good"}"#, line])
        #expect(read.rows.count == 1)
        let bad = try #require(read.badLines.first)
        #expect(bad.description.hasPrefix(folder.path("m.jsonl") + ":2: ") && bad.reason.contains(reason))
    }

    @Test func aLineThatIsNotUTF8IsSkippedAndNamed() throws {
        let good = #"{"audio_filepath": "a", "text": "t"}"# + "\n"
        let path = try folder.write(Array(good.utf8) + [0xff, 0x80, 0x0a] + Array(good.utf8), to: "m.jsonl")
        let read = try Manifest(path: path, maxBad: 0.5, keepsDuplicates: true)
        #expect(read.rows.map(\.line) == [1, 3] && read.badLines.map(\.reason) == ["not UTF-8 text"])
    }

    @Test func tooManyBadLinesAreRefused() throws {
        let lines = (0..<18).map { #"{"audio_filepath": "\#($0)", "text": "t"}"# }
        #expect(try manifest(lines + ["x"], maxBad: 0.06).rows.count == 18)
        let refusal = message { _ = try manifest(lines + ["x", "y"], maxBad: 0.06) }
        #expect(refusal?.contains("2 of 20 lines are bad, first line 19: not a JSON object") == true)
        #expect(refusal?.contains("--max-bad") == true)
    }

    @Test func whatCannotBeOpenedIsNamed() throws {
        #expect(message { _ = try Manifest(path: "missing.jsonl") } == "missing.jsonl: does not exist; check the path")
        #expect(message { _ = try Manifest(path: folder.url.path) }?.contains("is a folder") == true)
        #expect(message { _ = try Manifest(path: "a\0b") }?.contains("does not exist") == true)
        let empty = try folder.write([], to: "empty.jsonl")
        #expect(message { _ = try Manifest(path: empty) }?.contains("holds no row") == true)
        let wide = try folder.write([0xff, 0xfe, 0x7b, 0x00], to: "wide.jsonl")
        #expect(message { _ = try Manifest(path: wide) }?.contains("UTF-16") == true)
    }

    @Test func fieldsOfOtherNamesAreKept() throws {
        let line =
            #"{"audio_filepath": "a \"b\".wav", "duration": 0.1, "text": "t", "speaker": "s", "#
            + #""age": 7, "tags": ["x", null, true, 2.5], "where": {"room": "hall\n"}}"#
        let read = try manifest([line])
        try ManifestWriter.write(read.rows.map(\.entry), to: folder.path("out.jsonl"))
        #expect(try folder.read("out.jsonl") == line + "\n")
        #expect(try Manifest(path: folder.path("out.jsonl")).rows.map(\.entry) == read.rows.map(\.entry))
    }

    @Test func aManifestElsewhereNamesTheSameRecordings() throws {
        try folder.tone("corpus/clips/a.wav", seconds: 0.1)
        try folder.lines(
            [#"{"audio_filepath": "clips/a.wav", "text": "t"}"#, #"{"audio_filepath": "/b.wav", "text": ""}"#],
            to: "corpus/m.jsonl")
        try FileManager.default.createDirectory(atPath: folder.path("out/deep"), withIntermediateDirectories: true)
        try ManifestWriter.write(
            Manifest(path: folder.path("corpus/m.jsonl")).rows, to: folder.path("out/deep/new.jsonl"))
        let rows = try Manifest(path: folder.path("out/deep/new.jsonl")).rows
        #expect(rows.map(\.entry.audioFilePath) == ["../../corpus/clips/a.wav", "/b.wav"])
        #expect(FileManager.default.fileExists(atPath: rows[0].audioPath))
    }

    @Test func aManifestReplacesAnOlderOneAndLeavesNothingBesideIt() throws {
        let path = try folder.lines(["old"], to: "m.jsonl")
        let entries = (0..<10).lazy.map { _ in ManifestEntry(audioFilePath: "a", text: "t") }
        #expect(message { try ManifestWriter.write(entries, to: folder.path("no/such/m.jsonl")) } != nil)
        try ManifestWriter.write(entries, to: path)
        #expect(try folder.read("m.jsonl").split(separator: "\n").count == 10)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["m.jsonl"])
    }
}
