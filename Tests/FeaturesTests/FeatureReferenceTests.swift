import AudioIO
import Features
import Foundation
import TestSupport
import Testing
import VectorKernels

/// A variant of `features.safetensors`, `<wav>.snip<1|0>.<kind>`, as options and what follows them.
private struct Variant {
    let wav: String
    let kind: String
    let snipsEdges: Bool

    init(_ name: String) throws {
        let parts = name.split(separator: ".").map(String.init)
        try #require(parts.count == 3, "an unknown name: \(name)")
        wav = parts[0]
        snipsEdges = parts[1] == "snip1"
        kind = parts[2]
    }

    /// What the stored array was derived from, where it was derived from another.
    var base: String? {
        let suffixes = ["_deltas_kaldi", "_deltas_torchaudio", "_cmn", "_cmvn"]
        return suffixes.first { kind.hasSuffix($0) }.map { String(kind.dropLast($0.count)) }
    }

    func options(_ kind: String) throws -> FeatureOptions {
        var options = FeatureOptions()
        options.snipsEdges = snipsEdges
        switch kind {
        case "fbank80": (options.kind, options.melBands) = (.fbank, 80)
        case "mfcc13": options.usesEnergy = true
        case "mfcc13_noenergy": break
        case "mfcc40": (options.melBands, options.coefficients) = (40, 40)
        case "mfcc40_hires":
            (options.melBands, options.coefficients) = (40, 40)
            (options.lowFrequency, options.highFrequency) = (20, -400)
        default: Issue.record("an unknown kind: \(kind)")
        }
        return options
    }

    func derive(_ features: FeatureMatrix) -> FeatureMatrix {
        switch kind.split(separator: "_", maxSplits: 1).last {
        case "deltas_kaldi": withoutBase(Deltas().appended(to: features), features.dimension)
        case "deltas_torchaudio":
            withoutBase(Deltas(edges: .repeatEachOrder).appended(to: features), features.dimension)
        case "cmn": MeanVariance(features).normalise(features)
        case "cmvn": MeanVariance(features).normalise(features, variance: true)
        default: features
        }
    }

    private func withoutBase(_ features: FeatureMatrix, _ count: Int) -> FeatureMatrix {
        FeatureMatrix(
            dimension: features.dimension - count,
            values: (0..<features.frames).flatMap { features[$0].dropFirst(count) })
    }
}

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct FeatureReferenceTests {
    private let reference: Reference

    init() throws { reference = try Reference("features") }

    private func samples(_ wav: String) throws -> [Float] {
        let path = try #require(Folders.reference).appendingPathComponent("wav/\(wav).wav").path
        return try AudioFile.read(path).waveform.samples
    }

    private func matrix(_ name: String) throws -> FeatureMatrix {
        let tensor = try reference.tensor(name)
        return FeatureMatrix(dimension: tensor.shape[1], values: tensor.values)
    }

    @Test("filter banks and MFCC agree with Kaldi, on every instruction set")
    func agreeWithKaldi() throws {
        let variants = try reference.names.map { ($0, try Variant($0)) }.filter { $0.1.base == nil }
        try #require(!variants.isEmpty)
        for (name, variant) in variants {
            let expected = try matrix(name)
            let wav = try samples(variant.wav)
            let usual: Float = variant.kind.hasPrefix("fbank") ? 2e-3 : 5e-3
            for kernels in VectorKernels.available {
                let extractor = try FeatureExtractor(variant.options(variant.kind), kernels: kernels)
                extractor.accept(wav)
                extractor.finish()
                let ours = extractor.takeFrames()
                let comment = Comment(rawValue: "\(name) on \(kernels.name)")
                let logMel = try FeatureExtractor(extractor.options.logMel, kernels: kernels)
                logMel.accept(wav)
                logMel.finish()
                let transform = try CepstralTransform(extractor.options, kernels: kernels)
                #expect(transform(logMel.takeFrames()) == ours, comment)
                try #require(ours.values.count == expected.values.count, comment)
                #expect(largestDifference(ours.values, expected.values) < 1e-2, comment)
                let close = zip(ours.values, expected.values).filter { abs($0 - $1) < usual }.count
                #expect(Double(close) >= 0.999 * Double(ours.values.count), comment)
            }
        }
    }

    @Test("deltas and normalisation agree with Kaldi and torchaudio, from the stored features")
    func derivedAgree() throws {
        let variants = try reference.names.map { ($0, try Variant($0)) }.filter { $0.1.base != nil }
        try #require(!variants.isEmpty)
        for (name, variant) in variants {
            let base = try matrix("\(variant.wav).snip\(variant.snipsEdges ? 1 : 0).\(#require(variant.base))")
            let difference = try largestDifference(variant.derive(base).values, matrix(name).values)
            // Deltas to 1e-5; normalised values are as large as the features, tens, of which 1e-5 is a rounding or two.
            #expect(difference < 1e-5 * max(1, base.values.map(abs).max() ?? 1), "\(name): \(difference)")
        }
    }

    @Test("deltas of our own features agree within 1e-3")
    func deltasOfOurFeatures() throws {
        for name in reference.names where name.contains("_deltas_") {
            let variant = try Variant(name)
            let features = try FeatureExtractor.features(
                of: samples(variant.wav), options: variant.options(#require(variant.base)))
            #expect(try largestDifference(variant.derive(features).values, matrix(name).values) < 1e-3, "\(name)")
        }
    }
}
