import AudioIO
import Foundation
import TestSupport
import Testing

private typealias Container = AudioFileWriter.Container
private typealias Encoding = AudioFileWriter.Encoding

/// Files that hold more than their first header says.
@Suite("Joined files") struct JoinedFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ bytes: [UInt8], _ name: String = "joined") throws -> AudioFile.Recording {
        try AudioFile.read(folder.write(bytes, to: name))
    }

    private func file(
        _ samples: [Float], _ container: Container, _ encoding: Encoding = .pcm16, rate: Int = 16_000, channels: Int = 1
    ) throws -> [UInt8] {
        try fileBytes(samples, container, encoding, rate: rate, channels: channels, in: folder)
    }

    /// Seconds that are read, and those that the file says it has.
    private func seconds(of bytes: [UInt8]) throws -> (read: Double, stated: Double) {
        let recording = try read(bytes)
        #expect(recording.warnings.isEmpty, "\(recording.warnings)")
        return (recording.waveform.duration, recording.information.duration ?? -1)
    }

    @Test func joinedMP3IsReadToItsEnd() throws {
        let one = try file(sweep(32_000), .mpeg, .mp3)
        let (read, stated) = try seconds(of: one + one + one)
        #expect(abs(read - 6) < 0.2 && abs(stated - read) < 0.1)
        // Each part is decoded as it is by itself.
        let alone = try self.read(one, "one").waveform.samples
        #expect(try self.read(one + one).waveform.samples == alone + alone)
    }

    @Test func anMP3WhoseSampleRateAndChannelsChangeIsReadToItsEnd() throws {
        let parts = [
            try file(sweep(88_200, sampleRate: 44_100), .mpeg, .mp3, rate: 44_100),
            try file(sweep(88_200, sampleRate: 22_050), .mpeg, .mp3, rate: 22_050, channels: 2),
            try file(sweep(16_000), .mpeg, .mp3),
        ]
        let (read, stated) = try seconds(of: Array(parts.joined()))
        #expect(abs(read - 5) < 0.2 && abs(stated - read) < 0.1)
        let reader = try AudioReader(path: folder.path("joined"), sampleRate: 16_000)
        #expect(reader.information.sampleRate == 44_100 && reader.information.channels == 1)
        let samples = try drain(reader)
        #expect(abs(Double(samples.count) / 16_000 - 5) < 0.2 && abs(reader.secondsDecoded - 5) < 0.2)
        // The second part has the sound that the first has, an octave lower in the file and at the same place in time.
        #expect(power(samples[40_000..<60_000]) > 0.05)
        #expect(try AudioFile.read(folder.path("joined"), channels: .channel(1)).warnings.isEmpty)
    }

    @Test func anMP3WhoseFirstFrameCountsTooFewIsReadToItsEnd() throws {
        var bytes = try file(sweep(48_000), .mpeg, .mp3)
        let tag = try #require(place(of: "Xing", in: bytes) ?? place(of: "Info", in: bytes))
        bytes.replaceSubrange(tag + 8..<tag + 12, with: [0, 0, 0, 5])
        let (read, stated) = try seconds(of: bytes)
        #expect(abs(read - 3) < 0.2 && abs(stated - read) < 0.1)
        // And where it counts too many, what is missing is told.
        bytes.replaceSubrange(tag + 8..<tag + 12, with: [0, 0, 2, 0])
        let recording = try self.read(bytes)
        #expect(recording.warnings.count == 1 && recording.isDamaged)
    }

    @Test func chainedOggIsReadToItsEnd() throws {
        let vorbis = try file(sweep(32_000), .ogg, .vorbis)
        let opus = try file(sweep(48_000, sampleRate: 48_000), .ogg, .opus, rate: 48_000)
        let wide = try file(sweep(88_200, sampleRate: 44_100), .ogg, .vorbis, rate: 44_100, channels: 2)
        for (bytes, expected) in [
            (vorbis + vorbis, 4.0), (opus + opus, 2), (vorbis + opus + wide, 4), (vorbis + [1, 2, 3] + opus, 3),
        ] {
            let (read, stated) = try seconds(of: bytes)
            #expect(abs(read - expected) < 0.05 && abs(stated - read) < 0.05, "\(expected)")
        }
        // A link that was cut is told, and the next is read.
        let cut = try self.read(Array(vorbis.prefix(vorbis.count * 2 / 3)) + opus)
        #expect(cut.isDamaged)
        #expect(cut.waveform.duration >= 1)
    }

    @Test func anOggPageThatIsBrokenIsTold() throws {
        var bytes = try file(sweep(480_000, sampleRate: 48_000), .ogg, .opus, rate: 48_000)
        let pages = bytes.indices.dropLast(4).filter { bytes[$0..<$0 + 4].elementsEqual("OggS".utf8) }
        try #require(pages.count > 5)
        bytes[pages[4] + 100] ^= 0x55
        let recording = try read(bytes)
        #expect(recording.isDamaged, "\(recording.warnings)")
    }

    @Test(arguments: [AudioFileWriter.Container.wav, .wavExtensible, .rf64, .wave64, .aiff, .caf, .au, .flac])
    func joinedContainersAreReadToTheirEnds(_ container: AudioFileWriter.Container) throws {
        let (first, second) = (noise(1_000), noise(3_001, seed: 2))
        let parts = [try file(first, container), try file(second, container)]
        // RF64 has no room for 36-bit sizes in its header here: libsndfile writes plain WAV for short sounds of some kinds.
        let alone = try parts.map { try read($0, "alone").waveform.samples }
        let recording = try read(parts[0] + parts[1])
        #expect(recording.waveform.samples == alone[0] + alone[1])
        #expect(recording.information.frames == 4_001)
        #expect(recording.warnings.isEmpty, "\(recording.warnings)")
    }

    @Test func twoChunksOfSoundAreBothRead() throws {
        let sound = pcm16(noise(2_000))
        let first = try read(WAVBytes(data: sound).bytes).waveform.samples
        for sizes in [(2_000, 2_000), (0, 2_000), (500, 2_000)] {
            let data = Array(sound.prefix(2 * sizes.0))
            let file = WAVBytes(data: data, after: chunk("LIST", Array("INFO".utf8)) + chunk("data", sound))
            let recording = try read(file.bytes)
            #expect(recording.waveform.samples == Array(first.prefix(sizes.0)) + first, "\(sizes)")
            #expect(recording.warnings.isEmpty)
        }
    }

    /// A header's field of length: where it stands behind a text, its bytes and their order, and its unit in samples.
    private struct Field {
        let text: String
        let offset: Int
        let bytes: Int
        let isBig: Bool
        let value: UInt64
    }

    @Test func soundBehindTheStatedEndIsRead() throws {
        let samples = noise(20_000)
        let fields: [(Container, [Field])] = [
            (.wav, [Field(text: "data", offset: 4, bytes: 4, isBig: false, value: 8_000)]),
            (.wavExtensible, [Field(text: "data", offset: 4, bytes: 4, isBig: false, value: 2)]),
            (.wave64, [Field(text: "data", offset: 16, bytes: 8, isBig: false, value: 8_024)]),
            (
                .aiff,
                [
                    Field(text: "SSND", offset: 4, bytes: 4, isBig: true, value: 8_008),
                    Field(text: "COMM", offset: 10, bytes: 4, isBig: true, value: 4_000),
                ]
            ), (.caf, [Field(text: "data", offset: 4, bytes: 8, isBig: true, value: 8_004)]),
            (.au, [Field(text: ".snd", offset: 8, bytes: 4, isBig: true, value: 8_000)]),
        ]
        for (container, fields) in fields {
            var bytes = try file(samples, container)
            let whole = try read(bytes, "whole").waveform.samples
            for field in fields {
                let start = try #require(place(of: field.text, in: bytes)) + field.offset
                let value = Array(little(field.value).prefix(field.bytes))
                bytes.replaceSubrange(start..<start + field.bytes, with: field.isBig ? value.reversed() : value)
            }
            let recording = try read(bytes)
            #expect(recording.waveform.samples.prefix(20_000) == whole.prefix(20_000), "\(container)")
            #expect(recording.information.frames == recording.waveform.samples.count, "\(container)")
            #expect(recording.warnings.count == 1 && !recording.isDamaged, "\(container)")
            #expect(recording.warnings.map(\.description).joined().contains("goes on behind the end"))
        }
    }

    @Test func aWAVOverFourGiBKnowsItsLength() throws {
        // Sizes of 32 bits have wrapped, as writers of long recordings leave them; a chunk is behind the sound, or none is.
        let extra = 40_000
        for tail in [[], chunk("LIST", Array("INFOISFT".utf8) + [4, 0, 0, 0] + Array("Utt\0".utf8))] {
            let header = WAVBytes(data: [], statedDataSize: UInt32(extra)).bytes
            let path = try folder.write(header + pcm16(noise(extra / 2)), to: "long.wav")
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.truncate(atOffset: UInt64(header.count + extra) + 1 << 32)
            try file.seekToEnd()
            try file.write(contentsOf: tail)
            try file.close()
            #expect(try AudioFile.information(path).frames == (1 << 31) + extra / 2)
            let start = try read(header + pcm16(noise(extra / 2)), "start").waveform.samples
            #expect(try AudioReader(path: path).read(upTo: 1_000) == Array(start.prefix(1_000)))
        }
    }

    @Test func aFLACThatCountsTooFewOrNoneIsReadToItsEnd() throws {
        let whole = try file(noise(40_000), .flac)
        let samples = try read(whole, "whole").waveform.samples
        for count in [0, 1, 13_000, 39_999] {
            var bytes = whole
            // The low 36 bits of the 8 bytes at 18.
            bytes.replaceSubrange(
                21..<26, with: [bytes[21] & 0xF0] + little(UInt32(count)).reversed())
            for tail in [[], Array("TAG".utf8) + [UInt8](repeating: 0, count: 125)] {
                let recording = try read(bytes + tail)
                #expect(recording.waveform.samples == samples, "\(count)")
                #expect(recording.information.frames == 40_000)
                #expect(recording.warnings.isEmpty, "\(recording.warnings)")
            }
        }
        var bytes = whole
        bytes.replaceSubrange(21..<26, with: [bytes[21] & 0xF0] + little(UInt32(80_000)).reversed())
        #expect(try read(bytes).warnings == [.truncated(readSeconds: 2.5, promisedSeconds: 5)])
    }
}
