import AudioIO
import Features
import Foundation

/// A telephone line: 300 to 3400 Hz (ITU-T G.712) at 8 kHz, the mu-law's 8 bits (ITU-T G.711), and back.
struct TelephoneChannel: Sendable {
    static let sampleRate = 8_000
    static let band = 300.0...3400.0

    /// Linear phase, odd length: a delay of whole samples, which is taken back.
    private let bandPass = Self.bandPass(taps: 161)

    /// The recording as it comes out of the line, at its own sample rate, as many samples, without delay.
    ///
    /// What is louder than full scale is turned down before the line and up again behind it: a telephone has a level
    /// control, and speech with noise added to it may stand beyond full scale without being clipped.
    /// - Throws: `AudioError`, `FeatureError` where memory does not suffice.
    func transmit(_ samples: [Float], sampleRate: Int) throws -> [Float] {
        guard !samples.isEmpty else { return samples }
        let waveform = Waveform(samples: samples, sampleRate: sampleRate)
        let narrow = try Resampler.resample(waveform, to: Self.sampleRate).samples
        var line = try Convolution.filter(narrow, by: bandPass, delay: bandPass.count / 2)
        let level = max(1, line.reduce(0) { max($0, abs($1)) })
        for index in line.indices { line[index] = MuLaw.coded(line[index] / level) * level }
        var result = try Resampler.resample(
            Waveform(samples: line, sampleRate: Self.sampleRate), to: sampleRate
        ).samples
        // Rounded twice, the length may be off by one or two where the rates do not divide.
        result.removeLast(max(0, result.count - samples.count))
        return result + [Float](repeating: 0, count: samples.count - result.count)
    }

    /// A windowed sinc: the difference of the ideal low passes at both edges, times a Hamming window.
    /// - Parameter taps: odd.
    private static func bandPass(taps: Int) -> [Float] {
        let window = WindowShape.hamming.weights(taps)
        let (low, high) = (band.lowerBound / Double(sampleRate), band.upperBound / Double(sampleRate))
        return (0..<taps).map { tap in
            let n = Double(tap - taps / 2)
            let ideal =
                n == 0 ? 2 * (high - low) : (sin(2 * .pi * high * n) - sin(2 * .pi * low * n)) / (.pi * n)
            return Float(ideal) * window[tap]
        }
    }
}

/// The mu-law of ITU-T G.711: 14 bits in 8, by 8 segments of 16 steps, each twice as wide as the one before.
enum MuLaw {
    /// A sample, -1 ... 1, as it is after coding and decoding; louder ones are clipped.
    static func coded(_ sample: Float) -> Float {
        // Segment e holds magnitudes, 33 added, from 2^(e+5) to below 2^(e+6), in steps of 2^(e+1).
        let scaled = abs(sample) * 8192
        let magnitude = scaled < 8158 ? Int(scaled) + 33 : 8191
        let segment = Int.bitWidth - 6 - magnitude.leadingZeroBitCount
        let step = (magnitude >> (segment + 1)) & 15
        let level = Float(((2 * step + 33) << segment) - 33) / 8192
        return sample < 0 ? -level : level
    }
}
