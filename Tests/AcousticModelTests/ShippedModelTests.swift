import AcousticModel
import AudioIO
import CTC
import Features
import Foundation
import TestSupport
import Testing

/// The model that is shipped.
let shippedModel = Folders.package.appendingPathComponent("models/english-small.safetensors").path

private func greedyText(_ model: AcousticModel, _ path: String) throws -> String {
    let samples = try AudioFile.read(path, sampleRate: model.description.sampleRate).waveform.samples
    let posteriors = model.logProbabilities(ofFrames: [try model.frontEnd.frames(of: samples)])[0]
    return model.bestText(of: posteriors)
}

@Suite struct ShippedModelTests {
    @Test("the shipped model says everything about itself")
    func description() throws {
        let model = try AcousticModel(path: shippedModel)
        #expect(model.description.format == 1)
        #expect(model.description.sampleRate == 16_000)
        #expect(model.head.kind == .phones && model.vocabulary.symbols.count == 41)
        #expect(model.characterVocabulary?.symbols.count == 29 && model.head.ngram?.order == 3)
        #expect(model.description.training?["licence"] != nil)
        #expect(model.frontEnd.secondsPerStep == 0.03)
        #expect(model.parameterCount > 5_000_000)
    }

    @Test("it reads the recordings that come with it")
    func ownRecordings() throws {
        let model = try AcousticModel(path: shippedModel)
        for (file, text) in [
            ("start-the-timer.wav", "start the timer"), ("what-time-is-it-telephone.wav", "what time is it"),
        ] {
            let path = Folders.package.appendingPathComponent("audio/\(file)").path
            #expect(try greedyText(model, path) == text)
        }
    }

    @Test(
        "a model that was trained in PyTorch reads recordings as PyTorch does",
        .enabled(if: Folders.reference != nil && Folders.prototype != nil, "the model is not in ../shared/models"))
    func asPyTorch() throws {
        // From the model's own README: PyTorch's greedy text with these weights. One letter may differ where two
        // classes are within rounding of each other; none does.
        let expected = [
            "s1_enus.wav": "the quick bron faks dompsover the lasey dod", "s5_awb.wav": "blaetenex son",
            "s6_rp.wav": "sand amssige to my brothe",
        ]
        let reference = try #require(Folders.reference)
        let model = try AcousticModel(path: #require(Folders.prototype).path)
        let folder = reference.appendingPathComponent("wav")
        for (file, text) in expected {
            let path = folder.appendingPathComponent(file).path
            guard FileManager.default.fileExists(atPath: path) else { continue }
            #expect(try greedyText(model, path) == text)
        }
    }

    @Test("an empty batch gives an empty batch")
    func emptyBatch() throws {
        #expect(try AcousticModel(path: shippedModel).logProbabilities(ofFrames: []).isEmpty)
    }

    @Test("a batch gives what its utterances give alone, for any number of threads", arguments: [1, 2, 4])
    func batch(threads: Int) throws {
        let model = try AcousticModel(path: shippedModel)
        let utterances = try ["turn-on-the-lamp.wav", "play-the-next-song.wav", "start-the-timer.wav"].map {
            try model.frontEnd.frames(
                of: AudioFile.read(Folders.package.appendingPathComponent("audio/\($0)").path).waveform.samples)
        }
        let none = FeatureMatrix(dimension: model.frontEnd.frameDimension)
        let together = model.logProbabilities(ofFrames: utterances + [none], threads: threads)
        #expect(together[3].steps == 0)
        for (index, utterance) in utterances.enumerated() {
            let alone = model.logProbabilities(ofFrames: [utterance])[0]
            #expect(alone.steps == model.frontEnd.steps(frames: utterance.frames))
            #expect(largestDifference(together[index].values, alone.values) < 1e-3)
        }
    }
}
