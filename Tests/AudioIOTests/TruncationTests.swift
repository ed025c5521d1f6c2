import AudioIO
import Foundation
import TestSupport
import Testing

/// Files that hold less than their header promises, and files that only look so.
@Suite("Truncation") struct TruncationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func warnings(of bytes: [UInt8], samples expected: Int) throws -> [AudioWarning] {
        let recording = try AudioFile.read(try folder.write(bytes, to: "file.wav"))
        #expect(recording.waveform.samples.count == expected)
        return recording.warnings
    }

    @Test(arguments: [
        (AudioFileWriter.Container.wav, AudioFileWriter.Encoding.pcm16), (.wav, .pcm24), (.wav, .muLaw),
        (.wavExtensible, .float32), (.rf64, .pcm16), (.aiff, .pcm16), (.au, .pcm16), (.wave64, .pcm16), (.caf, .pcm16),
        (.flac, .pcm16), (.ogg, .vorbis), (.ogg, .opus), (.mpeg, .mp3),
    ])
    func aCutFileIsReadAsFarAsItGoes(
        _ container: AudioFileWriter.Container, _ encoding: AudioFileWriter.Encoding
    ) throws {
        let samples = noise(160_000)
        let path = folder.path("file")
        try AudioFileWriter.write(
            Waveform(samples: samples, sampleRate: 16_000), to: path, container: container, encoding: encoding)
        #expect(try AudioFile.read(path).warnings.isEmpty)
        try cut(path, to: 0.6)

        let recording = try AudioFile.read(path)
        #expect((3...8).contains(recording.waveform.duration))
        #expect(recording.warnings.count == 1)
        guard case .truncated(let read, let promised) = recording.warnings.first else {
            Issue.record("\(recording.warnings)")
            return
        }
        #expect(read == recording.waveform.duration)
        // Ogg states its length at its end alone.
        if let promised { #expect(abs(promised - 10) < 0.1) } else { #expect(container == .ogg) }
    }

    @Test func whatIsThereOfACutFileIsExact() throws {
        let whole = WAVBytes(data: pcm16(sweep(1_000))).bytes
        let all = try AudioFile.read(try folder.write(whole, to: "whole.wav")).waveform.samples
        let recording = try AudioFile.read(try folder.write(whole.dropLast(501), to: "cut.wav"))
        #expect(recording.waveform.samples == Array(all[..<749]))
        #expect(recording.warnings.first?.description.contains("0.05 s of the 0.06 s") == true)
    }

    @Test(arguments: [0xFFFF_FFFF, 0x7FFF_F000, 0x8000_0000, 0x7FFF_FFFF, 0xFFFF_FF00, 0] as [UInt32])
    func aHeaderThatWasNeverFinishedIsReadToTheEndAndSaidSoOnDisk(_ size: UInt32) throws {
        let file = WAVBytes(data: pcm16(sweep(1_000)), statedDataSize: size)
        #expect(try warnings(of: file.bytes, samples: 1_000) == [.lengthNotStated(readSeconds: 0.0625)])
    }

    @Test func aLargeWAVWhoseSizesWereNeverFinishedIsReadToTheEnd() throws {
        let path = folder.path("file")
        let samples = noise(1_000)
        try AudioFileWriter.write(
            Waveform(samples: samples, sampleRate: 16_000), to: path, container: .rf64, encoding: .float32)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let name = Array("ds64".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        for index in place + 8..<place + 32 { bytes[index] = 0 }
        #expect(try warnings(of: bytes, samples: 1_000) == [.lengthNotStated(readSeconds: 0.0625)])
    }

    @Test func anAIFFWhoseSizesAreZeroIsReadToTheEnd() throws {
        let path = folder.path("file")
        try AudioFileWriter.write(Waveform(samples: noise(1_000), sampleRate: 16_000), to: path, container: .aiff)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let name = Array("SSND".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        for index in place + 4..<place + 8 { bytes[index] = 0 }
        #expect(try warnings(of: bytes, samples: 1_000).count == 1)
    }

    @Test func paddingAndTrailingChunksAreNoTruncation() throws {
        let odd = WAVBytes(format: 1, bits: 8, data: [UInt8](repeating: 100, count: 999))
        let list = chunk("LIST", Array("INFO".utf8))
        for after in [[], [0], [0] + list, [0] + list + chunk("JUNK", []), [0] + chunk("JUNK", []), [0, 0, 0]] {
            var file = odd
            file.after = after
            #expect(try warnings(of: file.bytes, samples: 999).isEmpty, "\(after)")
        }
        let even = WAVBytes(data: pcm16(sweep(1_000)))
        for after in [[], list, chunk("JUNK", []) + list, chunk("id3 ", [1, 2, 3])] {
            var file = even
            file.after = after
            file.before = chunk("JUNK", [1, 2, 3]) + chunk("bext", [])
            #expect(try warnings(of: file.bytes, samples: 1_000).isEmpty, "\(after)")
        }
    }

    @Test func damageInTheMiddleKeepsWhatCameBefore() throws {
        let path = folder.path("file")
        try AudioFileWriter.write(
            Waveform(samples: noise(160_000), sampleRate: 16_000), to: path, container: .flac)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for index in bytes.count / 2..<bytes.count / 2 + 5_000 { bytes[index] = 0 }
        try folder.write(bytes, to: "file")
        let recording = try AudioFile.read(path)
        #expect(recording.warnings.count == 1)
        #expect((1..<10).contains(recording.waveform.duration))
    }
}
