import TestSupport
import Testing
import Transcription

@Suite struct GrowingTranscriptTests {
    /// What is written when words come a few at a time.
    private func grown(
        _ transcript: Transcript, _ format: TranscriptFormat, namesFiles: Bool = false, seed: UInt64
    ) throws -> (text: String, pieces: Int) {
        var draws = SeededGenerator(seed: seed)
        var growing = try #require(
            GrowingTranscript(format, file: transcript.file, namesFiles: namesFiles, channel: 2))
        var (text, pieces) = ("", 0)
        // The last word is never settled before the end.
        var rest = transcript.words.dropLast(transcript.words.isEmpty ? 0 : Int.random(in: 1...3, using: &draws))
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 0...9, using: &draws))
            let piece = try growing.add(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
            (text, pieces) = (text + piece, pieces + (piece.isEmpty ? 0 : 1))
        }
        return (text + (try growing.finish(transcript)), pieces)
    }

    @Test(
        "what is written as it comes is, joined, what is written of the whole",
        arguments: [TranscriptFormat.text, .srt, .vtt, .ctm, .tsv])
    func asTheWhole(_ format: TranscriptFormat) throws {
        for seed in UInt64(0)..<20 {
            let transcript = try Transcript.random(words: Int(seed) * 7, seed: seed)
            for namesFiles in [false, true] {
                let whole = try format.writer(namesFiles: namesFiles, channel: 2).body(of: transcript)
                let (text, pieces) = try grown(transcript, format, namesFiles: namesFiles, seed: seed)
                #expect(text == whole, "seed \(seed)")
                #expect(pieces > 1 || seed < 10, "seed \(seed): \(pieces) pieces")
            }
        }
    }

    @Test("formats that are known at the end do not grow", arguments: [TranscriptFormat.json, .textgrid])
    func others(_ format: TranscriptFormat) {
        #expect(GrowingTranscript(format, file: "a.wav") == nil)
    }

    @Test(
        "a transcript read back from its JSON gives every other format the same", arguments: TranscriptFormat.allCases)
    func readBack(_ format: TranscriptFormat) throws {
        for seed in UInt64(0)..<5 {
            let transcript = try Transcript.random(words: 60, seed: seed)
            let line = try JSONWriter().body(of: transcript)
            let back = try JSONWriter.transcript(from: line)
            // What is noticed in a recording is not read back, and is in JSON alone.
            #expect(
                try format.writer().document(of: back) == format.writer().document(of: transcript) || format == .json)
            #expect(back.words.map(\.start) == transcript.words.map(\.start))
        }
        #expect(throws: (any Error).self) { try JSONWriter.transcript(from: "{}") }
    }
}
