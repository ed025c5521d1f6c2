import AudioIO
import Features
import Foundation
import TestSupport
import Testing
import Training
import VectorKernels

@Suite struct AugmenterTests {
    /// Every part in every utterance.
    private func everything(_ noise: TemporaryFolder) -> AugmentationOptions {
        augmentation {
            $0.speeds = [0.9, 1, 1.1]
            $0.spectrogram.frequencyMasks = 2
            $0.noise = alwaysNoise(noise, snr: 5...20)
            $0.gain.probability = 1
            $0.telephone.probability = 1
            $0.room.probability = 1
        }
    }

    private func noiseFolder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.sound(whiteNoise(50_000, seed: 3), to: "a.wav")
        try folder.sound(whiteNoise(3_000, seed: 4), to: "deep/b.wav")
        return folder
    }

    @Test("nothing asked for, nothing changed")
    func defaultsChangeNothing() throws {
        let augmenter = try Augmenter(AugmentationOptions(), sampleRate: 16_000)
        let speech = try speech()
        #expect(try augmenter.augment(speech, seed: 1) == speech)
        let features = FeatureMatrix(dimension: 3, values: whiteNoise(30))
        #expect(augmenter.mask(features, seed: 1) == features)
        #expect(!augmenter.changesMoreThanSpeed && augmenter.noiseRecordings == 0)
    }

    @Test("a seed gives the same bits, in another instance and on any thread; another seed, others")
    func pureFunctionOfTheSeed() throws {
        let folder = try noiseFolder()
        let speech = try speech()
        let options = everything(folder)
        let first = try Augmenter(options, sampleRate: 16_000, threads: 1)
        let results = try (0..<6).map { try first.augment(speech, seed: UInt64($0)) }
        for (index, result) in results.enumerated() {
            #expect(result.allSatisfy { $0.isFinite } && !results[..<index].contains(result))
        }
        let second = try Augmenter(options, sampleRate: 16_000, threads: 3)
        let again = Parallel.map(6, threads: 3) { index in
            Result { try second.augment(speech, seed: UInt64(5 - index)) }
        }
        for (index, result) in again.enumerated() { #expect(try result.get() == results[5 - index]) }
    }

    @Test("a part draws the same whether or not another is on")
    func partsDrawByThemselves() throws {
        let folder = try noiseFolder()
        let speech = try speech()
        let alone = try Augmenter(
            augmentation { $0.noise = alwaysNoise(folder, snr: 0...20) }, sampleRate: 16_000)
        let both = try Augmenter(
            augmentation {
                $0.noise = alwaysNoise(folder, snr: 0...20)
                $0.gain.probability = 1
                $0.gain.decibels = -6...(-6)
            }, sampleRate: 16_000)
        for seed in 0..<5 as Range<UInt64> {
            let quiet = try alone.augment(speech, seed: seed).map { $0 * Float(pow(10, -0.3)) }
            #expect(try both.augment(speech, seed: seed) == quiet)
        }
        var options = everything(folder)
        let speeds = try (0..<20).map { try Augmenter(options, sampleRate: 16_000).speed(seed: $0) }
        (options.room, options.noise) = (RoomSimulation(), NoiseMixing())
        (options.gain, options.telephone) = (GainChange(), TelephoneBand())
        let bare = try Augmenter(options, sampleRate: 16_000)
        #expect((0..<20).map { bare.speed(seed: $0) } == speeds && Set(speeds) == [0.9, 1, 1.1])
    }

    @Test("a tone moves in pitch and length by the speed", arguments: [0.5, 0.9, 0.97, 1.1, 1.123, 2])
    func speedMovesPitch(speed: Double) throws {
        for sampleRate in [4_000, 8_000, 16_000, 22_050, 192_000] {
            let augmenter = try Augmenter(augmentation { $0.speeds = [speed] }, sampleRate: sampleRate)
            let played = try augmenter.augment(tone(500, sampleRate: sampleRate), seed: 8)
            #expect(augmenter.speed(seed: 8) == speed)
            #expect(played.count == augmenter.sampleCount(sampleRate, atSpeed: speed))
            #expect(abs(Double(played.count) - Double(sampleRate) / speed) <= 2)
            let measured = pitch(of: inner(played), sampleRate: Double(sampleRate))
            #expect(abs(measured / (500 * speed) - 1) < 2e-4, "\(measured) Hz at \(sampleRate) Hz")
        }
    }

    @Test("each speed is drawn as often as the others")
    func speedsAreDrawnEvenly() throws {
        let augmenter = try Augmenter(augmentation { $0.speeds = [0.9, 1, 1.1] }, sampleRate: 16_000)
        let drawn = (0..<3_000).map { augmenter.speed(seed: $0) }
        for speed in [0.9, 1, 1.1] { #expect((900...1_100).contains(drawn.count { $0 == speed })) }
        #expect(!augmenter.changesMoreThanSpeed)
    }

    @Test("gain moves the level by a number of decibels in its range, as often as asked")
    func gain() throws {
        let speech = try speech()
        let fixed = try Augmenter(
            augmentation {
                $0.gain.probability = 1
                $0.gain.decibels = 7.5...7.5
            }, sampleRate: 16_000)
        #expect(abs(decibels(try fixed.augment(speech, seed: 3)) - decibels(speech) - 7.5) < 1e-4)
        #expect(fixed.changesMoreThanSpeed)

        let often = try Augmenter(
            augmentation {
                ($0.gain.decibels, $0.gain.probability) = (-20...(-10), 0.3)
            }, sampleRate: 16_000)
        let short = Array(speech[8_000..<8_400])
        let changes = try (0..<1_000).map { decibels(try often.augment(short, seed: $0)) - decibels(short) }
        let changed = changes.filter { $0 != 0 }
        #expect((250...350).contains(changed.count))
        #expect(changed.allSatisfy { (-20.0001 ... -9.9999).contains($0) })
        #expect(try #require(changed.min()) < -19 && #require(changed.max()) > -11)
    }

    @Test("recordings of nothing, of a sample or two, and of silence pass every part")
    func edges() throws {
        let folder = try noiseFolder()
        var options = everything(folder)
        for speed in [1, 1.1] {
            options.speeds = [speed]
            let augmenter = try Augmenter(options, sampleRate: 16_000)
            for count in [0, 1, 2, 3, 7] {
                let result = try augmenter.augment([Float](repeating: 0.5, count: count), seed: 1)
                #expect(result.count == augmenter.sampleCount(count, atSpeed: speed))
                #expect(result.allSatisfy { $0.isFinite })
            }
            let silence = try augmenter.augment([Float](repeating: 0, count: 4_000), seed: 2)
            #expect(silence.allSatisfy { $0 == 0 })
        }
    }

    @Test("samples far beyond full scale do not trap")
    func loud() throws {
        let folder = try noiseFolder()
        var options = everything(folder)
        options.gain.decibels = 60...60
        let augmenter = try Augmenter(options, sampleRate: 16_000)
        for level in [1e10, 3e38] as [Float] {
            let loud = (0..<500).map { $0 % 2 == 0 ? level : -level }
            #expect(try augmenter.augment(loud, seed: 1).count >= 400)
        }
    }

    @Test(arguments: [0, 3_999, 192_001])
    func aRateOutOfRangeIsRefused(rate: Int) {
        #expect(throws: AudioError.requestedSampleRateOutOfRange(sampleRate: rate)) {
            try Augmenter(AugmentationOptions(), sampleRate: rate)
        }
    }
}
