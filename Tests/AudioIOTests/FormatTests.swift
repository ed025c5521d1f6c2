import AudioIO
import Foundation
import TestSupport
import Testing

private typealias Container = AudioFileWriter.Container
private typealias Encoding = AudioFileWriter.Encoding

/// Everything written here and read back.
@Suite("Formats") struct FormatTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func roundTrip(
        _ samples: [Float], _ container: Container, _ encoding: Encoding, sampleRate: Int = 16_000
    ) throws -> AudioFile.Recording {
        let path = folder.path("file")
        try AudioFileWriter.write(
            Waveform(samples: samples, sampleRate: sampleRate), to: path, container: container, encoding: encoding)
        let recording = try AudioFile.read(path)
        #expect(recording.warnings.isEmpty)
        #expect(recording.waveform.sampleRate == sampleRate)
        return recording
    }

    @Test(arguments: [
        (Container.wav, [Encoding.pcm8, .pcm16, .pcm24, .pcm32, .float32, .float64]),
        (.wavExtensible, [.pcm8, .pcm16, .pcm24, .pcm32, .float32, .float64]),
        (.rf64, [.pcm16, .pcm24, .float32]),
        (.wave64, [.pcm16, .float32]),
        (.aiff, [.pcm8, .pcm16, .pcm24, .pcm32, .float32, .float64]),
        (.caf, [.pcm16, .pcm24, .float32]),
        (.au, [.pcm16, .pcm24, .float32]),
        (.flac, [.pcm8, .pcm16, .pcm24]),
    ])
    func losslessFormatsGiveBackEverySample(
        _ container: AudioFileWriter.Container, _ encodings: [AudioFileWriter.Encoding]
    ) throws {
        let depths: [Encoding: Float] = [.pcm8: 128, .pcm16: 32_768]
        // 24 bits is what a Float holds; an odd count makes the data chunk of 8 and 24 bits odd.
        for encoding in encodings {
            let scale = depths[encoding] ?? 8_388_608
            var samples = noise(container == .aiff && encoding == .pcm8 ? 4_800 : 4_801).map {
                ($0 * 4.9 * scale).rounded() / scale
            }
            samples[0] = -1
            samples[1] = 1 - 1 / scale
            #expect(try roundTrip(samples, container, encoding).waveform.samples == samples, "\(encoding)")
        }
    }

    @Test(arguments: [AudioFileWriter.Container.wav, .wavExtensible, .aiff, .au])
    func companionOfTelephonyIsReadWithinItsStep(_ container: AudioFileWriter.Container) throws {
        for encoding in [Encoding.aLaw, .muLaw] {
            let samples = sweep(8_000, sampleRate: 8_000)
            let read = try roundTrip(samples, container, encoding, sampleRate: 8_000).waveform.samples
            #expect(read.count == samples.count)
            // G.711 gives about 38 dB.
            #expect(signalToNoise(read, ideal: samples) > 30, "\(encoding)")
        }
    }

    @Test(arguments: [
        (AudioFileWriter.Container.ogg, AudioFileWriter.Encoding.vorbis), (.ogg, .opus), (.mpeg, .mp3),
    ])
    func lossyFormatsSoundTheSame(
        _ container: AudioFileWriter.Container, _ encoding: AudioFileWriter.Encoding
    ) throws {
        let samples = sweep(48_000)
        let recording = try roundTrip(samples, container, encoding)
        let read = recording.waveform.samples
        // MP3 may keep the padding of its last frame.
        #expect(abs(read.count - samples.count) <= 1_600)
        #expect(abs(10 * log10(power(read) / power(samples))) < 1)
        #expect(signalToNoise(read, ideal: samples) > 10)
        #expect(abs((recording.information.duration ?? 0) - 3) < 0.1)
    }

    @Test func floatsBeyondFullScaleAreKept() throws {
        let samples: [Float] = [0, 3.5, -1_000, 1e-30, 1]
        for encoding in [Encoding.float32, .float64] {
            #expect(try roundTrip(samples, .wav, encoding).waveform.samples == samples)
        }
    }

    @Test func integersBeyondFullScaleSaturate() throws {
        #expect(try roundTrip([2, -2], .wav, .pcm16).waveform.samples == [32_767 / 32_768, -1])
    }

    @Test func informationNamesContainerAndEncoding() throws {
        let path = folder.path("file.wav")
        let writer = try AudioFileWriter(
            path: path, container: .flac, encoding: .pcm24, sampleRate: 48_000, channels: 2)
        try writer.write(noise(9_600))
        try writer.finish()
        let information = try AudioFile.information(path)
        #expect(information.path == path)
        #expect(information.container.contains("FLAC"))
        #expect(information.encoding == "Signed 24 bit PCM")
        #expect(information.sampleRate == 48_000)
        #expect(information.channels == 2)
        #expect(information.frames == 4_800)
        #expect(information.duration == 0.1)
    }

    @Test(arguments: [4_000, 11_025, 44_100, 96_000, 192_000])
    func sampleRatesWithinTheRangeAreRead(_ rate: Int) throws {
        #expect(try roundTrip(noise(500), .wav, .float32, sampleRate: rate).waveform.samples == noise(500))
    }

    @Test func anMP3WithoutAFrameCountIsReadToItsEnd() throws {
        let path = folder.path("file")
        // Near silence first makes the first frames small where the bit rate varies.
        let samples = noise(48_000).map { $0 * 1e-4 } + noise(96_000).map { $0 * 4 }
        try AudioFileWriter.write(
            Waveform(samples: samples, sampleRate: 16_000), to: path, container: .mpeg, encoding: .mp3)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        // The frame that states the count is the first: take it away, up to the next header that is the same.
        let headers = bytes.indices.dropLast(4).filter {
            bytes[$0] == 0xFF && bytes[$0 + 1] == bytes[1] && bytes[$0 + 2] & 0x0C == bytes[2] & 0x0C
        }
        let second = try #require(headers.first { $0 >= 48 })
        try folder.write(bytes[second...], to: "file")

        let reader = try AudioReader(path: path)
        let count = try drain(reader).count
        // Frames are counted where no frame counts them.
        #expect(reader.information.frames == count)
        #expect(abs(count - samples.count) < 4_000)
        #expect(reader.warnings.isEmpty)
    }
}

@Suite("Writer") struct WriterTests {
    @Test func combinationsThatDoNotExistAreRefusedBeforeAFileIsTouched() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1, 2, 3], to: "keep")
        #expect(throws: AudioError.self) {
            try AudioFileWriter(path: path, container: .flac, encoding: .vorbis, sampleRate: 16_000)
        }
        #expect(throws: AudioError.self) {
            try AudioFileWriter(path: path, sampleRate: 16_000, channels: 0)
        }
        #expect(throws: AudioError.self) {
            try AudioFileWriter(path: path, sampleRate: 16_000, channels: .max)
        }
        #expect(throws: AudioError.requestedSampleRateOutOfRange(sampleRate: 1)) {
            try AudioFileWriter(path: path, sampleRate: 1)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 3)
    }

    @Test func aFolderThatIsNotThereIsAnError() throws {
        #expect(throws: AudioError.self) {
            try AudioFileWriter(path: "/no/such/folder/file.wav", sampleRate: 16_000)
        }
    }

    @Test func halfFramesAreRefused() throws {
        let folder = try TemporaryFolder()
        let writer = try AudioFileWriter(path: folder.path("file"), sampleRate: 16_000, channels: 2)
        #expect(throws: AudioError.self) { try writer.write([0, 0, 0]) }
    }
}
