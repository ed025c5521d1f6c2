import Foundation
import TestSupport
import Testing
import Transcription

/// A cue as it is read back.
private struct ReadCue: Equatable {
    var start: Int
    var end: Int
    var text: String
}

/// Milliseconds of `hh:mm:ss,mmm` or `hh:mm:ss.mmm`; nil where it is neither.
private func milliseconds(_ clock: Substring, point: Character) -> Int? {
    let parts = clock.split(separator: ":")
    guard parts.count == 3, let hours = Int(parts[0]), let minutes = Int(parts[1]), minutes < 60 else { return nil }
    let seconds = parts[2].split(separator: point)
    guard seconds.count == 2, seconds[0].count == 2, seconds[1].count == 3, let whole = Int(seconds[0]),
        let fraction = Int(seconds[1]), whole < 60
    else { return nil }
    return ((hours * 60 + minutes) * 60 + whole) * 1000 + fraction
}

/// Cues as a player would read them: blocks apart by empty lines, each with a line of times.
private func cues(_ text: String, point: Character) throws -> [ReadCue] {
    try text.components(separatedBy: "\n\n").compactMap { block in
        let lines = block.split(separator: "\n", omittingEmptySubsequences: true)
        guard let arrow = lines.firstIndex(where: { $0.contains(" --> ") }) else { return nil }
        let times = lines[arrow].split(separator: " ")
        try #require(times.count == 3 && times[1] == "-->")
        return ReadCue(
            start: try #require(milliseconds(times[0], point: point)),
            end: try #require(milliseconds(times[2], point: point)),
            text: lines[(arrow + 1)...].joined(separator: "\n"))
    }
}

@Suite struct WriterTests {
    @Test("SRT is read back: numbers from 1, times, text", arguments: 0..<20)
    func srt(seed: UInt64) throws {
        let transcript = try Transcript.random(words: 80, seed: seed)
        let document = try SRTWriter().document(of: transcript)
        let expected = Captions(transcript).cues
        #expect(try cues(document, point: ",") == expected.map { ReadCue(start: $0.start, end: $0.end, text: $0.text) })
        let numbers = document.components(separatedBy: "\n\n").dropLast().map { $0.split(separator: "\n")[0] }
        #expect(numbers == expected.indices.map { "\($0 + 1)" })
    }

    @Test("VTT is read back, its escapes undone", arguments: 0..<20)
    func vtt(seed: UInt64) throws {
        let transcript = try Transcript.random(words: 80, seed: seed)
        let document = try VTTWriter().document(of: transcript)
        #expect(document.hasPrefix("WEBVTT\n\n"))
        let read = try cues(document, point: ".").map { cue in
            var cue = cue
            #expect(!cue.text.contains("<") && !cue.text.contains(">"))
            for (escape, character) in [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
                cue.text = cue.text.replacingOccurrences(of: escape, with: character)
            }
            return cue
        }
        let expected = Captions(transcript).cues.map { ReadCue(start: $0.start, end: $0.end, text: $0.text) }
        #expect(read == expected)
    }

