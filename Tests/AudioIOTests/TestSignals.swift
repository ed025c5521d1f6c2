import AudioIO
import Foundation
import TestSupport

/// A sweep from 100 Hz to a quarter of the sample rate, at half of full scale.
func sweep(_ count: Int, sampleRate: Int = 16_000) -> [Float] {
    let seconds = Double(count) / Double(sampleRate)
    return chirp(count, sampleRate: sampleRate, from: 100, to: Double(sampleRate) / 4, seconds: seconds)
}

/// .5 sin(2 pi (f0 t + (f1 - f0) t^2 / (2 T)))
func chirp(_ count: Int, sampleRate: Int, from f0: Double, to f1: Double, seconds: Double) -> [Float] {
    (0..<count).map { index in
        let t = Double(index) / Double(sampleRate)
        return Float(0.5 * sin(2 * .pi * (f0 * t + (f1 - f0) * t * t / (2 * seconds))))
    }
}

/// Noise that is the same on every run, at a fifth of full scale.
func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.uniform() * 0.2 }
}

/// The mean of the squares.
func power(_ samples: some Sequence<Float>) -> Double {
    var sum = 0.0
    var count = 0.0
    for sample in samples {
        sum += Double(sample) * Double(sample)
        count += 1
    }
    return sum / max(1, count)
}

/// Without the first and last twentieth.
func middle(_ samples: [Float]) -> ArraySlice<Float> {
    samples[samples.count / 20..<samples.count - samples.count / 20]
}

/// Signal over difference in decibels, over the middle 90 %.
func signalToNoise(_ samples: [Float], ideal: [Float]) -> Double {
    let count = min(samples.count, ideal.count)
    let difference = zip(samples[..<count], ideal[..<count]).map { $0 - $1 }
    return 10 * log10(power(middle(Array(ideal[..<count]))) / power(middle(difference)))
}

/// Reads to the end in blocks of a given size.
func drain(_ reader: AudioReader, blocks: Int = 1_000) throws -> [Float] {
    var samples: [Float] = []
    while let block = try reader.read(upTo: blocks) { samples += block }
    return samples
}

/// The error that reading a file throws; nil where it can be read.
func errorOfReading(_ path: String, channels: ChannelSelection = .mixDown) -> AudioError? {
    do {
        _ = try AudioFile.read(path, channels: channels)
        return nil
    } catch {
        return error
    }
}

/// The file with everything behind a share of it cut off.
func cut(_ path: String, to share: Double) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(Int(Double(bytes.count) * share)).write(to: URL(fileURLWithPath: path))
}

/// The bytes of a file of samples, interleaved where there is more than one channel.
func fileBytes(
    _ samples: [Float], _ container: AudioFileWriter.Container, _ encoding: AudioFileWriter.Encoding,
    rate: Int = 16_000,
    channels: Int = 1, in folder: TemporaryFolder
) throws -> [UInt8] {
    let path = folder.path("bytes")
    let writer = try AudioFileWriter(
        path: path, container: container, encoding: encoding, sampleRate: rate, channels: channels)
    try writer.write(samples)
    try writer.finish()
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Where a text stands first among bytes.
func place(of text: String, in bytes: [UInt8]) -> Int? {
    Data(bytes).range(of: Data(text.utf8))?.lowerBound
}

extension AudioFile.Recording {
    /// Whether a part of it is missing.
    var isDamaged: Bool { warnings.contains { $0.isDamage } }
}
