import AudioIO
import Foundation
import TestSupport
import Testing

private let isThere = ConditionTrait.enabled(
    if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing))

/// What python-soundfile says of a file; one value for each channel.
private struct ExpectedAudio: Decodable {
    let samplerate: Int
    let channels: Int
    let frames: Int
    let sum: [Double]
    let sumsq: [Double]
    let peak: [Double]
    let at1000: [Double]?
    let atLast: [Double]
    /// `[samples, channels]`
    let excerpt: [[Double]]?
    let monoMeanSumsq: Double

    enum CodingKeys: String, CodingKey {
        case samplerate, channels, frames, sum, sumsq, peak
        case at1000 = "at_1000"
        case atLast = "at_last"
        case excerpt = "samples_8000_to_8008"
        case monoMeanSumsq = "mono_mean_sumsq"
    }
}

/// A sweep and the sample rate it is at.
private struct ExpectedSweep: Decodable {
    let rate: Int
    let f0: Double
    let f1: Double
    let seconds: Double
}

private func decode<Value: Decodable>(_ name: String) throws -> [String: Value] {
    let folder = try #require(Folders.reference)
    let data = try Data(contentsOf: folder.appendingPathComponent(name))
    return try JSONDecoder().decode([String: Value].self, from: data)
}

private func isClose(_ value: Double, _ expected: Double) -> Bool {
    abs(value - expected) <= 1e-6 * max(abs(expected), 1)
}

@Suite("Reference vectors", isThere) struct ReferenceTests {
    @Test func samplesEqualThoseOfPythonSoundfile() throws {
        let folder = try #require(Folders.reference).appendingPathComponent("wav")
        let files: [String: ExpectedAudio] = try decode("audio.json")
        #expect(!files.isEmpty)
        for (name, expected) in files {
            let path = folder.appendingPathComponent(name).path
            for channel in 0..<expected.channels {
                let recording = try AudioFile.read(path, channels: .channel(channel + 1))
                let samples = recording.waveform.samples
                #expect(recording.warnings.isEmpty, "\(name)")
                #expect(recording.information.frames == expected.frames, "\(name)")
                #expect(recording.information.channels == expected.channels, "\(name)")
                #expect(recording.waveform.sampleRate == expected.samplerate, "\(name)")
                try #require(samples.count == expected.frames, "\(name)")

                #expect(Double(try #require(samples.last)) == expected.atLast[channel], "\(name)")
                #expect(Double(samples.map(abs).max() ?? 0) == expected.peak[channel], "\(name)")
                if let value = expected.at1000 { #expect(Double(samples[1_000]) == value[channel], "\(name)") }
                for (index, frame) in (expected.excerpt ?? []).enumerated() where 8_000 + index < samples.count {
                    #expect(Double(samples[8_000 + index]) == frame[channel], "\(name)")
                }
                #expect(isClose(samples.reduce(0) { $0 + Double($1) }, expected.sum[channel]), "\(name)")
                #expect(isClose(power(samples) * Double(samples.count), expected.sumsq[channel]), "\(name)")
            }
            let mixed = try AudioFile.read(path).waveform.samples
            #expect(isClose(power(mixed) * Double(mixed.count), expected.monoMeanSumsq), "\(name)")
        }
    }

    @Test func resamplingKeepsWhatFitsAndRejectsWhatDoesNot() throws {
        let sweeps: [String: ExpectedSweep] = try decode("resample.json")
        #expect(!sweeps.isEmpty)
        for sweep in sweeps.values {
            let count = Int((Double(sweep.rate) * sweep.seconds).rounded())
            let input = chirp(count, sampleRate: sweep.rate, from: sweep.f0, to: sweep.f1, seconds: sweep.seconds)
            let output = try Resampler.resample(Waveform(samples: input, sampleRate: sweep.rate), to: 16_000).samples
            let length = Double(count) * 16_000 / Double(sweep.rate)
            #expect(output.count == Int(length.rounded()) || output.count == Int(length.rounded(.up)))
            let ideal = chirp(
                output.count, sampleRate: 16_000, from: sweep.f0, to: sweep.f1, seconds: sweep.seconds)
            #expect(signalToNoise(output, ideal: ideal) >= 75, "from \(sweep.rate) Hz")

            let highest = 0.45 * Double(sweep.rate)
            guard highest > 9_000 else { continue }
            let tooHigh = chirp(count, sampleRate: sweep.rate, from: 9_000, to: highest, seconds: sweep.seconds)
            let rest = try Resampler.resample(Waveform(samples: tooHigh, sampleRate: sweep.rate), to: 16_000).samples
            let alias = 10 * log10(power(middle(rest)) / power(middle(tooHigh)))
            #expect(alias <= -100, "from \(sweep.rate) Hz")
        }
    }

    @Test func resamplingAgreesWithPythonSoxr() throws {
        let sweeps: [String: ExpectedSweep] = try decode("resample.json")
        let reference = try Reference("resample")
        for sweep in sweeps.values {
            let expected = try reference.values("from\(sweep.rate).soxr_HQ")
            let count = Int((Double(sweep.rate) * sweep.seconds).rounded())
            let input = chirp(count, sampleRate: sweep.rate, from: sweep.f0, to: sweep.f1, seconds: sweep.seconds)
            let output = try Resampler.resample(Waveform(samples: input, sampleRate: sweep.rate), to: 16_000).samples
            #expect(largestDifference(output, expected) <= 1e-5, "from \(sweep.rate) Hz")
        }
    }
}
