import AudioIO
import CTC
import Features
import Foundation
import Networks
import TestSupport
import Testing

import AcousticModel

/// Models of log-mel energies on cepstra, and behind other front ends.
@Suite struct ModelConversionTests {
    private static func model(
        _ cell: RecurrentCell, filters: Int? = nil, normalisation: FrontEndDescription.Normalisation, range: Double?
    ) -> AcousticModel {
        var options = FeatureOptions()
        (options.kind, options.sampleRate, options.melBands) = (.fbank, 8000, 12)
        var generator = SeededGenerator(seed: 7)
        func values(_ count: Int) -> [Float] { (0..<count).map { _ in 0.5 * generator.uniform() } }
        func matrix(_ rows: Int, _ columns: Int) -> Matrix {
            Matrix(rows: rows, columns: columns, values: values(rows * columns))
        }
        let scale = normalisation.hasScale ? (0..<12).map { 0.1 + 0.05 * Float($0) } : []
        let frontEnd = FrontEnd(
            options: options, normalisation: normalisation, scale: scale, stack: 3, stride: 2, range: range)
        let convolution = filters.map {
            StepConvolution(linear: Linear(weight: matrix($0, 36), bias: values($0)), frames: 3)
        }
        let rows = 9 * cell.gates
        let layers = [filters ?? 36, 18].map { inputs in
            RecurrentLayer(
                cell: cell,
                directions: (0..<2).map { _ in
                    RecurrentWeights(
                        input: matrix(rows, inputs), recurrent: matrix(rows, 9), inputBias: values(rows),
                        recurrentBias: values(rows))
                })
        }
        return AcousticModel(
            name: "small", frontEnd: frontEnd, encoder: RecurrentNetwork(convolution: convolution, layers: layers),
            head: .characters(
                OutputLayers(
                    last: Linear(weight: matrix(5, 18), bias: values(5)),
                    vocabulary: Vocabulary(symbols: ["<blank>", " ", "a", "b", "c"]))))
    }

    private static func sound(_ seconds: Double) -> [Float] {
        var generator = SeededGenerator(seed: 8)
        return (0..<Int(8000 * seconds)).map { 0.1 * sin(Float($0 * ($0 / 900 + 1)) / 9) + 0.01 * generator.uniform() }
    }

    @Test(
        "on cepstra a model computes the same, whatever reads the steps",
        arguments: [
            (RecurrentCell.lstm, nil, FrontEndDescription.Normalisation.mean, nil),
            (.gru, nil, .soundMeanAndScale, 12), (.gru, 7, .meanAndScale, nil), (.lstm, 7, .soundMean, 9),
            (.tanh, nil, .none, 12),
        ] as [(RecurrentCell, Int?, FrontEndDescription.Normalisation, Double?)])
    func cepstra(
        cell: RecurrentCell, filters: Int?, normalisation: FrontEndDescription.Normalisation, range: Double?
    ) throws {
        let model = Self.model(cell, filters: filters, normalisation: normalisation, range: range)
        let cepstral = try #require(model.onCepstra())
        let features = cepstral.description.features
        #expect(features.kind == "mfcc" && features.coefficients == 12 && features.lifter == 0)
        #expect(features.range == range && features.normalisation == normalisation)
        let frames = try model.frontEnd.frames(of: Self.sound(1))
        let (a, b) = (model.logProbabilities(ofFrames: [frames])[0], cepstral.logProbabilities(ofFrames: [frames])[0])
        #expect(a.steps > 40 && largestDifference(a.values, b.values) < 1e-4)
        #expect(cepstral.onCepstra() == nil)
    }

    @Test("the shipped model on cepstra: equal to 1e-4 in float32, to 2e-3 as stored in float16")
    func shipped() throws {
        let model = try AcousticModel(path: shippedModel)
        guard model.frontEnd.options.kind == .fbank else { return }
        let cepstral = try #require(model.onCepstra())
        let folder = try TemporaryFolder()
        try cepstral.write(to: folder.path("mfcc.safetensors"))
        let stored = try AcousticModel(path: folder.path("mfcc.safetensors"))
        #expect(stored.description.features.lifter == 0)
        for name in ["turn-on-the-lamp.wav", "play-the-next-song.wav"] {
            let samples = try AudioFile.read(Folders.package.appendingPathComponent("audio/\(name)").path).waveform
                .samples
            func probabilities(_ model: AcousticModel) throws -> [Float] {
                model.logProbabilities(ofFrames: [try model.frontEnd.frames(of: samples)])[0].values.map { exp($0) }
            }
            let expected = try probabilities(model)
            #expect(largestDifference(try probabilities(cepstral), expected) < 1e-4, "\(name)")
            #expect(largestDifference(try probabilities(stored), expected) < 2e-3, "\(name)")
        }
    }

    @Test("behind another front end biases take up what its steps are below those of the first")
    func offset() throws {
        for filters in [nil, 7] as [Int?] {
            let model = Self.model(.gru, filters: filters, normalisation: .soundMeanAndScale, range: 12)
            let offset = (0..<12).map { 0.3 - 0.1 * Float($0) }
            let moved = model.behind(model.frontEnd, offset: offset)
            let steps = try model.frontEnd.steps(of: Self.sound(0.5))
            let lower = Matrix(
                rows: steps.rows, columns: steps.columns,
                values: steps.values.enumerated().map { $1 - offset[$0 % 36 % 12] })
            let expected = model.logProbabilities(ofSteps: [steps])[0]
            #expect(largestDifference(moved.logProbabilities(ofSteps: [lower])[0].values, expected.values) < 1e-5)
            #expect(model.behind(model.frontEnd).logProbabilities(ofSteps: [steps])[0] == expected)
        }
    }
}
