import Corpora
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ImportTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func texts(_ corpus: CorpusImport) -> [String] { corpus.rows.map(\.entry.text) }

    @Test func csvFieldsMayBeQuoted() {
        #expect(DelimitedText.parse(#"a,"b, ""c""",,d e"#) == .whole(["a", #"b, "c""#, "", "d e"]))
        #expect(DelimitedText.parse(#""""""#) == .whole([#"""#]))
        #expect(DelimitedText.parse(#"say "hi",b"#) == .whole([#"say "hi""#, "b"]))
        #expect(DelimitedText.parse(#""a"b,c"#) == .bad("text follows the closing quotation mark of field 1"))
        #expect(DelimitedText.parse(#"x,"a"#) == .open)
        for field in ["plain", "a,b", #"q"q"#, "two\nlines", " space", ""] {
            #expect(DelimitedText.parse(CSVField.quoted(field)) == .whole([field]))
        }
    }

    @Test func aQuotationMarkThatIsNotClosedCostsOneLine() throws {
        let path = try folder.lines(["a,b", "\"x,y", "c,d", "\"two", "lines\",e"], to: "t.csv", end: "\r\n")
        var table = try DelimitedText(path: path)
        var lines: [Int] = []
        var fields: [[String]?] = []
        while let record = try table.next() {
            lines.append(record.line)
            fields.append(try? record.fields.get())
        }
        // The open mark of line 2 is closed by that of line 4, after which text follows: line 2 alone is given up.
        #expect(lines == [1, 2, 3, 4])
        #expect(fields == [["a", "b"], nil, ["c", "d"], ["two\nlines", "e"]])
    }

    @Test func coquiCSV() throws {
        try folder.tone("clips/a.wav", seconds: 0.5)
        try folder.tone("clips/b, c.wav", seconds: 0.25)
        let csv = try folder.lines(
            [
                "\u{FEFF}wav_filename,wav_filesize,transcript", "clips/a.wav,16044,hello world",
                #""clips/b, c.wav",8044,"say ""yes"", please""#,
            ], to: "train.csv", end: "\r\n")
        let corpus = try CorpusImport(from: .coqui, source: csv)
        #expect(texts(corpus) == ["hello world", #"say "yes", please"#])
        #expect(corpus.rows.map(\.entry.duration) == [0.5, 0.25])
        #expect(corpus.rows.map(\.entry.audioFilePath) == ["clips/a.wav", "clips/b, c.wav"])
        #expect(corpus.badLines.isEmpty)
    }

    @Test func badLinesOfACorpusAreNamedAndTooManyRefused() throws {
        try folder.tone("a.wav")
        let csv = try folder.lines(
            ["wav_filename,wav_filesize,transcript", "a.wav,1,x", "a.wav,1", "missing.wav,1,y"], to: "t.csv")
        let corpus = try CorpusImport(from: .coqui, source: csv, maxBad: 0.9)
        #expect(corpus.badLines.map(\.line) == [3, 4])
        #expect(corpus.badLines[0].reason == "2 fields, and the header has 3")
        #expect(corpus.badLines[1].reason.contains("does not exist"))
        #expect(message { _ = try CorpusImport(from: .coqui, source: csv) }?.contains("--max-bad") == true)
        let other = try folder.lines(["path,text"], to: "o.csv")
        #expect(
            message { _ = try CorpusImport(from: .coqui, source: other) }?.contains("no column 'wav_filename'") == true)
    }

    @Test func kaldiFolder() throws {
        try folder.tone("data/a.wav")
        let b = try folder.tone("b.wav")
        try folder.lines(["s1-a a.wav", "s2-b \(b)"], to: "data/wav.scp")
        try folder.lines(["s2-b hello there", "s1-a"], to: "data/text")
        try folder.lines(["s1-a s1", "s2-b s2"], to: "data/utt2spk")
        let corpus = try CorpusImport(from: .kaldi, source: folder.path("data"))
        #expect(texts(corpus) == ["", "hello there"])
        #expect(corpus.rows.map(\.entry.speaker) == ["s1", "s2"])
        #expect(corpus.rows.map(\.entry.audioFilePath) == ["a.wav", b])
        #expect(corpus.rows[0].entry.other["utterance"] == .string("s1-a"))
    }

    @Test func kaldiCommandsArchivesAndSegmentsAreRefused() throws {
        try folder.tone("data/a.wav")
        try folder.lines(["a a.wav", "b sph2pipe -f wav b.sph |", "c x.ark:17", "d -"], to: "data/wav.scp")
        try folder.lines(["a one", "b two", "c three", "d four", "e five"], to: "data/text")
        let corpus = try CorpusImport(from: .kaldi, source: folder.path("data"), maxBad: 0.9)
        #expect(texts(corpus) == ["one"])
        #expect(corpus.badLines.map(\.line) == [2, 3, 4, 5])
        #expect(corpus.badLines[0].reason.contains("it is not run"))
        #expect(corpus.badLines[3].reason == "the utterance e is not in wav.scp")
        #expect(corpus.remarks.first?.contains("utt2spk is missing") == true)
        try folder.lines(["a-1 a 0 1"], to: "data/segments")
        #expect(
            message { _ = try CorpusImport(from: .kaldi, source: folder.path("data")) }?.contains("segments") == true)
    }

    @Test func libriSpeechTree() throws {
        try folder.tone("84/121/84-121-0000.wav")
        try folder.tone("84/121/84-121-0001.flac")
        try folder.lines(["84-121-0000 GO ON", "84-121-0001 DON'T"], to: "84/121/84-121.trans.txt")
        let corpus = try CorpusImport(
            from: .librispeech, source: folder.url.path, cleaning: TextCleaning(lowercase: true))
        #expect(texts(corpus) == ["go on", "don't"])
        #expect(corpus.rows.map(\.entry.speaker) == ["84", "84"])
        #expect(corpus.rows.allSatisfy { FileManager.default.fileExists(atPath: $0.audioPath) })
        let empty = try TemporaryFolder()
        #expect(
            message { _ = try CorpusImport(from: .librispeech, source: empty.url.path) }?.contains(".trans.txt") == true
        )
    }

    @Test func ljSpeechTakesTheNormalisedColumn() throws {
        try folder.tone("wavs/LJ1.wav")
        try folder.tone("wavs/LJ2.wav")
        try folder.lines([#"LJ1|In 1455|In "fourteen fifty-five"."#, "LJ2|Yes.|"], to: "metadata.csv")
        let corpus = try CorpusImport(from: .ljspeech, source: folder.url.path, speaker: "lj")
        #expect(texts(corpus) == [#"In "fourteen fifty-five"."#, "Yes."])
        #expect(corpus.rows.map(\.entry.speaker) == ["lj", "lj"])
    }

    @Test func commonVoiceTSV() throws {
        try folder.tone("clips/a.wav")
        try folder.tone("clips/b.wav")
        let tsv = try folder.lines(
            [
                "client_id\tpath\tsentence\tup_votes\tage", "c1\ta.wav\t\"\"\"Nun\"\", sagte er.\"\t2\ttwenties",
                "c2\tb.wav\t\"Ja\" und nein\t2\t",
            ], to: "train.tsv")
        let corpus = try CorpusImport(from: .commonVoice, source: tsv)
        #expect(texts(corpus) == [#""Nun", sagte er."#, #""Ja" und nein"#])
        #expect(corpus.rows.map(\.entry.speaker) == ["c1", "c2"])
        #expect(corpus.rows[0].entry.other == ["age": .string("twenties")])
    }

    @Test func cleaningKeepsApostrophesWithinWords() {
        let cleaning = TextCleaning(lowercase: true, dropsPunctuation: true)
        #expect(cleaning.clean("“Don’t,” she said — 'twas well-known!") == "don't she said twas well known")
        #expect(TextCleaning().clean("As it IS.") == "As it IS.")
    }

    @Test(arguments: CorpusExport.Format.allCases)
    func whatIsExportedIsImportedAgain(format: CorpusExport.Format) throws {
        try folder.tone("in/a.wav", seconds: 0.5)
        try folder.tone("in/b.wav", seconds: 0.25)
        try folder.lines(
            [
                #"{"audio_filepath": "a.wav", "text": "say \"hi\", you", "speaker": "z"}"#,
                #"{"audio_filepath": "b.wav", "text": "b", "speaker": "z"}"#,
            ], to: "in/m.jsonl")
        let rows = try Manifest(path: folder.path("in/m.jsonl")).rows
        try CorpusExport.write(rows, as: format, to: folder.path("out"))
        let corpus = try CorpusImport(from: format == .coqui ? .coqui : .kaldi, source: folder.path("out"))
        #expect(texts(corpus) == [#"say "hi", you"#, "b"])
        #expect(corpus.rows.map(\.entry.duration) == [0.5, 0.25])
        if format == .kaldi {
            #expect(try folder.read("out/spk2utt") == "z z-a z-b\n")
            #expect(try folder.read("out/text") == "z-a say \"hi\", you\nz-b b\n")
        }
    }
}