    @Test("an arrow in the text cannot be taken for times")
    func arrows() throws {
        let transcript = try Transcript.made([Word(text: "a-->b", start: 3599.9995, end: 3601, confidence: 1)])
        #expect(try SRTWriter().document(of: transcript) == "1\n01:00:00,000 --> 01:00:01,000\na→b\n\n")
        #expect(
            try VTTWriter().document(of: transcript) == "WEBVTT\n\n01:00:00.000 --> 01:00:01.000\na--&gt;b\n")
    }

    @Test("CTM has six columns: file, channel, start, duration, word, confidence")
    func ctm() throws {
        let words = [
            Word(text: "two", start: 0.1, end: 0.35, confidence: 0.5),
            Word(text: "twenty one", start: 61.001, end: 61.5, confidence: 1),
        ]
        let transcript = try Transcript.made(words, name: "some/my talk.flac")
        #expect(
            try CTMWriter(channel: 2).document(of: transcript) == """
                my_talk 2 0.100 0.250 two 0.5000
                my_talk 2 61.001 0.499 twenty_one 1.0000

                """)
        #expect(try CTMWriter().document(of: try .made([], name: "-")).isEmpty)
        let piped = try CTMWriter().document(of: try .made([words[0]], name: "-"))
        #expect(piped.hasPrefix("standard-input 1 "))
    }

    @Test("TSV always has five columns")
    func tsv() throws {
        let transcript = try Transcript.made(
            [Word(text: "hello", start: 1, end: 1.5, confidence: 0.25)], name: "a\tb\n.wav")
        #expect(
            try TSVWriter().document(of: transcript)
                == "file\tstart\tend\tconfidence\tword\na\\tb\\n.wav\t1.000\t1.500\t0.2500\thello\n")
    }

    @Test("JSON holds the words, and refuses what is no number")
    func json() throws {
        let transcript = try Transcript.random(words: 30, seed: 4)
        let document = try JSONWriter().document(of: transcript)
        #expect(document.hasSuffix("}\n") && document.filter { $0 == "\n" }.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any]
        let words = try #require(object?["words"] as? [[String: Any]])
        #expect(words.map { $0["word"] as? String } == transcript.words.map(\.text))
        #expect(words.map { $0["start"] as? Double } == transcript.words.map(\.start))
        #expect(words.map { $0["end"] as? Double } == transcript.words.map(\.end))
        for (word, expected) in zip(words, transcript.words) {
            #expect(abs((word["confidence"] as? Double ?? -1) - expected.confidence) < 1e-4)
        }
        #expect(object?["text"] as? String == transcript.text)
        let broken = try Transcript.made([Word(text: "a", start: 0, end: 1, confidence: .nan)])
        #expect(throws: EncodingError.self) { try JSONWriter().body(of: broken) }
    }

    @Test("a TextGrid is read back: intervals without gaps from 0 to the end, quotes doubled", arguments: 0..<20)
    func textGrid(seed: UInt64) throws {
        let transcript = try Transcript.random(words: Int(seed) * 4, seed: seed)
        let lines = try TextGridWriter().document(of: transcript).split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        #expect(lines.starts(with: ["File type = \"ooTextFile\"", "Object class = \"TextGrid\"", "xmin = 0"]))
        func value(_ line: String, _ key: String) throws -> String {
            try #require(line.hasPrefix(key + " = "), "\(line)")
            return String(line.dropFirst(key.count + 3))
        }
        let first = try #require(lines.firstIndex(of: "intervals [1]:"))
        let count = Int(try value(lines[first - 1], "intervals: size"))
        var words: [Word] = []
        var time = 0.0
        var number = 0
        for index in stride(from: first, to: lines.count, by: 4) {
            number += 1
            #expect(lines[index] == "intervals [\(number)]:")
            let start = try #require(Double(value(lines[index + 1], "xmin")))
            let end = try #require(Double(value(lines[index + 2], "xmax")))
            #expect(start == time && end > start)
            time = end
            let quoted = try value(lines[index + 3], "text")
            let text = quoted.dropFirst().dropLast().replacingOccurrences(of: "\"\"", with: "\"")
            if !text.isEmpty { words.append(Word(text: text, start: start, end: end, confidence: 0)) }
        }
        #expect(number == count)
        #expect(abs(time - transcript.duration) < 1e-3)
        #expect(words.map(\.text) == transcript.words.map(\.text))
        #expect(words.map(\.start) == transcript.words.map(\.start))
        #expect(words.map(\.end) == transcript.words.map(\.end))
    }

    @Test("each format has an ending of its own, and a writer that takes a recording without words")
    func formats() throws {
        #expect(Set(TranscriptFormat.allCases.map(\.fileExtension)).count == TranscriptFormat.allCases.count)
        let nothing = try Transcript.made([], duration: 2)
        let documents = try TranscriptFormat.allCases.map { try $0.writer().document(of: nothing) }
        #expect(documents[0] == "\n")
        #expect(documents[2] == "" && documents[3] == "WEBVTT\n")
        #expect(documents[5].contains("intervals: size = 1\n"))
    }
}
