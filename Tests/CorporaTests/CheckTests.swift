import AudioIO
import Corpora
import Foundation
import TestSupport
import Testing

@Suite struct CheckTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes rows of (recording, text) to a manifest.
    private func manifest(
        _ rows: [(String, String)], speaker: String? = nil, duration: Double? = nil, to name: String = "m.jsonl"
    ) throws -> String {
        let entries = rows.map { ManifestEntry(audioFilePath: $0.0, duration: duration, text: $0.1, speaker: speaker) }
        try ManifestWriter.write(entries, to: folder.path(name))
        return folder.path(name)
    }

    private func check(_ path: String, _ change: (inout CheckOptions) -> Void = { _ in }) throws -> DataCheck {
        var options = CheckOptions()
        options.threads = 2
        change(&options)
        return try DataCheck([CheckInput(path: path)], options: options)
    }

    /// The kinds that were found, each with the lines of its examples.
    private func findings(_ check: DataCheck) -> [FindingKind: [Int]] {
        Dictionary(
            uniqueKeysWithValues: check.report.findings.map { finding in
                (finding.kind, finding.worst.compactMap { Int($0.place.split(separator: ":").last ?? "") })
            })
    }

    @Test func goodDataHaveNoFinding() throws {
        try folder.tone("a.wav", seconds: 1)
        try folder.tone("b.wav", seconds: 2, pitch: 500)
        let found = try check(manifest([("a.wav", "good morning"), ("b.wav", "good evening")])) {
            $0.characters = CharacterInventory("abcdefghijklmnopqrstuvwxyz")
        }
        #expect(found.report.findings == [] && found.report.isUsable)
        #expect(found.report.seconds == 3 && found.report.sampleRates == [16_000: 2])
        #expect(found.goodRows.map(\.entry.duration) == [1, 2])
    }

    @Test func recordingsThatCannotBeUsedAreBad() throws {
        try folder.tone("good.wav")
        try folder.tone("silent.wav", level: 0.001, sampleRate: 16_000)
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.tone("cut.wav", pitch: 300)))
        try folder.write(whole.prefix(whole.count / 2), to: "cut.wav")
        try folder.write("words".utf8, to: "text.wav")
        let writer = try AudioFileWriter(path: folder.path("nan.wav"), encoding: .float32, sampleRate: 16_000)
        try writer.write([Float](repeating: 0.1, count: 8_000) + [.nan])
        try writer.finish()
        let found = try check(
            manifest([
                ("good.wav", "fine"), ("silent.wav", "hello"), ("cut.wav", "hello"), ("text.wav", "hello"),
                ("nan.wav", "hello"), ("missing.wav", "hello"), ("good.wav", "fine"),
            ]))
        #expect(
            findings(found) == [
                .silent: [2], .damaged: [3], .doesNotOpen: [4, 6], .notFinite: [5], .repeated: [7],
            ])
        #expect(found.report.badRows == 6 && !found.report.isUsable)
        #expect(found.goodRows.map(\.entry.audioFilePath) == ["good.wav"])
    }

    @Test func brokenLinesCountAsBadRows() throws {
        try folder.tone("a.wav")
        let path = try folder.lines([#"{"audio_filepath": "a.wav", "text": "fine"}"#, "broken"], to: "m.jsonl")
        let found = try check(path) { $0.maxBad = 0.5 }
        #expect(findings(found) == [.brokenLine: [2]])
        #expect(found.report.rows == 2 && found.report.badShare == 0.5 && found.report.isUsable)
        #expect(try !check(path) { $0.maxBad = 0.49 }.report.isUsable)
    }

    @Test("words that a lexicon neither has nor lets guess are told")
    func pronunciations() throws {
        try folder.tone("a.wav")
        try folder.tone("b.wav", pitch: 500)
        let lexicon = try folder.lines(["good  G UH D", "morning  M AO R N IH NG"], to: "words.txt")
        let path = try manifest([("a.wav", "good morning"), ("b.wav", "good qqzz\u{4E00}")])
        let found = try check(path) { $0.lexicon = lexicon }
        #expect(findings(found) == [.unpronounced: [2]])
        #expect(throws: (any Error).self) { try check(path) { $0.lexicon = lexicon + ".none" } }
    }

    @Test func charactersOutsideTheVocabularyAreCountedWithTheirFirstPlace() throws {
        for name in ["a", "b", "c"] {
            try folder.tone("\(name).wav", pitch: Double(300 + name.utf8.reduce(0) { $0 + Int($1) }))
        }
        let path = try manifest([("a.wav", "tom & anna"), ("b.wav", "cafe\u{301}s"), ("c.wav", "ééé & so")])
        let found = try check(path) { $0.characters = CharacterInventory("abcdefghijklmnopqrstuvwxyz") }
        #expect(findings(found) == [.unknownCharacters: [3, 1, 2]])
        #expect(found.report.unknownCharacters.map(\.codePoints) == ["U+00E9", "U+0026"])
        #expect(found.report.unknownCharacters.map(\.count) == [4, 2])
        #expect(found.report.unknownCharacters.map(\.first) == ["\(path):2", "\(path):1"])
        // A model that is trained anew may have them.
        let new = try check(path) {
            $0.characters = CharacterInventory("abcdefghijklmnopqrstuvwxyz")
            $0.requiresCharacters = false
        }
        #expect(findings(new) == [.newCharacters: [3, 1, 2]] && new.report.badRows == 0 && new.report.isUsable)
        // Given decomposed, the vocabulary is composed too.
        let all = try check(path) { $0.characters = CharacterInventory("abcdefghijklmnopqrstuvwxyze\u{301}&") }
        #expect(all.report.findings == [])
    }

    @Test func aTextNeedsAStepForEachCharacterAndABlankBetweenRepeats() throws {
        #expect(CTCLength.shortest("ada") == 3)
        #expect(CTCLength.shortest("anna") == 5)
        #expect(CTCLength.shortest("aaa") == 5)
        #expect(CTCLength.shortest("") == 0)
        // 0.2 s: 18 frames of 25 ms each 10 ms, 6 steps of three; 0.18 s at speed 1.1: 16 frames, 5 steps.
        #expect(StepGeometry().steps(seconds: 0.2) == 6 && StepGeometry().steps(seconds: 0.2, speed: 1.1) == 5)
        #expect(StepGeometry().steps(seconds: 0) == 0 && StepGeometry().steps(seconds: 1e30) > 0)
        try folder.tone("a.wav", seconds: 0.2)
        try folder.tone("b.wav", seconds: 0.2, pitch: 500)
        let path = try manifest([("a.wav", "abcdef"), ("b.wav", "abccd")])
        #expect(try check(path) { $0.charactersPerSecond = 0...99 }.report.findings == [])
        let faster = try check(path) {
            $0.charactersPerSecond = 0...99
            $0.speeds = [0.9, 1, 1.1]
        }
        #expect(findings(faster) == [.tooShort: [1, 2]])
        #expect(faster.report.findings[0].worst[0].detail.contains("make 5 steps at speed 1.1, its text needs 6"))
    }

    @Test func whatIsDoubtfulIsNamedAndKept() throws {
        try folder.tone("loud.wav", pitch: 300, level: 3)
        try folder.tone("narrow.wav", sampleRate: 8_000)
        try folder.tone("slow.wav", seconds: 6)
        try folder.tone("fast.wav", seconds: 1, pitch: 350)
        let found = try check(
            manifest(
                [
                    ("loud.wav", "hello"), ("narrow.wav", "hello"), ("slow.wav", "hello"),
                    ("fast.wav", "twenty nine characters a sec."),
                ], duration: 1))
        #expect(findings(found) == [.clipped: [1], .narrow: [2], .duration: [3], .slow: [3], .fast: [4]])
        #expect(found.report.isUsable && found.goodRows.count == 4)
        #expect(found.goodRows[2].entry.duration == 6)
    }

    @Test func theSameSoundUnderTwoNamesIsFound() throws {
        for name in ["a", "b", "c", "d"] { try folder.tone("\(name).wav", pitch: name < "c" ? 300 : 400) }
        let found = try check(manifest([("a.wav", "yes"), ("b.wav", "yes"), ("c.wav", "yes"), ("d.wav", "no")]))
        #expect(findings(found) == [.sameSound: [2], .contradiction: [3, 4]])
        #expect(found.goodRows.map(\.entry.audioFilePath) == ["a.wav", "b.wav"])
    }

    @Test func whatTrainAndDevShareIsFound() throws {
        for (number, name) in ["a", "b", "c", "d"].enumerated() {
            try folder.tone("\(name).wav", pitch: 300 + 50 * Double(number))
        }
        try folder.tone("copy.wav", pitch: 300)
        let train = try manifest([("a.wav", "one"), ("b.wav", "two")], speaker: "ada", to: "train.jsonl")
        let dev = try manifest(
            [("c.wav", "two"), ("copy.wav", "one"), ("b.wav", "two")], speaker: "ada", to: "dev.jsonl")
        let inputs = [CheckInput(path: train, role: .train), CheckInput(path: dev, role: .dev)]
        let found = try DataCheck(inputs, options: CheckOptions())
        #expect(
            findings(found) == [.sharedSound: [2, 3], .sharedSpeaker: [1], .sameText: [3], .sharedText: [1, 2, 3]])
        #expect(
            found.report.findings.first { $0.kind == .sharedSpeaker }?.worst[0].detail == "ada: 3 rows here, 2 in train"
        )
        #expect(found.goodRows.map(\.entry.audioFilePath) == ["a.wav", "b.wav", "c.wav"])
    }

    @Test func silenceWithoutTextIsNoFault() throws {
        try folder.tone("a.wav", level: 0)
        try folder.tone("b.wav", level: 0)
        let found = try check(manifest([("a.wav", ""), ("b.wav", "")]))
        #expect(findings(found) == [.emptyText: [1, 2]] && found.report.isUsable)
    }

    @Test func progressIsCountedToTheEnd() throws {
        try folder.tone("a.wav")
        let path = try manifest((0..<20).map { _ in ("a.wav", "text") })
        let last = LastProgress()
        var options = CheckOptions()
        options.threads = 4
        _ = try DataCheck([CheckInput(path: path)], options: options) { last.value = $0 }
        #expect(last.value?.done == 20 && last.value?.total == 20 && last.value?.seconds == 20)
    }
}

/// Written to by one thread at a time, as progress promises.
private final class LastProgress: @unchecked Sendable {
    var value: RowProgress?
}
