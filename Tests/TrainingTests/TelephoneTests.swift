import AudioIO
import Foundation
import TestSupport
import Testing
import Training

@Suite struct TelephoneTests {
    private func augmenter(sampleRate: Int = 16_000) throws -> Augmenter {
        try Augmenter(
            augmentation { $0.telephone.probability = 1 }, sampleRate: sampleRate)
    }

    @Test("tones inside 300 to 3400 Hz pass, those outside do not", arguments: [8_000, 16_000, 44_100])
    func band(sampleRate: Int) throws {
        let augmenter = try augmenter(sampleRate: sampleRate)
        func change(_ pitch: Double) throws -> Double {
            let sent = tone(pitch, sampleRate: sampleRate)
            return decibels(inner(try augmenter.augment(sent, seed: 1))) - decibels(inner(sent))
        }
        for pitch in [400.0, 1_000, 2_000, 3_300] { #expect(abs(try change(pitch)) < 0.3, "\(pitch) Hz") }
        for pitch in [50.0, 100, 200, 3_500, 3_900] { #expect(try change(pitch) < -40, "\(pitch) Hz") }
        for pitch in [300.0, 3_400] { #expect(abs(try change(pitch) + 6) < 1, "\(pitch) Hz") }
        // What is above half of 8 kHz must not come back mirrored below it.
        for pitch in [5_000.0, 7_000] where sampleRate > 8_000 { #expect(try change(pitch) < -60, "\(pitch) Hz") }
    }

    @Test("every sample is one that libsndfile knows of the mu-law")
    func levels() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            WAVBytes(format: 7, sampleRate: 8_000, bits: 8, data: Array(0...255)).bytes, to: "levels.wav")
        let levels = try AudioFile.read(path).waveform.samples
        #expect(Set(levels).count == 255)  // 0 has two codes
        let sent = whiteNoise(40_000, level: 0.4) + whiteNoise(40_000, level: 0.01) + tone(1_000, sampleRate: 8_000)
        let received = try augmenter(sampleRate: 8_000).augment(sent, seed: 1)
        // Not beyond full scale, where the level is turned down by what is no power of two.
        try #require(received.allSatisfy { abs($0) < 1 })
        #expect(received.count == sent.count && Set(received).isSubset(of: Set(levels)))
        #expect(Set(received).count > 220)
    }

    @Test("the mu-law's noise is as far below the signal at every level", arguments: [0.9, 0.3, 0.1, 0.03])
    func quantisation(level: Double) throws {
        // No whole number of samples a period, so that the steps are met everywhere.
        let sent = tone(1_017, level: level, sampleRate: 8_000)
        let received = inner(try augmenter(sampleRate: 8_000).augment(sent, seed: 1))
        var (sine, cosine) = (0.0, 0.0)
        func angle(_ index: Int) -> Double { 2 * .pi * 1_017 * Double(index) / 8_000 }
        for index in received.indices {
            sine += Double(received[index]) * sin(angle(index)) * 2 / Double(received.count)
            cosine += Double(received[index]) * cos(angle(index)) * 2 / Double(received.count)
        }
        let noise = received.indices.map { received[$0] - Float(sine * sin(angle($0)) + cosine * cos(angle($0))) }
        #expect((35...42).contains(decibels(received) - decibels(noise)))
    }

    @Test("nothing is shifted, and what is beyond full scale is not clipped")
    func timeAndLevel() throws {
        let sent = tone(1_000).map { $0 * 4 }
        for (sampleRate, samples) in [(16_000, sent), (11_025, tone(700, sampleRate: 11_025).map { $0 * 4 })] {
            let received = try augmenter(sampleRate: sampleRate).augment(samples, seed: 1)
            #expect(received.count == samples.count)
            let difference = zip(inner(received), inner(samples)).map { $0 - $1 }
            #expect(decibels(difference) < decibels(inner(samples)) - 25)
        }
    }
}
