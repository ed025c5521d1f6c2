import AudioIO
import Foundation
import TestSupport
import Testing
import Training

@Suite struct NoiseMixingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func augmenter(snr: ClosedRange<Double>, noiseMemory: Int = 256 << 20) throws -> Augmenter {
        try Augmenter(
            augmentation { $0.noise = alwaysNoise(folder, snr: snr) }, sampleRate: 16_000, noiseMemory: noiseMemory)
    }

    private func added(_ augmenter: Augmenter, to speech: [Float], seed: UInt64) throws -> [Float] {
        zip(try augmenter.augment(speech, seed: seed), speech).map { $0 - $1 }
    }

    @Test("the measured ratio is the one asked for", arguments: [-10.0, 0, 5, 20, 40])
    func ratio(snr: Double) throws {
        try folder.sound(whiteNoise(100_000), to: "long.wav")
        try folder.sound(tone(3_000, seconds: 0.3, level: 0.01), to: "short.wav")
        let (augmenter, speech) = (try augmenter(snr: snr...snr), try speech())
        for seed in 0..<5 as Range<UInt64> {
            let noise = try added(augmenter, to: speech, seed: seed)
            #expect(abs(decibels(speech) - decibels(noise) - snr) < 0.01)
        }
    }

    @Test("ratios are drawn from the whole range")
    func range() throws {
        try folder.sound(whiteNoise(10_000), to: "noise.wav")
        let (augmenter, speech) = (try augmenter(snr: 5...20), try speech())
        let ratios = try (0..<100).map { seed in
            decibels(speech) - decibels(try added(augmenter, to: speech, seed: seed))
        }
        #expect(ratios.allSatisfy { (4.99...20.01).contains($0) })
        #expect(try #require(ratios.min()) < 6.5 && #require(ratios.max()) > 18.5)
    }

    @Test("noise shorter than the speech is repeated, from a drawn place")
    func shortNoise() throws {
        try folder.sound(whiteNoise(1_000), to: "noise.wav")
        let augmenter = try augmenter(snr: 0...0)
        let silenceButOne = [Float](repeating: 0.5, count: 5_000)
        var beginnings: Set<Int> = []
        for seed in 0..<8 as Range<UInt64> {
            let noise = try added(augmenter, to: silenceButOne, seed: seed)
            #expect(largestDifference(noise[1_000...], noise[..<4_000]) < 1e-6)
            let offset = try #require(place(of: noise[..<1_000], in: whiteNoise(1_000) + whiteNoise(1_000)))
            beginnings.insert(offset)
        }
        #expect(beginnings.count > 5)
    }

    @Test("noise longer than the speech gives a stretch of it, with no seam")
    func longNoise() throws {
        try folder.sound(whiteNoise(20_000), to: "noise.wav")
        let augmenter = try augmenter(snr: 0...0)
        var places: Set<Int> = []
        for seed in 0..<8 as Range<UInt64> {
            let noise = try added(augmenter, to: [Float](repeating: 0.5, count: 5_000), seed: seed)
            places.insert(try #require(place(of: noise[...], in: whiteNoise(20_000))))
        }
        #expect(places.count > 5 && places.allSatisfy { (0...15_000).contains($0) })
    }

    /// Where scaled samples stand in others.
    private func place(of part: ArraySlice<Float>, in whole: [Float]) -> Int? {
        let power = decibels(part)
        return (0...whole.count - part.count).first { start in
            let candidate = whole[start..<start + part.count]
            // A few samples say where it cannot be.
            let ratio = part[part.startIndex] / candidate[start]
            guard abs(part[part.startIndex + 9] - ratio * candidate[start + 9]) < 1e-3 else { return false }
            let scale = Float(pow(10, (power - decibels(candidate)) / 20))
            return largestDifference(part, candidate.map { $0 * scale }) < 1e-5
        }
    }

    @Test("noise that is not kept in memory is read again, with the same result, at another sample rate too")
    func memoryDoesNotMatter() throws {
        try folder.sound(whiteNoise(30_000), to: "a.wav")
        try folder.sound(whiteNoise(60_000, seed: 2), to: "b.wav", sampleRate: 44_100)
        try folder.sound(whiteNoise(2_000, seed: 3), to: "c.wav", sampleRate: 8_000)
        let speech = try speech()
        let kept = try augmenter(snr: 5...20)
        for memory in [0, 130_000] {
            let read = try augmenter(snr: 5...20, noiseMemory: memory)
            for seed in 0..<9 as Range<UInt64> {
                #expect(try read.augment(speech, seed: seed) == kept.augment(speech, seed: seed))
            }
        }
    }

    @Test("what is no sound is skipped and counted, in folders of any depth")
    func others() throws {
        try folder.sound(whiteNoise(1_000), to: "deep/er/noise.flac.wav")
        try folder.sound([Float](repeating: 0, count: 1_000), to: "deep/silence.wav")
        try folder.write("no sound".utf8, to: "SOURCE.txt")
        try folder.write([], to: "empty.wav")
        try folder.write(WAVBytes().bytes, to: "no-samples.wav")
        #expect(mkfifo(folder.path("pipe.wav"), 0o600) == 0)
        let augmenter = try augmenter(snr: 0...10)
        #expect(augmenter.noiseRecordings == 1 && augmenter.skippedNoiseFiles == 4)
        #expect(augmenter.noteOfNoise?.contains("4 other files") == true)
    }

    @Test("a folder without noise, or that is none, is refused in one line")
    func noNoise() throws {
        #expect(throws: AugmentationError.noNoise(folder: folder.url.path, files: 0)) { try augmenter(snr: 0...1) }
        try folder.sound([Float](repeating: 0, count: 1_000), to: "silence.wav")
        #expect(throws: AugmentationError.noNoise(folder: folder.url.path, files: 1)) { try augmenter(snr: 0...1) }
        let error = message { _ = try augmenter(snr: 0...1) } ?? ""
        #expect(error.contains(folder.url.path) && error.contains("1 files") && !error.contains("\n"))
        let missing = augmentation { ($0.noise.folder, $0.noise.probability) = ("/no/such\nfolder", 1) }
        #expect(
            message { _ = try Augmenter(missing, sampleRate: 16_000) }
                == #"augmentation: noise_folder "/no/such\nfolder" is no folder: check the path"#)
    }

    @Test("a noise file with a sample that is no number is refused, before anything is trained")
    func notANumber() throws {
        try folder.sound(whiteNoise(1_000), to: "good.wav")
        let samples: [Float] = [0.1, .nan, 0.1]
        let data = samples.flatMap { little($0.bitPattern) }
        let path = try folder.write(WAVBytes(format: 3, bits: 32, data: data).bytes, to: "bad.wav")
        let error = message { _ = try augmenter(snr: 0...10) } ?? ""
        #expect(error.contains(path) && error.contains("not a finite number"))
    }

    @Test("where the stretch drawn is silent, the speech stays as it is")
    func silentStretch() throws {
        try folder.sound([Float](repeating: 0, count: 60_000) + whiteNoise(500), to: "noise.wav")
        let augmenter = try augmenter(snr: 0...0)
        let speech = Array(try speech().prefix(2_000))
        #expect(try augmenter.augment(speech, seed: 1) == speech)
    }

    @Test("a recording that is gone when it is drawn is named")
    func gone() throws {
        try folder.sound(whiteNoise(1_000), to: "noise.wav")
        let augmenter = try augmenter(snr: 0...0, noiseMemory: 0)
        try FileManager.default.removeItem(atPath: folder.path("noise.wav"))
        let path = folder.url.path + "/noise.wav"
        #expect(throws: AudioError.doesNotExist(path: path)) { try augmenter.augment([0.1, 0.2], seed: 1) }
    }
}
