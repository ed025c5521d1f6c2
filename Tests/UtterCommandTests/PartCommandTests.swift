import Foundation
import TestSupport
import Testing

/// Parts of recordings, and recordings that somebody stops.
@Suite struct PartCommandTests {
    private struct Record: Decodable {
        struct Word: Decodable {
            let word: String
            let start: Double
            let end: Double
        }
        let words: [Word]
        let duration: Double
        let start: Double?
        let stopped: Bool?
    }

    private let ten = "audio/ten-seconds.wav"

    private func run(_ arguments: [String]) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["transcribe"] + arguments, in: Folders.package)
    }

    private func record(_ arguments: [String]) throws -> Record {
        let result = try run(["--format", "json"] + arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        return try JSONDecoder().decode(Record.self, from: Data(result.output.utf8))
    }

    @Test("a part has the words that are said in it, at the times of the recording")
    func part() throws {
        let whole = try record([ten])
        #expect(whole.start == nil && whole.stopped == nil)
        // From a pause to a pause.
        let pauses = zip(whole.words, whole.words.dropFirst()).filter { $1.start - $0.end > 0.08 }
        let first = try #require(pauses.first)
        let last = try #require(pauses.last)
        let (from, to) = ((first.0.end + first.1.start) / 2, (last.0.end + last.1.start) / 2)
        let part = try record([ten, "--from", "\(from)", "--to", "0:\(to)"])
        let expected = whole.words.filter { $0.start > from && $0.end < to }
        #expect(part.words.map(\.word) == expected.map(\.word) && expected.count > 1)
        for (a, b) in zip(part.words, expected) { #expect(abs(a.start - b.start) < 0.1) }
        #expect(abs((part.start ?? 0) - from) < 1e-3 && abs(part.duration - (to - from)) < 1e-3)
    }

    @Test("what cannot be a part is told")
    func refused() throws {
        for (arguments, said) in [
            (["--from", "5", "--to", "5"], "must end after it begins"), (["--from", "1:60"], "--from"),
            (["--to", "-1"], "--to"), (["--from", "nan"], "--from"),
        ] {
            let result = try run(arguments + [ten])
            #expect(result.exitCode == 2 && result.errors.contains(said), "\(result.errors)")
        }
        let behind = try run(["--from", "1:00", ten])
        #expect(behind.exitCode == 1 && behind.output == "" && behind.errors.contains("ends before the part begins"))
        #expect(behind.errorLines.count == 1)
    }
}
