import Corpora
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct ErrorRateTests {
    private struct Pairs: Decodable {
        let pairs: [Pair]
        let corpusWER: Double
        let corpusCER: Double

        struct Pair: Decodable {
            let ref: String
            let hyp: String
            let wer: Double
            let cer: Double
            let wordEdits: [Int]
            let characterEdits: [Int]

            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: Key.self)
                ref = try fields.decode(String.self, forKey: .ref)
                hyp = try fields.decode(String.self, forKey: .hyp)
                wer = try fields.decode(Double.self, forKey: .wer)
                cer = try fields.decode(Double.self, forKey: .cer)
                wordEdits = try [Key.S, .D, .I].map { try fields.decode(Int.self, forKey: $0) }
                characterEdits = try [Key.cS, .cD, .cI].map { try fields.decode(Int.self, forKey: $0) }
            }

            // swift-format-ignore: AlwaysUseLowerCamelCase
            enum Key: String, CodingKey {
                case ref, hyp, wer, cer, S, D, I, cS, cD, cI
            }
        }

        enum CodingKeys: String, CodingKey {
            case pairs
            case corpusWER = "corpus_wer"
            case corpusCER = "corpus_cer"
        }
    }

    @Test(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
    func ratesAgreeWithJiwer() throws {
        let folder = try #require(Folders.reference)
        let data = try Data(contentsOf: folder.appendingPathComponent("wer.json"))
        let expected = try JSONDecoder().decode(Pairs.self, from: data)
        var total = ErrorRate()
        for pair in expected.pairs {
            let found = ErrorRate(reference: pair.ref, hypothesis: pair.hyp)
            total += found
            #expect(abs((found.words.rate ?? .nan) - pair.wer) < 1e-9, "\(pair.ref)")
            #expect(abs((found.characters.rate ?? .nan) - pair.cer) < 1e-9, "\(pair.ref)")
            #expect(found.words.errors == pair.wordEdits.reduce(0, +))
            #expect(found.characters.errors == pair.characterEdits.reduce(0, +))
        }
        #expect(abs((total.words.rate ?? .nan) - expected.corpusWER) < 1e-9)
        #expect(abs((total.characters.rate ?? .nan) - expected.corpusCER) < 1e-9)
    }

    @Test func anAlignmentSaysWhatBecameOfEachWord() {
        let steps = Alignment(reference: ["a", "b", "c"], hypothesis: ["a", "x", "c", "d"]).steps
        #expect(steps == [.hit("a"), .substitution(reference: "b", hypothesis: "x"), .hit("c"), .insertion("d")])
        #expect(Alignment(reference: ["a", "b"], hypothesis: ["b"]).steps == [.deletion("a"), .hit("b")])
        #expect(Alignment<String>(reference: [], hypothesis: []).steps.isEmpty)
    }

    @Test func longSequencesArePartedAndCostTheSame() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<50 {
            let (a, b) = (0...60, 0...60)
            let reference = (0..<Int.random(in: a, using: &generator)).map { _ in
                Int.random(in: 0...3, using: &generator)
            }
            let heard = (0..<Int.random(in: b, using: &generator)).map { _ in Int.random(in: 0...3, using: &generator) }
            let parted = Alignment.align(reference[...], heard[...], cells: 8)
            let whole = Alignment(reference: reference, hypothesis: heard).steps
            func cost(_ steps: [Alignment<Int>.Step]) -> Int {
                steps.count { if case .hit = $0 { false } else { true } }
            }
            #expect(cost(parted) == cost(whole))
            var (said, got): ([Int], [Int]) = ([], [])
            for step in parted {
                switch step {
                case .hit(let token): (said, got) = (said + [token], got + [token])
                case .substitution(let one, let other): (said, got) = (said + [one], got + [other])
                case .deletion(let token): said.append(token)
                case .insertion(let token): got.append(token)
                }
            }
            #expect(said == reference && got == heard)
        }
    }

    @Test func formAndWhiteSpaceAreForgivenAndNothingElse() {
        #expect(ErrorRate(reference: "cafe\u{301}  au lait ", hypothesis: "caf\u{E9} au lait").words.errors == 0)
        #expect(ErrorRate(reference: "Yes.", hypothesis: "yes").words.errors == 1)
    }

    @Test func whereNothingIsSaidThereIsNoRate() {
        let pair = ErrorRate(reference: "", hypothesis: "oh no")
        #expect(pair.words.rate == nil && pair.words.insertions == 2 && pair.characters.insertions == 5)
        var total = pair
        total += ErrorRate(reference: "a b", hypothesis: "a b")
        #expect(total.words.rate == 1)
    }

    @Test func theIntervalHoldsTheRateAndFollowsTheSeed() throws {
        let counts = (0..<200).map { index in
            ErrorRate(reference: "a b c d", hypothesis: index % 4 == 0 ? "a b x d" : "a b c d").words
        }
        let interval = try #require(Interval(counts, seed: 5))
        // Binomial: 0.0625 +- 1.96 sqrt(0.25 0.75 / 200) / 4
        #expect(abs(interval.low - 0.0475) < 0.004 && abs(interval.high - 0.0775) < 0.004)
        #expect(Interval(counts, seed: 5) == interval && Interval(counts, seed: 6) != interval)
        #expect(Interval([]) == nil && Interval([EditCounts()]) == nil)
    }

    private func row(_ audio: String, _ text: String, speaker: String) -> ManifestRow {
        ManifestRow(
            manifest: "m.jsonl", line: 1, entry: ManifestEntry(audioFilePath: audio, text: text, speaker: speaker))
    }

    @Test func anEvaluationNamesSpeakersWorstRecordingsAndConfusions() throws {
        let found = Evaluation([
            (row("1.wav", "turn left", speaker: "a"), "turn left"),
            (row("2.wav", "turn right", speaker: "b"), "turn rite"),
            (row("3.wav", "right", speaker: "b"), "rite"), (row("4.wav", "", speaker: "b"), "uh"),
        ])
        #expect(found.utterances == 4 && found.errors.words.rate == 0.6)
        #expect(found.speakers.map(\.name) == ["a", "b"])
        #expect(found.speakers.map(\.errors.words.rate) == [0, 1])
        #expect(found.worst.map(\.audio) == ["4.wav", "3.wav", "2.wav"])
        #expect(found.confusions.first == .init(reference: "right", hypothesis: "rite", count: 2))
        #expect(found.confusions.last == .init(reference: nil, hypothesis: "uh", count: 1))
    }

    @Test func storedTextsAreFoundByRecording() throws {
        let folder = try TemporaryFolder()
        let manifest = try folder.lines(
            ["a", "b", "c"].map { #"{"audio_filepath": "\#($0).wav", "text": "\#($0)"}"# }, to: "in/m.jsonl")
        try folder.write(WAVBytes(data: pcm16([0, 0.5])).bytes, to: "in/a.wav")
        let stored = try folder.lines(
            [
                #"{"file": "\#(folder.path("in/a.wav"))", "text": "from transcribe"}"#,
                #"{"audio_filepath": "in/b.wav", "text": "b", "pred_text": "from here"}"#,
            ], to: "heard.jsonl")
        let heard = try Hypotheses(of: Manifest(path: manifest).rows, storedIn: stored)
        #expect(heard.pairs.map(\.hypothesis) == ["from transcribe", "from here"])
        #expect(heard.problems.map(\.line) == [3])
    }
}
