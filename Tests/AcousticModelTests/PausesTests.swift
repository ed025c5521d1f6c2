import AcousticModel
import AudioIO
import CTC
import Foundation
import TestSupport
import Testing

/// How long nothing is said must not change what is heard beside it.
@Suite struct PausesTests {
    private let model: AcousticModel
    private let speech: [Float]

    init() throws {
        model = try AcousticModel(
            path: Folders.package.appendingPathComponent("models/english-small.safetensors").path)
        speech = try AudioFile.read(Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav").path).waveform
            .samples
    }

    /// Whole steps of quiet.
    private func quiet(seconds: Double, level: Float, seed: UInt64 = 3) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        let step = model.frontEnd.stride * model.frontEnd.options.shiftSize
        let count = Int(seconds / model.frontEnd.secondsPerStep) * step
        return (0..<count).map { _ in level == 0 ? 0 : level * (2 * generator.uniform() - 1) }
    }

    private func heard(_ samples: [Float]) throws -> (posteriors: LogProbabilities, pauses: Pauses) {
        let frames = try model.frontEnd.frames(of: samples)
        return (model.logProbabilities(ofFrames: [frames])[0], model.frontEnd.stepsOfSound(ofFrames: frames).pauses)
    }

    @Test("pauses longer than another by whole steps give the same rows around them, and blanks between")
    func lengths() throws {
        let (short, long) = (quiet(seconds: 2, level: 0), quiet(seconds: 9, level: 0))
        let (a, b) = (
            try heard(short + speech + short + speech + short), try heard(long + speech + long + speech + long)
        )
        #expect(a.pauses.omitted.count == 3 && b.pauses.omitted.count == 3)
        func rows(_ heard: (posteriors: LogProbabilities, pauses: Pauses)) -> [Float] {
            (0..<heard.posteriors.steps).filter { step in !heard.pauses.omitted.contains { $0.contains(step) } }
                .flatMap { step in (0..<heard.posteriors.classes).map { heard.posteriors[step, $0] } }
        }
        #expect(rows(a) == rows(b))
        #expect(b.posteriors.steps - a.posteriors.steps == 3 * Int(9 / 0.03) - 3 * Int(2 / 0.03))
        for range in b.pauses.omitted {
            for step in range { #expect(b.posteriors[step, model.vocabulary.blank] > -1e-3) }
        }
        #expect(model.bestText(of: a.posteriors) == model.bestText(of: b.posteriors))
    }

    @Test(
        "hiss and the tone of a room are quiet; speech, soft speech and noise near speech are not",
        arguments: [Float(1.01 / 32_768), 0.0005])
    func kinds(level: Float) throws {
        let tone = quiet(seconds: 4, level: level)
        let pauses = try heard(tone + speech + tone).pauses.omitted
        #expect(pauses.count == 2)
        let seconds = model.frontEnd.secondsPerStep
        // A third of a second stays at either side; beside the recording's own digital silence a tone is none at first.
        #expect((2...3.9).contains(Double(pauses[0].upperBound) * seconds), "\(pauses)")
        #expect(try heard(speech).pauses.omitted.isEmpty)
        let soft = speech.map { 0.03 * $0 }
        let both = try heard(speech + quiet(seconds: 0.6, level: level) + soft).pauses.omitted
        #expect(both.allSatisfy { Double($0.count) * seconds < 0.7 }, "\(both)")
        #expect(try heard(quiet(seconds: 4, level: 0.05) + speech).pauses.omitted.isEmpty)
    }

    @Test("steps of pauses get a row each, wherever they lie")
    func restored() throws {
        let pauses = try heard(quiet(seconds: 2, level: 0) + speech + quiet(seconds: 3, level: 0)).pauses
        let left = pauses.steps - pauses.omitted.reduce(0) { $0 + $1.count }
        let rows = pauses.restored((0..<left).flatMap { [Float($0), -1] }, row: [-5, -6])
        #expect(rows.count == 2 * pauses.steps)
        var next: Float = 0
        for step in 0..<pauses.steps {
            if pauses.omitted.contains(where: { $0.contains(step) }) {
                #expect(Array(rows[2 * step..<2 * step + 2]) == [-5, -6])
            } else {
                #expect(Array(rows[2 * step..<2 * step + 2]) == [next, -1])
                next += 1
            }
        }
    }
}
