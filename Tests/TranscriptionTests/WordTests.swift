import AcousticModel
import AudioIO
import CTC
import Foundation
import TestSupport
import Testing

import Transcription

@Suite struct WordTimeTests {
    private let model: AcousticModel

    init() throws { model = try Shipped.model() }

    /// What flite says of the words of audio/ten-seconds.wav itself (scripts/word-time-error.py asks it).
    private let known = [
        0.195, 0.352, 0.544, 0.792, 1.063, 1.293, 1.397, 1.995, 2.178, 2.813, 2.940, 3.125, 3.327, 3.456, 4.036, 4.275,
        4.956, 5.169, 5.511, 5.948, 6.331, 6.816, 6.918, 7.407, 7.602, 7.945, 8.142, 8.231, 8.713, 8.970, 9.261, 9.369,
    ]

    @Test("words of a recording begin where its synthesiser says, within 40 ms at the median and 80 at nine tenths")
    func agreesWithTheSynthesiser() throws {
        let path = Shipped.audio("ten-seconds.wav")
        let heard = try Transcriber(model: model).transcribe(path)
        let said =
            "i will meet you at the station at nine the door to the garden was closed the old man walked along the "
            + "river she sat by the fire and read the letter"
        let text = try KnownText(said, source: "text", vocabulary: model.textVocabulary)
        let aligned = try Transcriber(model: model).align(text, with: path)
        #expect(aligned.text == said)
        try #require(aligned.words.count == known.count && abs(heard.words.count - known.count) < 4)
        // What is heard may join two words or part one: each is held against the word that begins nearest.
        let nearest = heard.words.map { word in known.map { abs(word.start - $0) }.min() ?? .infinity }
        for errors in [nearest.sorted(), zip(aligned.words, known).map { abs($0.start - $1) }.sorted()] {
            #expect(errors[errors.count / 2] < 0.04)
            #expect(errors[errors.count * 9 / 10] < 0.08)
        }
    }

    @Test("times never run backwards nor beyond the recording, whatever the posteriors", arguments: 0..<200)
    func neverBackwards(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let vocabulary = Vocabulary(symbols: ["<blank>", " ", "a", "b"])
        let steps = Int.random(in: 1...120, using: &generator)
        // As sharp as a network's or as flat as none.
        let scale = [Float(0.1), 1, 10][Int(seed % 3)]
        let posteriors = LogProbabilities(
            classes: 4, values: (0..<steps * 4).map { _ in scale * (generator.uniform() - 1) })
        var words: [(text: String, labels: [Int])] = []
        func fewest() -> Int { CTCLoss.fewestFrames(for: Array(words.map(\.labels).joined(separator: [1]))) }
        while true {
            let labels = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                Int.random(in: 2...3, using: &generator)
            }
            words.append((labels.map { vocabulary.symbols[$0] }.joined(), labels))
            if fewest() > steps { break }
        }
        words.removeLast()
        let aligner = WordAligner(vocabulary: vocabulary, secondsPerStep: 0.03)
        let aligned = try aligner.align(words, to: posteriors)
        // Shorter than its steps, as no recording is, too.
        let duration = Double.random(in: 0.001...(Double(steps) * 0.03 + 0.02), using: &generator)
        let times = WordTimes(frontEnd: model.frontEnd, duration: duration).words(aligned)
        #expect(times.map(\.text) == words.map(\.text))
        var last = 0.0
        for word in times {
            #expect(word.start >= last && word.end >= word.start)
            #expect((0...1).contains(word.confidence))
            last = word.end
        }
        #expect(last <= duration)
    }

    @Test("words of a long recording are where they are in the short ones that it is made of")
    func longRecording() throws {
        let names = ["turn-on-the-lamp.wav", "play-the-next-song.wav", "ten-seconds.wav"]
        let sounds = try names.map { try AudioFile.read(Shipped.audio($0)).waveform.samples }
        let alone = try names.map { try Transcriber(model: model).transcribe(Shipped.audio($0)).words }
        var samples: [Float] = []
        var expected: [(text: String, start: Double)] = []
        var generator = SeededGenerator(seed: 11)
        for index in 0..<40 {
            let offset = Double(samples.count) / 16_000
            expected += alone[index % 3].map { ($0.text, $0.start + offset) }
            samples += sounds[index % 3] + (0..<9600).map { _ in 0.002 * generator.uniform() }
        }
        let folder = try TemporaryFolder()
        let path = folder.path("long.wav")
        try AudioFileWriter.write(Waveform(samples: samples, sampleRate: 16_000), to: path)
        let transcript = try Transcriber(model: model).transcribe(path)
        #expect(transcript.duration > 120)
        let starts = Dictionary(grouping: transcript.words, by: \.text).mapValues { $0.map(\.start) }
        let found = expected.count { word in starts[word.text]?.contains { abs($0 - word.start) < 0.1 } ?? false }
        // Some words are heard otherwise: each window has a mean of its own.
        #expect(Double(found) > 0.6 * Double(expected.count), "\(found) of \(expected.count)")
        for (word, next) in zip(transcript.words, transcript.words.dropFirst()) { #expect(word.end <= next.start) }

        // The known text of it all, aligned as one.
        let said = expected.map(\.text).joined(separator: " ")
        let text = try KnownText(said, source: "text", vocabulary: model.textVocabulary)
        let aligned = try Transcriber(model: model).align(text, with: path)
        #expect(aligned.text == said)
        let near = zip(aligned.words, expected).count { abs($0.start - $1.start) < 0.1 }
        #expect(Double(near) > 0.95 * Double(expected.count), "\(near) of \(expected.count)")
    }
}

