import AcousticModel
import AudioIO
import Corpora
import Foundation
import Networks
import TestSupport
import Testing
import Training
import Transcription

/// A detector that learns from the recordings and sounds that come with the package.
@Suite struct DetectorTrainingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func audio(_ name: String) -> String {
        Folders.package.appendingPathComponent("audio/\(name)").path
    }

    private func untaught() throws -> AcousticModel {
        var model = try AcousticModel(
            path: Folders.package.appendingPathComponent("models/english-small.safetensors").path)
        model.speechDetector = nil
        return model
    }

    /// One that would rather write something than nothing, as a model does that learned from speech alone.
    private func eager() throws -> AcousticModel {
        let model = try untaught()
        var layer = model.head.characters?.layer ?? model.head.layers.last
        layer.bias[model.textVocabulary.blank] -= 9
        return AcousticModel(
            name: "eager", frontEnd: model.frontEnd, encoder: model.encoder,
            head: .characters(OutputLayers(last: layer, vocabulary: model.textVocabulary)))
    }

    @Test("speech is written as before, and for a sound it never heard nothing is; threads change nothing")
    func learns() throws {
        var model = try eager()
        let speech = try Manifest(path: audio("transcripts.jsonl")).rows
        let noise = try Manifest(path: audio("sounds.jsonl")).rows
        let trained = try DetectorTraining(model, threads: 2).run(speech: speech, noise: noise)
        let alone = try DetectorTraining(model, threads: 1).run(speech: speech, noise: noise)
        #expect(trained.detector.layer.weight == alone.detector.layer.weight && trained.report == alone.report)
        #expect(trained.problems == [])
        // The fifth of six sounds and of nine recordings.
        #expect(trained.report.noise == 1 && trained.report.stretches >= 1)
        #expect(trained.report.left == 0)

        // A sound of another make: a buzzer, on and off.
        var generator = SeededGenerator(seed: 3)
        let samples = (0..<48_000).map { index -> Float in
            let isOn = index / 4000 % 2 == 0
            return (isOn ? (index / 40 % 2 == 0 ? 0.2 : -0.2) : 0) + 0.01 * generator.uniform()
        }
        let buzzer = folder.path("buzzer.wav")
        try AudioFileWriter.write(Waveform(samples: samples, sampleRate: 16_000), to: buzzer)
        let before = Transcriber(model: model, threads: 1)
        model.speechDetector = trained.detector
        let after = Transcriber(model: model, threads: 1)
        #expect(try before.transcribe(buzzer).text != "")
        #expect(try after.transcribe(buzzer).text == "")
        for name in ["turn-on-the-lamp.wav", "ten-seconds.wav"] {
            #expect(try before.transcribe(audio(name)).text == after.transcribe(audio(name)).text)
        }
        // A known text is aligned to whatever is there.
        let text = try KnownText("a", source: "text", vocabulary: model.textVocabulary)
        #expect(try before.align(text, with: buzzer).words == after.align(text, with: buzzer).words)
    }

    @Test("a head with a hidden layer that changes nothing learns the same detector")
    func hiddenLayer() throws {
        let model = try untaught()
        // x = max(0, x) - max(0, -x)
        let last = model.head.layers.last
        let (inputs, rows) = (model.encoder.outputs, last.weight.rows)
        var (split, joined) = (
            Matrix(rows: 2 * inputs, columns: inputs), Matrix(rows: rows, columns: 2 * inputs)
        )
        for input in 0..<inputs {
            (split[input, input], split[inputs + input, input]) = (1, -1)
            for row in 0..<rows {
                joined[row, input] = last.weight[row, input]
                joined[row, inputs + input] = -last.weight[row, input]
            }
        }
        let deeper = AcousticModel(
            name: "deeper", frontEnd: model.frontEnd, encoder: model.encoder,
            head: .phones(
                OutputLayers(
                    hidden: Linear(weight: split, bias: [Float](repeating: 0, count: 2 * inputs)),
                    last: Linear(weight: joined, bias: last.bias), vocabulary: model.vocabulary)))
        let speech = try Manifest(path: audio("transcripts.jsonl")).rows
        let noise = try Manifest(path: audio("sounds.jsonl")).rows
        let plain = try DetectorTraining(model, threads: 2).run(speech: speech, noise: noise)
        let trained = try DetectorTraining(deeper, threads: 2).run(speech: speech, noise: noise)
        #expect(trained.report == plain.report)
        #expect(
            zip(trained.detector.layer.weight.values, plain.detector.layer.weight.values).allSatisfy {
                abs($0 - $1) < 1e-3
            })
    }

    @Test("too few recordings, and speech that is none, are refused; a recording that cannot be read is told")
    func refuses() throws {
        let model = try untaught()
        let speech = try Manifest(path: audio("transcripts.jsonl")).rows
        let noise = try Manifest(path: audio("sounds.jsonl")).rows
        let training = DetectorTraining(model, threads: 2)
        #expect(throws: DataError.self) { try training.run(speech: speech, noise: Array(noise.prefix(4))) }
        #expect(throws: DataError.self) { try training.run(speech: [], noise: noise) }
        var broken = noise[0]
        broken.entry.audioFilePath = "none.flac"
        let report = try training.run(speech: speech, noise: noise + [broken])
        #expect(report.problems.count == 1 && "\(report.problems[0])".contains("none.flac"))
    }
}
