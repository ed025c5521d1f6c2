import AcousticModel
import CTC
import Features
import Foundation
import TestSupport
import Testing

/// What a speech detector does to the posteriors of a model.
@Suite struct SpeechDetectorTests {
    private let vocabulary = Vocabulary(symbols: ["<blank>", " ", "a"])
    private let features = FeatureMatrix(dimension: 10, values: (0..<10 * 600).map { sin(Float($0) * 0.37) * 3 })

    /// The small model, with a detector that says the same of everything.
    private func model(bias: Float?) throws -> AcousticModel {
        let folder = try TemporaryFolder()
        let path = folder.path("model.safetensors")
        try ModelParts().write(to: path)
        var model = try AcousticModel(path: path)
        model.speechDetector = bias.map {
            SpeechDetector(weight: [Float](repeating: 0, count: model.encoder.outputs), bias: $0)
        }
        return model
    }

    private func labels(_ posteriors: LogProbabilities) -> [Int] { BestPath(posteriors).labels(blank: 0) }

    @Test("where it hears no speech the blank is all but certain, and the rest are probabilities still")
    func mutes() throws {
        let plain = try model(bias: nil).logProbabilities(ofFrames: [features])[0]
        let muted = try model(bias: -1).logProbabilities(ofFrames: [features])[0]
        #expect(plain.steps == 300 && muted.steps == 300)
        #expect(labels(plain) != [] && labels(muted) == [])
        for step in 0..<muted.steps {
            #expect(muted[step].allSatisfy { $0.isFinite && $0 <= 0 } && muted[step, 0] > -1e-6)
            #expect(abs(muted[step].reduce(0) { $0 + exp(Double($1)) } - 1) < 1e-5)
            // The others keep their order and their distances.
            let (own, was) = (muted[step, 1] - muted[step, 2], plain[step, 1] - plain[step, 2])
            #expect(abs(own - was) < 1e-4)
        }
    }

    @Test("where it hears speech, and where it is not asked, nothing changes")
    func leaves() throws {
        let plain = try model(bias: nil).logProbabilities(ofFrames: [features])[0]
        #expect(try model(bias: 1).logProbabilities(ofFrames: [features])[0] == plain)
        let deaf = try model(bias: -1)
        let steps = [deaf.frontEnd.steps(ofFrames: features)]
        #expect(deaf.logProbabilities(ofSteps: steps, detectsSpeech: false)[0] == plain)
        #expect(deaf.logProbabilities(ofSteps: steps)[0] != plain)
    }

    @Test("letters are one stretch until a long pause; the space is no letter")
    func stretches() {
        func find(_ classes: [Int]) -> [ClosedRange<Int>] {
            SpeechDetector.stretches(of: classes, vocabulary: vocabulary, secondsPerStep: 0.1)
        }
        let pause = [Int](repeating: 0, count: 17)
        #expect(find([]) == [] && find([0, 1, 0]) == [])
        #expect(find([0, 2, 2, 0]) == [1...2])
        #expect(find([2] + pause + [2]) == [0...0, 18...18])
        #expect(find([2] + pause.dropLast() + [2]) == [0...17])
        #expect(find([2] + pause.dropLast() + [1] + [2]) == [0...0, 18...18])
        #expect(SpeechDetector.surrounded(10...12, steps: 100, secondsPerStep: 0.1) == 5..<18)
        #expect(SpeechDetector.surrounded(2...98, steps: 100, secondsPerStep: 0.1) == 0..<100)
    }

    @Test("only the stretch without speech becomes blank")
    func partly() throws {
        var model = try model(bias: nil)
        // Two stretches, 4 s apart; evidence follows the sign of one hidden unit, whatever that is.
        let hidden = [-1, 1].map { sign in
            SpeechDetector(
                weight: (0..<model.encoder.outputs).map { $0 == 0 ? Float(sign) : 0 }, bias: 0)
        }
        let plain = model.logProbabilities(ofFrames: [features])[0]
        let both = hidden.map { detector -> LogProbabilities in
            model.speechDetector = detector
            return model.logProbabilities(ofFrames: [features])[0]
        }
        // Of one long stretch the two detectors take opposite views: what one leaves whole the other mutes.
        let stretch = SpeechDetector.stretches(
            of: BestPath(plain).classes, vocabulary: vocabulary, secondsPerStep: model.frontEnd.secondsPerStep)
        #expect(!stretch.isEmpty)
        for range in stretch {
            let kept = both.map {
                $0[range.lowerBound..<range.upperBound + 1] == plain[range.lowerBound..<range.upperBound + 1]
            }
            #expect(kept.filter { $0 }.count == 1)
        }
    }

    @Test("a model file keeps it exactly, and one that is no detector is refused")
    func file() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("model.safetensors")
        var model = try model(bias: nil)
        let weight = (0..<model.encoder.outputs).map { 0.1 * Float($0) - 0.2001 }
        model.speechDetector = SpeechDetector(weight: weight, bias: 1e-7)
        try model.write(to: path)
        let again = try AcousticModel(path: path)
        #expect(again.speechDetector?.layer.weight.values == weight && again.speechDetector?.layer.bias == [1e-7])
        #expect(again.parameterCount == model.parameterCount)
        model.speechDetector = nil
        try model.write(to: path)
        #expect(try AcousticModel(path: path).speechDetector == nil)
    }
}
