import AudioIO
import Foundation
import TestSupport
import Training

/// A pure tone.
func tone(_ pitch: Double, seconds: Double = 1, level: Double = 0.5, sampleRate: Int = 16_000) -> [Float] {
    (0..<Int(seconds * Double(sampleRate))).map {
        Float(level * sin(2 * .pi * pitch * Double($0) / Double(sampleRate)))
    }
}

/// Noise that is the same on every run.
func whiteNoise(_ count: Int, seed: UInt64 = 1, level: Float = 0.2) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.uniform() * level }
}

/// The sentence of the README, 16 kHz.
func speech() throws -> [Float] {
    let path = Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav").path
    return try AudioFile.read(path, sampleRate: 16_000).waveform.samples
}

/// The sum of the squares, in decibels.
func decibels(_ samples: some Sequence<Float>) -> Double {
    10 * log10(samples.reduce(0) { $0 + Double($1) * Double($1) })
}

/// The mean frequency between the first and the last upward crossing of zero, hertz.
func pitch(of samples: some Collection<Float>, sampleRate: Double = 16_000) -> Double {
    let samples = Array(samples)
    let crossings = samples.indices.dropFirst().filter { samples[$0 - 1] < 0 && samples[$0] >= 0 }.map { index in
        Double(index) - Double(samples[index] / (samples[index] - samples[index - 1]))
    }
    guard let first = crossings.first, let last = crossings.last, last > first else { return 0 }
    return Double(crossings.count - 1) * sampleRate / (last - first)
}

/// The middle of a signal, without its edges.
func inner(_ samples: [Float]) -> ArraySlice<Float> { samples[samples.count / 4..<samples.count * 3 / 4] }

extension TemporaryFolder {
    /// Writes samples as a WAV file of 32-bit floats, so that they come back as they are.
    func sound(_ samples: [Float], to name: String, sampleRate: Int = 16_000) throws {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try AudioFileWriter.write(
            Waveform(samples: samples, sampleRate: sampleRate), to: file.path, encoding: .float32)
    }
}

/// Options with one change.
func augmentation(_ change: (inout AugmentationOptions) -> Void) -> AugmentationOptions {
    var options = AugmentationOptions()
    change(&options)
    return options
}

/// Noise of a folder in every recording.
func alwaysNoise(_ folder: TemporaryFolder, snr: ClosedRange<Double>) -> NoiseMixing {
    var noise = NoiseMixing()
    (noise.folder, noise.probability, noise.snr) = (folder.url.path, 1, snr)
    return noise
}
