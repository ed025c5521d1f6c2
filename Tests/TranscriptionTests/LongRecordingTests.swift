import AcousticModel
import AudioIO
import CTC
import Decoding
import Features
import Foundation
import TestSupport
import Testing
import Transcription

private func audio(_ name: String) -> String { Folders.package.appendingPathComponent("audio/\(name)").path }

/// Insertions, deletions and substitutions of characters between two texts (Levenshtein 1966).
private func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let substituted = diagonal + (x == y ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}

@Suite struct TranscriberTests {
    private let model: AcousticModel
    private let folder: TemporaryFolder

    init() throws {
        model = try AcousticModel(path: Folders.package.appendingPathComponent("models/english-small.safetensors").path)
        folder = try TemporaryFolder()
    }

    @Test("padding is silence around the recording: the same words, their times without it")
    func padding() throws {
        func transcriber(padding: Double) -> Transcriber {
            let plain = model.frontEnd
            let frontEnd = FrontEnd(
                options: plain.options, normalisation: plain.normalisation, scale: plain.scale, stack: plain.stack,
                stride: plain.stride, range: 11, padding: padding)
            return Transcriber(
                model: AcousticModel(
                    name: "padded", frontEnd: frontEnd, encoder: model.encoder, head: .phones(model.head.layers)),
                threads: 1)
        }
        let path = audio("play-the-next-song.wav")
        let silence = [Float](repeating: 0, count: 3200)
        let longer = folder.path("longer.wav")
        try AudioFileWriter.write(
            Waveform(samples: silence + AudioFile.read(path).waveform.samples + silence, sampleRate: 16_000),
            to: longer)
        let padded = try transcriber(padding: 0.2).transcribe(path)
        let written = try transcriber(padding: 0).transcribe(longer)
        #expect(padded.words.map(\.text) == written.words.map(\.text) && padded.words.count > 1)
        #expect(abs(padded.duration - (written.duration - 0.4)) < 1e-9)
        for (a, b) in zip(padded.words, written.words) {
            #expect(abs(a.start - max(0, b.start - 0.2)) < 0.0015 && abs(a.confidence - b.confidence) < 1e-4)
        }
    }

