import Foundation
import TestSupport
import Testing
import Transcription

@Suite struct CaptionTests {
    /// Words said one after the other, `pace` seconds each, with pauses after some.
    private func words(_ text: String, pace: Double = 0.35, pauses: [Int: Double] = [:]) -> [Word] {
        var time = 0.0
        return text.split(separator: " ").enumerated().map { index, word in
            defer { time += pace + (pauses[index] ?? 0) }
            return Word(text: String(word), start: time, end: time + pace, confidence: 1)
        }
    }

    @Test("cues hold every word once, in order, within the lines, the times and the recording", arguments: 0..<100)
    func invariants(seed: UInt64) throws {
        let options = CaptionOptions()
        let transcript = try Transcript.random(
            words: Int(seed) * 3, longestWord: seed % 7 == 0 ? 150 : 12, seed: seed)
        let cues = Captions(transcript).cues
        #expect(cues.flatMap(\.lines).joined().filter { $0 != " " } == transcript.words.map(\.text).joined())
        for (index, cue) in cues.enumerated() {
            #expect((1...options.lines).contains(cue.lines.count))
            #expect(cue.lines.allSatisfy { !$0.isEmpty && $0.count <= options.lineLength })
            #expect(cue.start < cue.end)
            #expect(Double(cue.end - cue.start) <= 1000 * options.longest)
            if index + 1 < cues.count {
                #expect(cue.end <= cues[index + 1].start)
                let room = cues[index + 1].start - cue.start - Int(1000 * options.gap)
                let wanted = max(options.shortest, Double(cue.text.count) / options.readingSpeed)
                // Long enough to be read wherever there is room.
                #expect(Double(cue.end - cue.start) + 2 >= min(1000 * wanted, Double(room), 1000 * options.longest))
            } else {
                #expect(Double(cue.end) <= 1000 * transcript.duration + 1)
            }
        }
    }

    @Test("a cue ends at a pause rather than a word before or after it")
    func pauses() throws {
        let said = "she sat by the fire and read the letter that had come from her brother in the north"
        let transcript = try Transcript.made(words(said, pauses: [8: 0.7]))
        #expect(
            Captions(transcript).cues.map(\.lines) == [
                ["she sat by the fire and read the letter"], ["that had come from her", "brother in the north"],
            ])
    }

    @Test("a long silence ends a cue, however short; the cue stays to be read and no longer")
    func silence() throws {
        let transcript = try Transcript.made(words("yes we are there now", pauses: [0: 6]))
        let cues = Captions(transcript).cues
        #expect(cues.map(\.text) == ["yes", "we are there now"])
        #expect(cues.first?.end == 1000)
    }

    @Test("a cue ends with a sentence rather than within one")
    func sentences() throws {
        let said = "We went to the station early. The train to the coast had left already, so we walked to the old inn."
        let cues = Captions(try Transcript.made(words(said, pace: 0.3))).cues
        #expect(cues.first?.lines == ["We went to the station early."])
        #expect(cues.count == 3 || cues.count == 2)
    }

    @Test("two lines are of nearly one length; one line stays one")
    func balance() {
        func lines(_ text: String) -> [String] {
            Captions.lines(of: text.split(separator: " ").map(String.init), CaptionOptions())
        }
        #expect(
            lines("the old man walked along the river and then home") == [
                "the old man walked along", "the river and then home",
            ])
        #expect(lines("turn on the lamp") == ["turn on the lamp"])
        #expect(lines(String(repeating: "a", count: 42)) == [String(repeating: "a", count: 42)])
    }

    @Test("no words make no cues")
    func none() throws {
        #expect(Captions(try Transcript.made([])).cues.isEmpty)
    }
}
