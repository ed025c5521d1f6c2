import Features
import Foundation
import TestSupport
import Testing
import Training

@Suite struct SpectrogramMaskingTests {
    private let features = FeatureMatrix(dimension: 24, values: whiteNoise(24 * 200, level: 5))

    private func augmenter(_ change: (inout SpectrogramMasking) -> Void) throws -> Augmenter {
        var masking = SpectrogramMasking()
        (masking.frequencyMasks, masking.frequencyWidth, masking.timeMasks) = (2, 15, 2)
        change(&masking)
        return try Augmenter(augmentation { $0.spectrogram = masking }, sampleRate: 16_000)
    }

    /// The columns and the frames in which every cell is the mean of its column; any other cell must be as it was.
    private func hidden(_ masked: FeatureMatrix) -> (columns: [Int], frames: [Int]) {
        let mean = MeanVariance(features).mean
        let columns = (0..<24).filter { column in (0..<200).allSatisfy { masked[$0, column] == mean[column] } }
        let frames = (0..<200).filter { frame in (0..<24).allSatisfy { masked[frame, $0] == mean[$0] } }
        for frame in 0..<200 where !frames.contains(frame) {
            for column in 0..<24 where !columns.contains(column) {
                #expect(masked[frame, column] == features[frame, column])
            }
        }
        return (columns, frames)
    }

    private func areContiguous(_ indices: [Int]) -> Bool {
        zip(indices, indices.dropFirst()).allSatisfy { $1 == $0 + 1 }
    }

    @Test("a mask over bands hides 0 to its width of them, anywhere")
    func bands() throws {
        let augmenter = try augmenter { ($0.frequencyMasks, $0.frequencyWidth, $0.timeMasks) = (1, 6, 0) }
        var (widths, places): (Set<Int>, Set<Int>) = ([], [])
        for seed in 0..<300 as Range<UInt64> {
            let (columns, frames) = hidden(augmenter.mask(features, seed: seed))
            #expect(frames.isEmpty && areContiguous(columns))
            widths.insert(columns.count)
            places.formUnion(columns)
        }
        #expect(widths == Set(0...6) && places == Set(0..<24))
    }

    @Test(
        "a mask over time hides at most its width and its share, anywhere",
        arguments: [(30, 1.0), (100, 0.1), (7, 0.04)])
    func time(width: Int, share: Double) throws {
        let augmenter = try augmenter {
            ($0.frequencyMasks, $0.timeMasks, $0.timeWidth, $0.timeShare) = (0, 1, width, share)
        }
        let most = min(width, Int(share * 200))
        var (widths, places): (Set<Int>, Set<Int>) = ([], [])
        for seed in 0..<2_500 as Range<UInt64> {
            let (columns, frames) = hidden(augmenter.mask(features, seed: seed))
            #expect(columns.isEmpty && areContiguous(frames))
            widths.insert(frames.count)
            places.formUnion(frames)
        }
        #expect(widths == Set(0...most) && places == Set(0..<200))
    }

    @Test("several masks hide no more than all their widths")
    func several() throws {
        let augmenter = try augmenter {
            ($0.frequencyMasks, $0.frequencyWidth, $0.timeMasks, $0.timeWidth, $0.timeShare) = (2, 4, 3, 20, 0.05)
        }
        var most = (columns: 0, frames: 0)
        for seed in 0..<300 as Range<UInt64> {
            let (columns, frames) = hidden(augmenter.mask(features, seed: seed))
            most = (max(most.columns, columns.count), max(most.frames, frames.count))
        }
        #expect((7...8).contains(most.columns) && (25...30).contains(most.frames))
    }

    @Test("the energy in front is hidden with whole frames, never as a band")
    func energy() throws {
        let augmenter = try augmenter { ($0.frequencyMasks, $0.frequencyWidth, $0.timeMasks) = (4, 23, 0) }
        for seed in 0..<100 as Range<UInt64> {
            #expect(!hidden(augmenter.mask(features, energyFirst: true, seed: seed)).columns.contains(0))
        }
        let overTime = try self.augmenter { ($0.frequencyMasks, $0.timeMasks) = (0, 1) }
        let frames = try #require(
            (0..<20).map { hidden(overTime.mask(features, energyFirst: true, seed: $0)).frames }.first { $0.count > 3 })
        #expect(frames.count <= 20)
    }

    @Test("the same seed, the same masks; another, others; whether or not the waveform was changed")
    func seeds() throws {
        let augmenter = try augmenter { _ in }
        #expect(augmenter.mask(features, seed: 5) == augmenter.mask(features, seed: 5))
        #expect(augmenter.mask(features, seed: 5) != augmenter.mask(features, seed: 6))
        var options = augmenter.options
        options.gain.probability = 1
        let louder = try Augmenter(options, sampleRate: 16_000)
        #expect(louder.mask(features, seed: 5) == augmenter.mask(features, seed: 5))
        #expect(!augmenter.changesMoreThanSpeed && louder.changesMoreThanSpeed)
    }

    @Test("no frames, one frame, one band, masks wider than all of it")
    func edges() throws {
        let augmenter = try augmenter { ($0.frequencyWidth, $0.timeWidth, $0.timeShare) = (1_024, 100_000, 1) }
        for (dimension, frames) in [(24, 0), (24, 1), (1, 10), (2, 3)] {
            let few = FeatureMatrix(dimension: dimension, values: whiteNoise(dimension * frames))
            for seed in 0..<50 as Range<UInt64> {
                for energyFirst in [false, true] {
                    let masked = augmenter.mask(few, energyFirst: energyFirst, seed: seed)
                    #expect(masked.frames == frames && masked.values.allSatisfy { $0.isFinite })
                }
            }
        }
    }

    @Test("MFCC of masked log-mel features differ in every coefficient, and only where they were masked")
    func beforeTheCosineTransform() throws {
        let options = FeatureOptions()
        let logMel = try FeatureExtractor.features(of: speech(), options: options.logMel)
        let transform = try CepstralTransform(options)
        let augmenter = try augmenter { ($0.frequencyMasks, $0.timeMasks, $0.timeWidth) = (0, 1, 15) }
        let masked = augmenter.mask(logMel, seed: 3)
        let changed = (0..<logMel.frames).filter { masked[$0] != logMel[$0] }
        let (plain, hidden) = (transform(logMel), transform(masked))
        try #require(!changed.isEmpty)
        for frame in 0..<logMel.frames {
            let differs = (0..<options.coefficients).allSatisfy { plain[frame, $0] != hidden[frame, $0] }
            #expect(differs == changed.contains(frame))
        }
    }
}