    @Test("the words in stored posteriors, and their confidences, are those of the transcript")
    func wordsInPosteriors() throws {
        let transcriber = Transcriber(
            model: model, threads: 1, decoder: Decoder(alphabet: Alphabet(model.textVocabulary)))
        let path = audio("play-the-next-song.wav")
        let expected = try transcriber.transcribe(path).words
        let found = try transcriber.words(in: transcriber.posteriors(of: path))
        #expect(found.map(\.text) == expected.map(\.text) && found.count > 1)
        for (mine, word) in zip(found, expected) { #expect(abs(mine.confidence - word.confidence) < 0.001) }
    }

    /// A recording of sentences, one after the other with quiet pauses between, that goes on for at least so many
    /// seconds, and what is said in it.
    private func recording(seconds: Double, pauses: Float, seed: UInt64) throws -> (path: String, text: String) {
        var generator = SeededGenerator(seed: seed)
        let names = ["turn-on-the-lamp.wav", "play-the-next-song.wav", "remind-me-to-water-the-plants.wav"]
        let sounds = try names.map { try AudioFile.read(audio($0)).waveform.samples }
        var samples: [Float] = []
        var parts: [String] = []
        while Double(samples.count) < seconds * 16_000 {
            let index = Int.random(in: 0..<names.count, using: &generator)
            samples += sounds[index]
            samples += (0..<Int.random(in: 2000..<12_000, using: &generator)).map { _ in pauses * generator.uniform() }
            parts.append(names[index].dropLast(4).replacingOccurrences(of: "-", with: " "))
        }
        let path = folder.path("long-\(seed).wav")
        try AudioFileWriter.write(Waveform(samples: samples, sampleRate: 16_000), to: path)
        return (path, parts.joined(separator: " "))
    }

    @Test("a beam search over a long recording decides in pauses, and its words are its text")
    func decoded() throws {
        let (path, said) = try recording(seconds: 100, pauses: 0.002, seed: 4)
        let decoder = Decoder(alphabet: Alphabet(model.textVocabulary), options: BeamOptions(beam: 8))
        let greedy = try Transcriber(model: model).transcribe(path)
        let transcript = try Transcriber(model: model, decoder: decoder).transcribe(path)
        #expect(transcript.alternatives.count == 1)
        #expect(transcript.text == transcript.alternatives[0].text)
        var wide = decoder
        wide.options.nBest = 3
        let several = try Transcriber(model: model, decoder: wide).transcribe(path)
        #expect(several.alternatives.count == 3 && several.alternatives[0].text == several.text)
        #expect(editDistance(transcript.text, said) <= editDistance(greedy.text, said) + 4)
        #expect(zip(transcript.words, transcript.words.dropFirst()).allSatisfy { $0.end <= $1.start })
    }

    @Test("windows lose nothing: as many errors as the whole has, and no word more or less", arguments: [1, 2, 3])
    func noSeam(seed: UInt64) throws {
        let (path, said) = try recording(seconds: 150, pauses: 0.002, seed: seed)
        var (cut, whole) = (WindowOptions(), WindowOptions())
        (cut.length, cut.overlap, whole.length) = (20, 5, 1000)
        let inWindows = try Transcriber(model: model, windows: cut).transcribe(path)
        let inOne = try Transcriber(model: model, windows: whole).transcribe(path)
        let (errors, wholeErrors) = (editDistance(inWindows.text, said), editDistance(inOne.text, said))
        #expect(Double(errors) <= Double(wholeErrors) + 0.02 * Double(said.count), "\(errors), whole \(wholeErrors)")
        // Something lost or said twice at every one of ten seams would be far more.
        #expect(abs(inWindows.text.count - inOne.text.count) < said.count / 40)
        #expect(inWindows.duration == inOne.duration)
    }

    @Test("pauses of digital silence do not spoil the windows of a long recording")
    func digitalPauses() throws {
        let (path, said) = try recording(seconds: 90, pauses: 0, seed: 4)
        let text = try Transcriber(model: model).transcribe(path).text
        #expect(Double(editDistance(text, said)) < 0.2 * Double(said.count), "\(text)")
    }

    @Test("any number of threads gives the same text")
    func threads() throws {
        let (path, _) = try recording(seconds: 60, pauses: 0.002, seed: 9)
        let texts = try [1, 2, 5].map { try Transcriber(model: model, threads: $0).transcribe(path).text }
        #expect(Set(texts).count == 1)
    }

    @Test("digital silence, and a constant, give no text")
    func silence() throws {
        for (seconds, level) in [(0.1, Float(0)), (3, 0), (3, 0.25), (100, 0)] {
            let path = folder.path("silence.wav")
            let samples = [Float](repeating: level, count: Int(seconds * 16_000))
            try AudioFileWriter.write(Waveform(samples: samples, sampleRate: 16_000), to: path)
            let transcript = try Transcriber(model: model).transcribe(path)
            #expect(transcript.text == "")
            #expect(abs(transcript.duration - seconds) < 1e-3)
        }
    }

    @Test("the shortest recording that makes a step is transcribed, one sample less is refused")
    func shortest() throws {
        let count = model.frontEnd.shortestSamples
        for (samples, isEnough) in [(count, true), (count - 1, false), (1, false)] {
            let path = folder.path("short.wav")
            let noise = (0..<samples).map { 0.1 * sin(Float($0)) }
            try AudioFileWriter.write(Waveform(samples: noise, sampleRate: 16_000), to: path)
            if isEnough {
                _ = try Transcriber(model: model).transcribe(path)
            } else {
                #expect(throws: TranscriptionError.self) { try Transcriber(model: model).transcribe(path) }
            }
        }
    }

    @Test("progress comes in order and ends at the whole")
    func progress() throws {
        var seconds: [Double] = []
        let transcript = try Transcriber(model: model).transcribe(audio("ten-seconds.wav")) {
            seconds.append($0.seconds)
        }
        #expect(seconds == seconds.sorted())
        #expect(abs((seconds.last ?? 0) - transcript.duration) < 0.01)
    }
}