@Suite struct WordConfidenceTests {
    @Test("a confidence is the probability of all paths that spell the word in its place")
    func sumOfPaths() throws {
        // Steps 2 to 4 are a word of one label; 7 steps of 30 ms are all within reach of it.
        let vocabulary = Vocabulary(symbols: ["<blank>", " ", "a"])
        var generator = SeededGenerator(seed: 2)
        let probabilities = (0..<7).map { step -> [Double] in
            let a = (2...4).contains(step) ? 0.8 : 0.05 + 0.02 * Double(generator.uniform())
            return [0.9 - a, 0.1, a]
        }
        let posteriors = LogProbabilities(classes: 3, values: probabilities.joined().map { Float(log($0)) })
        let word = try WordAligner(vocabulary: vocabulary, secondsPerStep: 0.03)
            .align([(text: "a", labels: [2])], to: posteriors)
        var sum = 0.0
        for first in 0..<7 {
            for last in first..<7 {
                sum += (0..<7).reduce(1.0) { $0 * probabilities[$1][(first...last).contains($1) ? 2 : 0] }
            }
        }
        #expect(word.map(\.steps) == [2..<5])
        #expect(abs((word.first?.confidence ?? 0) - sum) < 1e-6)
    }

    @Test("a sure word has a confidence near 1, one that is not there near 0, and its neighbours do not count")
    func extremes() throws {
        let vocabulary = Vocabulary(symbols: ["<blank>", " ", "a", "b", "c"])
        // a a _ ␣ _ b b, each step with 0.999.
        let path = [2, 2, 0, 1, 0, 3, 3]
        let posteriors = LogProbabilities(
            classes: 5, values: path.flatMap { best in (0..<5).map { Float(log($0 == best ? 0.999 : 0.00025)) } })
        let aligner = WordAligner(vocabulary: vocabulary, secondsPerStep: 0.03)
        let right = try aligner.align([("a", [2]), ("b", [3])], to: posteriors)
        #expect(right.allSatisfy { $0.confidence > 0.99 })
        let wrong = try aligner.align([("a", [2]), ("c", [4])], to: posteriors)
        #expect(wrong[0].confidence > 0.99)
        #expect(wrong[1].confidence < 0.001)
    }
}

@Suite struct SegmentCutterTests {
    private let vocabulary = Vocabulary(symbols: ["<blank>", " ", "a", "b"])

    /// Posteriors whose best path this is.
    private func posteriors(_ path: [Int]) -> LogProbabilities {
        LogProbabilities(classes: 4, values: path.flatMap { best in (0..<4).map { $0 == best ? -0.1 : -3 } })
    }

