import AudioIO
import Foundation
import TestSupport
import Testing
import Transcription

private func audio(_ name: String) -> String { Folders.package.appendingPathComponent("audio/\(name)").path }

private func samples(_ name: String) throws -> Waveform {
    let reader = try AudioReader(path: audio(name))
    var all: [Float] = []
    while let block = try reader.read(upTo: 16_000) { all += block }
    return Waveform(samples: all, sampleRate: reader.sampleRate)
}

/// Blocks of samples as a microphone gives them, one of which may fail.
private struct Blocks: AsyncSequence, Sendable {
    let waveform: Waveform
    let size: Int
    var failsAfter = Int.max

    struct Broken: Error {}

    struct Iterator: AsyncIteratorProtocol {
        let blocks: Blocks
        var place = 0

        mutating func next() async throws -> [Float]? {
            guard place < blocks.waveform.samples.count else { return nil }
            if place >= blocks.failsAfter { throw Broken() }
            let end = Swift.min(place + blocks.size, blocks.waveform.samples.count)
            defer { place = end }
            return Array(blocks.waveform.samples[place..<end])
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(blocks: self) }
}

@Suite struct RecognizerTests {
    /// Loaded once for all tests: that takes longer than they do.
    private static let shared = Result {
        var configuration = Recognizer.Configuration()
        configuration.model = Folders.package.appendingPathComponent("models/english-small.safetensors").path
        configuration.threads = 2
        return try Recognizer(configuration)
    }
    private let recognizer: Recognizer

    init() throws { recognizer = try Self.shared.get() }

    @Test("a file, its samples at their rate and at another, and its samples in blocks give the same words")
    func oneRoad() async throws {
        let name = "remind-me-to-water-the-plants.wav"
        let waveform = try samples(name)
        let ofFile = try await recognizer.transcribe(file: audio(name))
        #expect(!ofFile.words.isEmpty)
        let ofSamples = try await recognizer.transcribe(waveform.samples, sampleRate: waveform.sampleRate)
        #expect(ofSamples.words == ofFile.words)
        let faster = try Resampler.resample(waveform, to: 44_100)
        #expect(try await recognizer.transcribe(faster.samples, sampleRate: 44_100).text == ofFile.text)

        let session = try recognizer.session(sampleRate: waveform.sampleRate)
        var events: [Recognizer.Event] = []
        for start in stride(from: 0, to: waveform.samples.count, by: 777) {
            events += try session.accept(Array(waveform.samples[start..<min(start + 777, waveform.samples.count)]))
        }
        events += try session.finish()
        let words = events.flatMap { event -> [Word] in
            if case .segment(let segment) = event { segment.words } else { [] }
        }
        #expect(words == ofFile.words)
        guard case .finished(let transcript) = try #require(events.last) else {
            Issue.record("the last event is no transcript")
            return
        }
        #expect(transcript.words == ofFile.words)
        #expect(throws: RecognizerError.self) { try session.accept([0]) }
    }

