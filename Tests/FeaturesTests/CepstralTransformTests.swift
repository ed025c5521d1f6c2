import AudioIO
import Features
import Foundation
import TestSupport
import Testing
import VectorKernels

@Suite struct CepstralTransformTests {
    private let samples: [Float]

    init() throws {
        let path = Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav").path
        samples = try AudioFile.read(path, sampleRate: 16_000).waveform.samples
    }

    @Test("log-mel features transformed are the MFCC themselves, bit for bit", arguments: [true, false])
    func equalsDirectExtraction(usesEnergy: Bool) throws {
        for (bands, coefficients, lifter) in [(23, 13, 22.0), (40, 40, 0), (80, 30, 22)] {
            var options = FeatureOptions()
            (options.melBands, options.coefficients, options.lifter) = (bands, coefficients, lifter)
            options.usesEnergy = usesEnergy
            let logMel = try FeatureExtractor.features(of: samples, options: options.logMel)
            #expect(logMel.dimension == bands + (usesEnergy ? 1 : 0) && logMel.frames > 100)
            #expect(
                try CepstralTransform(options)(logMel) == FeatureExtractor.features(of: samples, options: options))
        }
    }

    @Test("the transform is the orthonormal cosine transform, liftered, of each frame")
    func equalsThePlainSum() throws {
        var options = FeatureOptions()
        options.usesEnergy = true
        let logMel = try FeatureExtractor.features(of: samples, options: options.logMel)
        for kernels in VectorKernels.available {
            let cepstra = try CepstralTransform(options, kernels: kernels)(logMel)
            for frame in stride(from: 0, to: logMel.frames, by: 7) {
                #expect(cepstra[frame, 0] == logMel[frame, 0])
                for k in 1..<13 {
                    let sum = (0..<23).reduce(0.0) { sum, band in
                        sum + Double(logMel[frame, band + 1]) * cos(.pi * Double(k) * (Double(band) + 0.5) / 23)
                    }
                    let plain = (2.0 / 23).squareRoot() * sum * (1 + 11 * sin(.pi * Double(k) / 22))
                    #expect(abs(Double(cepstra[frame, k]) - plain) < 1e-3, "\(kernels.name), frame \(frame), \(k)")
                }
            }
        }
    }

    @Test("filter banks stay as they are, no frames give no frames, contradictions are told")
    func edges() throws {
        var options = FeatureOptions()
        options.kind = .fbank
        let logMel = try FeatureExtractor.features(of: samples, options: options)
        #expect(try CepstralTransform(options)(logMel) == logMel)
        #expect(try CepstralTransform(FeatureOptions())(FeatureMatrix(dimension: 23)).frames == 0)
        options.kind = .mfcc
        options.coefficients = 24
        #expect(throws: FeatureError.self) { try CepstralTransform(options) }
    }
}