    @Test("segments joined are the recording, and spell together what it spells", arguments: 0..<40)
    func nothingLost(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Speech with spaces and pauses, or without any, or hardly any blanks.
        let path = (0..<3000).flatMap { _ -> [Int] in
            let label = Int.random(in: seed % 3 == 0 ? 2...3 : 0...3, using: &generator)
            return [Int](repeating: label, count: Int.random(in: 1...(label == 0 ? 30 : 3), using: &generator))
        }
        var cutter = SegmentCutter(vocabulary: vocabulary, secondsPerStep: 0.03, usual: 6, longest: 15)
        var segments: [SegmentCutter.Segment] = []
        var rest = path[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...400, using: &generator))
            segments += cutter.accept(posteriors(Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        if let last = cutter.finish() { segments.append(last) }
        #expect(segments.flatMap(\.bestPath) == path)
        #expect(segments.count > 5)
        var step = 0
        for segment in segments {
            #expect(segment.firstStep == step)
            #expect(segment.posteriors.steps == segment.bestPath.count)
            #expect(segment.bestPath.count <= 500 + 400)
            step += segment.bestPath.count
        }
        if seed % 3 != 0 {
            let apart = segments.flatMap { Collapse.labels(of: $0.bestPath) }
            #expect(apart == Collapse.labels(of: path))
        }
    }

    @Test("a pause between words is cut, not one inside a word")
    func betweenWords() {
        // Inside each word a long blank, between words a shorter one.
        let word = [2, 2] + [Int](repeating: 0, count: 20) + [3]
        let pause = [0, 0, 1] + [Int](repeating: 0, count: 12)
        let path = (0..<40).flatMap { _ in word + pause }
        var cutter = SegmentCutter(vocabulary: vocabulary, secondsPerStep: 0.03, usual: 6, longest: 15)
        let segments = cutter.accept(posteriors(path)) + (cutter.finish().map { [$0] } ?? [])
        #expect(segments.count > 3)
        for segment in segments {
            let labels = Collapse.labels(of: segment.bestPath)
            #expect(labels.split(separator: 1).allSatisfy { $0 == [2, 3] })
        }
    }
}

@Suite struct KnownTextTests {
    private let vocabulary = Vocabulary(
        symbols: ["<blank>", " ", "'"] + "abcdefghijklmnopqrstuvwxyz".map(String.init))

    private func spelled(_ text: String) throws -> [String] {
        try KnownText(text, source: "t", vocabulary: vocabulary).words.map { word in
            word.labels.map { vocabulary.symbols[$0] }.joined()
        }
    }

    @Test("words stay as written; capitals and punctuation are heard as the model can")
    func spelling() throws {
        let text = "“Don’t,” said O'Neill —\r\n twenty-one\ttimes…"
        let known = try KnownText(text, source: "t", vocabulary: vocabulary)
        #expect(known.text == "“Don’t,” said O'Neill twenty-one times…")
        #expect(try spelled(text) == ["don't", "said", "o'neill", "twenty one", "times"])
        #expect(try spelled("'tis the dogs' 'word'") == ["tis", "the", "dogs", "word"])
    }

    @Test("a model with capitals hears them as they are")
    func capitals() throws {
        let german = Vocabulary(symbols: ["<blank>", " ", "ä", "A", "a", "."])
        let known = try KnownText("Aä. A", source: "t", vocabulary: german)
        #expect(known.words.map(\.labels) == [[3, 2, 5], [3]])
        // Decomposed accents are the same letters.
        #expect(try KnownText("a\u{308}", source: "t", vocabulary: german).words.map(\.labels) == [[2]])
    }

    @Test("what cannot be spelled is named with its word and line, once, and what to do")
    func unspellable() throws {
        let error = #expect(throws: KnownTextError.self) {
            try KnownText("pay\n50% or 5 €", source: "talk.txt", vocabulary: vocabulary)
        }
        let message = try #require(error?.description)
        #expect(message.hasPrefix("\"talk.txt\" has what the model cannot spell: \"5\" in \"50%\" (line 2), "))
        #expect(message.contains("\"€\" in \"€\" (line 2); write such words as they are spoken, with 'abc"))
        #expect(!message.contains("\n"))
        let many = #expect(throws: KnownTextError.self) {
            try KnownText("0123456789", source: "t", vocabulary: vocabulary)
        }
        #expect(many?.description.contains("and 5 more characters") == true)
    }

    @Test("a text without a word is refused", arguments: ["", " \n\t", "— … !", "''"])
    func empty(text: String) {
        #expect(throws: KnownTextError.empty(source: "t")) {
            try KnownText(text, source: "t", vocabulary: vocabulary)
        }
    }

    @Test("a text that is too long for the recording, and silence, are refused")
    func doesNotFit() throws {
        let model = try Shipped.model()
        let path = Shipped.audio("turn-on-the-lamp.wav")
        let long = [String](repeating: "lamp", count: 30).joined(separator: " ")
        let error = #expect(throws: KnownTextError.self) {
            let text = try KnownText(long, source: "long.txt", vocabulary: model.textVocabulary)
            return try Transcriber(model: model).align(text, with: path)
        }
        #expect(error?.description.contains("it takes 4.5 s at the very least, and the recording has 1.7 s") == true)
        let folder = try TemporaryFolder()
        let silent = folder.path("silent.wav")
        try AudioFileWriter.write(
            Waveform(samples: [Float](repeating: 0, count: 48_000), sampleRate: 16_000), to: silent)
        #expect(throws: KnownTextError.silence(recording: silent)) {
            let text = try KnownText("lamp", source: "t", vocabulary: model.textVocabulary)
            return try Transcriber(model: model).align(text, with: silent)
        }
    }
}