    @Test("events come over a sequence of blocks; where it fails, what was said before comes first")
    func events() async throws {
        let waveform = try samples("turn-on-the-lamp.wav")
        let silence = [Float](repeating: 0, count: waveform.sampleRate)
        let twice = Waveform(
            samples: waveform.samples + silence + waveform.samples, sampleRate: waveform.sampleRate)
        var texts: [String] = []
        for try await event in recognizer.events(in: Blocks(waveform: twice, size: 4000), sampleRate: twice.sampleRate)
        {
            if case .segment(let segment) = event { texts.append(segment.text) }
        }
        #expect(texts == ["turn on the lamp", "turn on the lamp"])

        let failing = Blocks(waveform: twice, size: 4000, failsAfter: waveform.samples.count + 8000)
        texts = []
        await #expect(throws: Blocks.Broken.self) {
            for try await event in recognizer.events(in: failing, sampleRate: twice.sampleRate) {
                if case .segment(let segment) = event { texts.append(segment.text) }
            }
        }
        #expect(texts == ["turn on the lamp"])
    }

    @Test("a sample that is no number is an error with its second, and what came before is not lost")
    func notANumber() throws {
        let waveform = try samples("turn-on-the-lamp.wav")
        let session = try recognizer.session(sampleRate: waveform.sampleRate)
        _ = try session.accept(waveform.samples)
        let error = #expect(throws: RecognizerError.self) { try session.accept([0, .nan]) }
        #expect(error?.description.contains("1.68 s") == true, "\(error.map(String.init(describing:)) ?? "")")
        let segments = try session.finish().compactMap { event -> String? in
            if case .segment(let segment) = event { segment.text } else { nil }
        }
        #expect(segments == ["turn on the lamp"])
    }

    @Test("too few samples, and a rate that no sound has, are errors")
    func badSound() async throws {
        await #expect(throws: TranscriptionError.self) { try await recognizer.transcribe([0, 0], sampleRate: 16_000) }
        for rate in [0, -1, 10, 10_000_000] {
            await #expect(throws: RecognizerError.self) { try await recognizer.transcribe([0], sampleRate: rate) }
        }
    }

    @Test("a cancelled task ends with CancellationError")
    func cancellation() async throws {
        let waveform = try samples("ten-seconds.wav")
        let long = (0..<30).flatMap { _ in waveform.samples }
        let task = Task { [recognizer] in try await recognizer.transcribe(long, sampleRate: waveform.sampleRate) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("several tasks share one recogniser")
    func shared() async throws {
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 {
                group.addTask { [recognizer] in
                    try await recognizer.transcribe(file: audio("tell-me-the-time.wav")).text
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(texts.count == 1)
    }

    @Test("hot words and a grammar can be given as text")
    func steering() async throws {
        var configuration = recognizer.configuration
        configuration.hotWords = ["zorblax: loud"]
        #expect(throws: (any Error).self) { try Recognizer(configuration) }
        configuration.hotWords = ["zorblax: high"]
        let name = audio("turn-on-the-lamp.wav")
        #expect(try await Recognizer(configuration).transcribe(file: name).text == "turn on the lamp")
        configuration = recognizer.configuration
        configuration.grammar = "start the timer\nturn on the lamp"
        let transcript = try await Recognizer(configuration).transcribe(file: name)
        #expect(transcript.text == "turn on the lamp" && transcript.grammarFit?.isAccepted == true)
    }

    @Test("speech is where the words are, and not in a second of silence")
    func speech() async throws {
        let found = try await recognizer.speech(in: audio("turn-on-the-lamp.wav"))
        #expect(found.segments.count == 1)
        #expect(found.segments.allSatisfy { $0.start >= 0 && $0.end <= 1.675 && $0.end - $0.start > 0.8 })
        #expect(try await recognizer.speech(in: audio("sound-rain.flac")).segments.isEmpty)
    }
}

@Suite struct RecognizerConfigurationTests {
    @Test("it is stored as JSON, and keys that are missing have their defaults")
    func storing() throws {
        var configuration = Recognizer.Configuration()
        configuration.languageModel = .none
        configuration.lexicon = .file("a.lexicon")
        configuration.hotWords = ["a", "b: high"]
        configuration.beam = 64
        let stored = try JSONEncoder().encode(configuration)
        #expect(try JSONDecoder().decode(Recognizer.Configuration.self, from: stored) == configuration)
        configuration.grammar = .file("a.jsgf")
        let again = try JSONEncoder().encode(configuration)
        #expect(try JSONDecoder().decode(Recognizer.Configuration.self, from: again) == configuration)
        let files = #"{"hotWordsFile": "a.txt", "grammar": "on\noff"}"#
        let former = try JSONDecoder().decode(Recognizer.Configuration.self, from: Data(files.utf8))
        #expect(former.hotWords == .file("a.txt") && former.grammar == .here("on\noff"))
        let text = #"{"languageModel": {"file": "x.lm"}, "knownWords": true}"#
        let read = try JSONDecoder().decode(Recognizer.Configuration.self, from: Data(text.utf8))
        #expect(read.languageModel == .file("x.lm") && read.knownWords && read.lexicon == .automatic)
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(Recognizer.Configuration.self, from: Data(#"{"lexicon": "yes"}"#.utf8))
        }
    }

    @Test("nothing steers the search by default, nor does what is left out")
    func defaults() {
        var configuration = Recognizer.Configuration()
        #expect(!configuration.steers)
        (configuration.languageModel, configuration.lexicon) = (.none, .none)
        #expect(!configuration.steers)
    }

    @Test(
        "values that no search can be run with are refused by name",
        arguments: [
            (#"{"beam": 0}"#, "beam is 0: give 1 to 10000"), (#"{"beam": 20000}"#, "beam is 20000"),
            (#"{"alternatives": 0}"#, "alternatives is 0"), (#"{"alternatives": -1}"#, "alternatives is -1"),
            (#"{"languageModelWeight": -1}"#, "languageModelWeight is -1.0"), (#"{"wordBonus": 1e9}"#, "wordBonus is"),
            (#"{"channel": 0}"#, "channel is 0"), (#"{"threads": -3}"#, "threads is -3"),
        ])
    func bounds(json: String, said: String) throws {
        let configuration = try JSONDecoder().decode(Recognizer.Configuration.self, from: Data(json.utf8))
        let error = #expect(throws: RecognizerError.self) { try Recognizer(configuration) }
        #expect("\(error as Any)".contains(said), "\(error as Any)")
    }
}
