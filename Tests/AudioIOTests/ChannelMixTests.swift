import AudioIO
import Foundation
import TestSupport
import Testing

/// Channels that cancel each other.
@Suite("Channels that cancel") struct ChannelMixTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Reads channels that are given one by one.
    private func mix(_ channels: [[Float]]) throws -> AudioFile.Recording {
        let path = folder.path("file.wav")
        let writer = try AudioFileWriter(path: path, encoding: .float32, sampleRate: 16_000, channels: channels.count)
        try writer.write((0..<channels[0].count).flatMap { frame in channels.map { $0[frame] } })
        try writer.finish()
        return try AudioFile.read(path)
    }

    @Test func theDifferenceOfTwoIsHeard() throws {
        let left = sweep(40_000)
        let hiss = noise(40_000, seed: 3).map { $0 * 1e-3 }
        for right in [left.map { -$0 }, left.map { -0.9 * $0 }, zip(left, hiss).map { $1 - $0 }] {
            let recording = try mix([left, right])
            #expect(recording.warnings == [.channelsCancel])
            #expect(signalToNoise(recording.waveform.samples, ideal: left) > 20)
        }
        // Silence first: nothing can be said of it.
        let silence = [Float](repeating: 0, count: 40_000)
        let late = try mix([silence + left, silence + left.map { -$0 }])
        #expect(late.waveform.samples == silence + left)
    }

    @Test func theLoudestOfMoreIsHeard() throws {
        let (a, b) = (sweep(40_000), noise(40_000))
        let recording = try mix([b, a, a.map { -$0 }, b.map { -$0 }])
        #expect(recording.warnings == [.channelsCancel])
        #expect(recording.waveform.samples == a || recording.waveform.samples == a.map { -$0 })
    }

    @Test func ordinaryChannelsAreTheirMean() throws {
        let (a, b) = (sweep(40_000), noise(40_000))
        let silence = [Float](repeating: 0, count: 40_000)
        for (left, right) in [(a, b), (a, a), (a, silence), (b, noise(40_000, seed: 9)), (a, a.map { -0.5 * $0 })] {
            let recording = try mix([left, right])
            #expect(recording.warnings.isEmpty)
            #expect(recording.waveform.samples == zip(left, right).map { ($0 + $1) * 0.5 })
        }
    }
}
