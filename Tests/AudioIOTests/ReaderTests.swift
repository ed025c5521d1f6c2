import AudioIO
import Foundation
import TestSupport
import Testing

@Suite("Reader") struct ReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ samples: [Float], sampleRate: Int = 16_000, channels: Int = 1) throws -> String {
        let path = folder.path("file.wav")
        let writer = try AudioFileWriter(path: path, encoding: .float32, sampleRate: sampleRate, channels: channels)
        try writer.write(samples)
        try writer.finish()
        return path
    }

    @Test(arguments: [nil, 16_000, 22_050])
    func blocksJoinedAreTheWhole(_ rate: Int?) throws {
        let path = try write(noise(50_001), sampleRate: 44_100)
        let whole = try AudioFile.read(path, sampleRate: rate).waveform
        for size in [1, 160, 16_384, 100_000] {
            let reader = try AudioReader(path: path, sampleRate: rate)
            #expect(reader.sampleRate == whole.sampleRate)
            #expect(try drain(reader, blocks: size) == whole.samples, "blocks of \(size)")
        }
    }

    @Test func everyBlockIsFullButTheLast() throws {
        let reader = try AudioReader(path: try write(noise(40_000)), sampleRate: 8_000)
        var sizes: [Int] = []
        while let block = try reader.read(upTo: 3_000) { sizes.append(block.count) }
        #expect(sizes == [3_000, 3_000, 3_000, 3_000, 3_000, 3_000, 2_000])
        #expect(try reader.read(upTo: 1) == nil)
        #expect(reader.secondsDecoded == 2.5)
    }

    @Test func equalRatesAreNotResampled() throws {
        let samples = noise(20_000)
        #expect(try AudioFile.read(try write(samples), sampleRate: 16_000).waveform.samples == samples)
    }

    @Test func mixDownIsTheMeanOfTheChannels() throws {
        for channels in [1, 2, 3, 6] {
            let samples = noise(1_000 * channels).map { ($0 * 1_024).rounded() / 1_024 }
            let expected = (0..<1_000).map { frame in
                samples[frame * channels..<(frame + 1) * channels].reduce(0, +) / Float(channels)
            }
            let mixed = try AudioFile.read(try write(samples, channels: channels)).waveform.samples
            #expect(largestDifference(mixed, expected) < 1e-7, "\(channels) channels")
        }
    }

    @Test func aChannelIsCountedFromOne() throws {
        let samples = noise(20_000 * 3)
        let path = try write(samples, channels: 3)
        for channel in 1...3 {
            let expected = stride(from: channel - 1, to: samples.count, by: 3).map { samples[$0] }
            #expect(try AudioFile.read(path, channels: .channel(channel)).waveform.samples == expected)
        }
    }

    @Test(arguments: [0, -1, 3, Int.max, Int.min])
    func aChannelThatIsNotThereIsAnError(_ channel: Int) throws {
        let path = try write(noise(100), channels: 2)
        #expect(
            errorOfReading(path, channels: .channel(channel))
                == .noSuchChannel(path: path, channel: channel, channels: 2))
    }

    @Test func aNarrowerSourceIsSaidSo() throws {
        let path = try write(noise(1_000), sampleRate: 8_000)
        let expected = [AudioWarning.narrowerThanRequested(sourceRate: 8_000, requestedRate: 16_000)]
        #expect(try AudioFile.read(path, sampleRate: 16_000).warnings == expected)
        #expect(try AudioFile.read(path).warnings.isEmpty)
        #expect(try AudioFile.read(path, sampleRate: 4_000).warnings.isEmpty)
    }

    @Test func oneSampleIsARecording() throws {
        #expect(try AudioFile.read(try write([0.25])).waveform.samples == [0.25])
        let narrow = try write([0.25], sampleRate: 8_000)
        #expect(try AudioFile.read(narrow, sampleRate: 16_000).waveform.samples.count == 2)
    }

    @Test(arguments: [0, 3_999, 192_001, -5])
    func targetRatesOutOfRangeAreRefused(_ rate: Int) throws {
        let path = try write(noise(100))
        #expect(throws: AudioError.requestedSampleRateOutOfRange(sampleRate: rate)) {
            try AudioReader(path: path, sampleRate: rate)
        }
    }

    @Test(arguments: ["with space.wav", "größe 日本語 🎤.wav", "new\nline.wav", "-", "'\"$(x).wav", "%s%n.wav", "plain"])
    func anyNameWillDo(_ name: String) throws {
        let path = try folder.write(WAVBytes(data: pcm16(noise(100))).bytes, to: name)
        #expect(try AudioFile.read(path).waveform.samples.count == 100)
    }
}
