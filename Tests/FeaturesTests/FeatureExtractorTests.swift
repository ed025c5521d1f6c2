import Features
import Foundation
import TestSupport
import Testing

private func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { 0.3 * sin(Float($0) * 0.05) + 0.1 * generator.uniform() }
}

@Suite struct FeatureExtractorTests {
    @Test("the frames of a stream equal those of the whole, whatever the blocks", arguments: [true, false])
    func streamEqualsWhole(snipsEdges: Bool) throws {
        for (kind, shift) in [(FeatureKind.mfcc, 10.0), (.fbank, 10), (.mfcc, 40), (.fbank, 3.1)] {
            var options = FeatureOptions()
            (options.kind, options.snipsEdges, options.usesEnergy, options.frameShift) = (kind, snipsEdges, true, shift)
            for length in [0, 1, 79, 80, 399, 400, 401, 5000, 16_000] {
                let samples = noise(length)
                let whole = try FeatureExtractor.features(of: samples, options: options)
                #expect(whole.frames == options.frameCount(samples: length))
                for block in [1, 160, 333, 4096] where length < 6000 || block > 1 {
                    let extractor = try FeatureExtractor(options)
                    var frames = FeatureMatrix(dimension: options.dimension)
                    for start in stride(from: 0, to: length, by: block) {
                        extractor.accept(Array(samples[start..<min(start + block, length)]))
                        frames.append(extractor.takeFrames())
                    }
                    extractor.finish()
                    frames.append(extractor.takeFrames())
                    #expect(frames == whole, "\(kind) \(shift) ms, \(length) samples by \(block)")
                }
            }
        }
    }

    @Test("digital silence gives finite features")
    func silence() throws {
        for kind in FeatureKind.allCases {
            var options = FeatureOptions()
            (options.kind, options.usesEnergy) = (kind, true)
            let features = try FeatureExtractor.features(of: [Float](repeating: 0, count: 4000), options: options)
            #expect(features.values.allSatisfy { $0.isFinite })
        }
    }

    @Test("a constant is silence once its mean is removed")
    func constant() throws {
        var options = FeatureOptions()
        options.kind = .fbank
        let silent = try FeatureExtractor.features(of: [Float](repeating: 0, count: 800), options: options)
        let constant = try FeatureExtractor.features(of: [Float](repeating: 0.5, count: 800), options: options)
        #expect(largestDifference(silent.values, constant.values) < 1e-3)
    }

    @Test("the energy before or after the window, with a floor, takes its place")
    func energies() throws {
        let samples = noise(400)
        var options = FeatureOptions()
        (options.kind, options.usesEnergy) = (.fbank, true)
        let scaled = samples.map { Double($0) * 32_768 }
        let mean = scaled.reduce(0, +) / 400
        let raw = log(scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
        #expect(try abs(Double(FeatureExtractor.features(of: samples, options: options)[0, 0]) - raw) < 1e-3)

        options.rawEnergy = false
        let window = options.window.weights(400)
        let shaped = (0..<400).map { i in
            (scaled[i] - mean - 0.97 * (scaled[max(i - 1, 0)] - mean)) * Double(window[i])
        }
        let windowed = log(shaped.reduce(0) { $0 + $1 * $1 })
        #expect(try abs(Double(FeatureExtractor.features(of: samples, options: options)[0, 0]) - windowed) < 1e-3)

        options.energyFloor = 1e20
        #expect(try abs(FeatureExtractor.features(of: samples, options: options)[0, 0] - log(1e20)) < 1e-3)
    }

    @Test("the power spectrum is that of the definition", arguments: [8000, 16_000, 44_100])
    func tone(rate: Int) throws {
        // A tone at the centre of a band is loudest in that band.
        var options = FeatureOptions()
        (options.kind, options.sampleRate, options.melBands) = (.fbank, rate, 20)
        let mel = { (f: Double) in 1127 * log(1 + f / 700) }
        let (low, high) = (mel(20), mel(Double(rate) / 2))
        for band in [2, 10, 18] {
            let centre = 700 * (exp((low + (high - low) / 21 * Double(band + 1)) / 1127) - 1)
            let tone = (0..<rate / 10).map { Float(0.5 * sin(2 * Double.pi * centre * Double($0) / Double(rate))) }
            let frame = Array(try FeatureExtractor.features(of: tone, options: options)[1])
            #expect(frame.firstIndex(of: frame.max() ?? 0) == band)
        }
    }

    @Test("options that contradict each other are refused in words")
    func refusals() {
        func message(_ change: (inout FeatureOptions) -> Void) -> String {
            var options = FeatureOptions()
            change(&options)
            do {
                _ = try FeatureExtractor(options)
                return "accepted"
            } catch { return error.description }
        }
        #expect(message { $0.coefficients = 24 }.contains("24 cepstral coefficients of 23 mel bands"))
        #expect(message { $0.melBands = 400 }.contains("too many"))
        #expect(message { $0.lowFrequency = 9000 }.contains("from 9000.0 to 8000.0 Hz"))
        #expect(message { $0.highFrequency = 8001 }.contains("8001"))
        #expect(message { $0.highFrequency = .nan }.contains("nan"))
        #expect(message { $0.windowLength = 0 }.contains("window of 0.0 ms"))
        #expect(message { $0.windowLength = .infinity }.contains("window of inf ms"))
        #expect(message { $0.frameShift = 0.01 }.contains("less than a sample"))
        #expect(message { $0.preemphasis = 2 }.contains("pre-emphasis of 2"))
        #expect(message { $0.sampleRate = 0 }.contains("sample rate of 0"))
        #expect(message { $0.lifter = -1 }.contains("lifter"))
        #expect(message { _ in } == "accepted")
    }
}

@Suite struct DeltasTests {
    @Test("a straight line has its slope as delta and no second delta, away from the ends")
    func line() {
        let features = FeatureMatrix(dimension: 1, values: (0..<20).map { 3 * Float($0) })
        for edges in [Deltas.Edges.repeatFeatures, .repeatEachOrder] {
            let deltas = Deltas(edges: edges).appended(to: features)
            #expect(largestDifference(deltas[10], [30, 3, 0]) < 1e-5)
        }
    }

    @Test("a single frame and no frame are no trouble")
    func short() {
        let single = Deltas().appended(to: FeatureMatrix(dimension: 2, values: [1, 2])).values
        #expect(largestDifference(single, [1, 2, 0, 0, 0, 0]) < 1e-6)
        #expect(Deltas().appended(to: FeatureMatrix(dimension: 2)).frames == 0)
    }
}

@Suite struct MeanVarianceTests {
    @Test("statistics over several utterances are those of all their frames")
    func pooled() {
        var statistics = MeanVariance(dimension: 1)
        statistics.add(FeatureMatrix(dimension: 1, values: [1, 2]))
        statistics.add(FeatureMatrix(dimension: 1, values: [6]))
        #expect(statistics.mean == [3])
        #expect(abs(statistics.variance[0] - 14 / 3) < 1e-5)
    }

    @Test("a constant coefficient, and no frame at all, stay finite")
    func degenerate() {
        let constant = FeatureMatrix(dimension: 1, values: [5, 5, 5])
        #expect(MeanVariance(constant).normalise(constant, variance: true).values == [0, 0, 0])
        #expect(MeanVariance(dimension: 1).normalise(constant).values == [5, 5, 5])
    }
}
