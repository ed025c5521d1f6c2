import AudioIO
import Foundation
import TestSupport
import Testing

/// Headers that lie. Each file must give samples or an error, soon and in little memory.
@Suite("Hostile files") struct HostileFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Reads at most ten million samples; true where some came.
    @discardableResult private func survives(_ bytes: [UInt8]) throws -> Bool {
        let path = try folder.write(bytes, to: "hostile")
        do {
            let reader = try AudioReader(path: path, sampleRate: 16_000)
            var count = 0
            while count < 10_000_000, let block = try reader.read(upTo: 16_384) { count += block.count }
            _ = reader.warnings.map(\.description)
            return count > 0
        } catch {
            #expect(!error.description.contains("\n"))
            return false
        }
    }

    @Test func channelCountsBeyondReasonAreReadOrRefused() throws {
        for channels in [0, 1_024, 1_025, 65_535] as [UInt16] {
            let file = WAVBytes(channels: channels, data: pcm16(noise(40_960)))
            #expect(try survives(file.bytes) == (channels == 1_024), "\(channels) channels")
        }
        #expect(try survives(WAVBytes(channels: 1_024, statedDataSize: .max).bytes) == false)
    }

    @Test func sampleWidthsAndFormatsBeyondReasonAreReadOrRefused() throws {
        for bits in [0, 1, 7, 12, 17, 33, 64, 65_535] as [UInt16] {
            for format in [0, 1, 2, 3, 6, 7, 0x11, 0x31, 0x55, 0xFFFE, 0xFFFF] as [UInt16] {
                try survives(WAVBytes(format: format, bits: bits, data: pcm16(noise(500))).bytes)
            }
        }
    }

    @Test(arguments: [1 << 31, 1 << 62, 1 << 63, .max] as [UInt64])
    func claimsOfExabytesAllocateNothing(_ claim: UInt64) throws {
        let path = folder.path("rf64")
        try AudioFileWriter.write(Waveform(samples: noise(1_000), sampleRate: 16_000), to: path, container: .rf64)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: "ds64".utf8) })
        bytes.replaceSubrange(place + 8..<place + 32, with: little(claim) + little(claim) + little(claim))
        #expect(try survives(bytes))
    }

    @Test func chunksThatPointBeyondTheFileEndTheWalk() throws {
        var file = WAVBytes(data: pcm16(noise(1_000)))
        file.before = Array("JUNK".utf8) + little(UInt32.max)
        try survives(file.bytes)
        // A hundred thousand empty chunks.
        file.before = Array([[UInt8]](repeating: chunk("JUNK", []), count: 100_000).joined())
        try survives(file.bytes)
    }

    @Test func randomBytesBehindEveryMagicAreSurvived() throws {
        var generator = SeededGenerator(seed: 7)
        let magics: [[UInt8]] = [
            WAVBytes(statedDataSize: 8_000).bytes, Array(WAVBytes().bytes.prefix(20)), Array("RF64\0\0\0\0WAVE".utf8),
            Array("FORM\0\0\0\0AIFF".utf8), Array("fLaC".utf8), Array("OggS".utf8), Array("caff".utf8),
            Array(".snd".utf8), Array("ID3".utf8), [0xFF, 0xFB, 0x90, 0x64], Array("riff".utf8), Array("Creative".utf8),
        ]
        for magic in magics {
            for length in [0, 1, 30, 3_000] {
                try survives(magic + (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
            }
        }
    }

    @Test(arguments: [
        (AudioFileWriter.Container.wav, AudioFileWriter.Encoding.pcm16), (.rf64, .pcm24), (.aiff, .pcm16),
        (.caf, .float32), (.au, .muLaw), (.wave64, .pcm16), (.flac, .pcm16), (.ogg, .vorbis), (.ogg, .opus),
        (.mpeg, .mp3),
    ])
    func mutatedFilesAreSurvived(
        _ container: AudioFileWriter.Container, _ encoding: AudioFileWriter.Encoding
    ) throws {
        let path = folder.path("seed")
        try AudioFileWriter.write(
            Waveform(samples: sweep(8_000), sampleRate: 16_000), to: path, container: container, encoding: encoding)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var generator = SeededGenerator(seed: 11)
        for round in 0..<60 {
            var mutated = bytes
            // The header is where lies are told; a third of the rounds go for the body.
            let end = round % 3 == 0 ? mutated.count : min(mutated.count, 120)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)]
                mutated[Int.random(in: 0..<end, using: &generator)] = values.randomElement(using: &generator) ?? 0
            }
            if round % 4 == 0 { mutated.removeLast(Int.random(in: 0..<mutated.count, using: &generator)) }
            try survives(mutated)
        }
    }

    @Test func joinedFilesCutAndMutatedAnywhereAreSurvived() throws {
        let mp3 = try fileBytes(sweep(16_000), .mpeg, .mp3, in: folder)
        let vorbis = try fileBytes(sweep(16_000), .ogg, .vorbis, in: folder)
        let flac = try fileBytes(sweep(8_000), .flac, .pcm16, in: folder)
        let wav = WAVBytes(data: pcm16(noise(2_000)), after: chunk("data", pcm16(noise(200)))).bytes
        var generator = SeededGenerator(seed: 31)
        for bytes in [
            mp3 + mp3, vorbis + vorbis, flac + flac, wav + wav, WAVBytes(format: 0x55, bits: 0, data: mp3).bytes,
        ] {
            for round in 0..<40 {
                var mutated = Array(
                    bytes.prefix(round % 2 == 0 ? Int.random(in: 1...bytes.count, using: &generator) : bytes.count))
                for _ in 0..<(round % 3 == 0 ? 0 : 30) {
                    mutated[Int.random(in: 0..<mutated.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                try survives(mutated)
            }
        }
    }

    @Test func fieldsThatClaimTooMuchOfMPEGAndFLACAreSurvived() throws {
        let all: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        // Tags that claim more than the file has; frames by chance in a row of ones; side information of ones.
        let ones = [UInt8](repeating: 0xFF, count: 5_000)
        let frame: [UInt8] = [0xFF, 0xFB, 0x90, 0x64] + ones.prefix(413)
        let id3: [UInt8] = Array("ID3".utf8) + [3, 0, 0, 0x7F, 0x7F, 0x7F, 0x7F]
        let flac: [UInt8] = Array("fLaC".utf8) + [0x80, 0, 0, 34]
        let files: [[UInt8]] = [
            id3, Array("APETAGEX".utf8) + all + all + all + all, ones, frame + frame + frame + frame, flac + ones,
            Array("LYRICSBEGIN".utf8) + frame + frame + frame,
        ]
        for bytes in files {
            try survives(bytes)
        }
        let mp3 = try fileBytes(sweep(16_000), .mpeg, .mp3, in: folder)
        if let tag = place(of: "Xing", in: mp3) ?? place(of: "Info", in: mp3) {
            var lies = mp3
            lies.replaceSubrange(tag + 4..<tag + 12, with: all + all)
            try survives(lies)
        }
    }
}
