import AudioIO
import Foundation
import TestSupport
import Testing

/// What lies around the sound and within it: damage only where sound is lost.
@Suite("Tags and junk") struct TagAndJunkTests {
    private let folder: TemporaryFolder
    /// With a first frame that counts, and without.
    private let counted: [UInt8]
    private let plain: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        counted = try fileBytes(sweep(48_000), .mpeg, .mp3, in: folder)
        let frames = Self.frames(counted)
        plain = Array(counted[frames[1]...])
    }

    /// Where frames begin.
    private static func frames(_ bytes: [UInt8]) -> [Int] {
        bytes.indices.dropLast(4).filter {
            bytes[$0] == 0xFF && bytes[$0 + 1] == bytes[1] && bytes[$0 + 2] & 0x0C == bytes[2] & 0x0C
                && bytes[$0 + 3] & 0xC0 == bytes[3] & 0xC0
        }
    }

    private static let id3v1 = Array("TAG".utf8) + [UInt8](repeating: 32, count: 125)
    private static let lyrics = Array("LYRICSBEGININD0000210LYR00005hello000033LYRICS200".utf8)
    private static let page = Array("<html><body>\(String(repeating: "Not found. ", count: 300))</body></html>".utf8)
    private static let zeros = [UInt8](repeating: 0, count: 3_000)

    /// ID3v2 of a version, with a footer or without.
    private static func id3v2(_ version: UInt8, footer: Bool = false) -> [UInt8] {
        let head: [UInt8] = [version, 0, footer ? 0x10 : 0, 0, 0, 1, 72]
        var tag = Array("ID3".utf8) + head
        tag += [UInt8](repeating: 0, count: 200)
        if footer { tag += Array("3DI".utf8) + head }
        return tag
    }

    /// APEv2 with a header and a footer around 100 bytes.
    private static var ape: [UInt8] {
        func part(_ flags: UInt32) -> [UInt8] {
            // Version, size of what follows the header, count, flags.
            let numbers: [UInt32] = [2_000, 132, 1, flags]
            return Array("APETAGEX".utf8) + numbers.flatMap { little($0) } + [UInt8](repeating: 0, count: 8)
        }
        return part(0xA000_0000) + [UInt8](repeating: 65, count: 100) + part(0x8000_0000)
    }

    @Test func tagsAndJunkAroundAnMP3AreNoDamage() throws {
        let junk: [UInt8] = (0..<900).map { (index: Int) -> UInt8 in UInt8(index * index * 37 % 251) }
        for sound in [counted, plain] {
            let alone = try AudioFile.read(folder.write(sound, to: "alone")).waveform.samples
            #expect(abs(alone.count - 48_000) < 2_500)
            let files: [(String, [UInt8])] = [
                ("ID3v1", sound + Self.id3v1), ("Lyrics3", sound + Self.lyrics + Self.id3v1), ("APE", sound + Self.ape),
                ("APE and ID3v1", sound + Self.ape + Self.id3v1), ("HTML", sound + Self.page),
                ("zeros behind", sound + Self.zeros), ("ID3v2.3", Self.id3v2(3) + sound),
                ("ID3v2.4 with footer", Self.id3v2(4, footer: true) + sound),
                ("padding behind the tag", Self.id3v2(3) + Self.zeros + sound), ("APE in front", Self.ape + sound),
                ("zeros in front", Self.zeros + sound), ("junk in front", junk + sound),
                ("two tags", Self.id3v2(4) + Self.id3v2(3) + sound),
            ]
            for (name, bytes) in files {
                let recording = try AudioFile.read(folder.write(bytes, to: "file"))
                #expect(recording.waveform.samples == alone, "\(name): \(recording.waveform.samples.count)")
                #expect(recording.warnings.isEmpty, "\(name): \(recording.warnings)")
            }
        }
    }

    @Test func tagsBetweenJoinedMP3AreNoDamage() throws {
        let alone = try AudioFile.read(folder.write(counted, to: "alone")).waveform.samples
        let bytes = counted + Self.id3v1 + Self.id3v2(4) + counted + Self.ape
        let recording = try AudioFile.read(folder.write(bytes, to: "file"))
        #expect(recording.waveform.samples == alone + alone)
        #expect(recording.warnings.isEmpty)
    }

    @Test func aHoleInAnMP3IsPassedOverAndTold() throws {
        let starts = Self.frames(plain)
        let middle = starts[starts.count / 2]
        let next = starts[starts.count / 2 + 1]
        var hole = plain
        for index in middle + 5..<middle + 1_105 { hole[index] = 0 }
        var frame = plain
        for index in middle..<next { frame[index] = 0 }
        var broken = plain
        // Side information of ones: more values than a granule has.
        for index in middle + 4..<middle + 13 { broken[index] = 0xFF }
        let whole = try AudioFile.read(folder.write(plain, to: "whole")).waveform.samples.count
        for (name, bytes, lost) in [
            ("hole", hole, 20_000), ("frame of zeros", frame, 600), ("broken frame", broken, 0),
            ("junk put in", Array(plain[..<middle]) + Self.zeros + plain[middle...], 0),
            ("a byte lost", Array(plain[..<(middle + 50)] + plain[(middle + 51)...]), 600),
        ] {
            let recording = try AudioFile.read(folder.write(bytes, to: "file"))
            #expect((whole - lost...whole).contains(recording.waveform.samples.count), "\(name)")
            #expect(recording.warnings.count == 1, "\(name)")
            guard case .gaps(1, let seconds, _) = recording.warnings.first else {
                Issue.record("\(name): \(recording.warnings)")
                continue
            }
            #expect(abs(seconds - 1.5) < 0.3, "\(name)")
        }
    }

    @Test func aTailOfZerosThatIsNoTagIsTold() throws {
        // A download that was given its size first and never ended.
        let bytes = plain + [UInt8](repeating: 0, count: 100_000)
        let recording = try AudioFile.read(folder.write(bytes, to: "file"))
        #expect(recording.warnings.count == 1 && recording.isDamaged)
    }

    @Test func mpegInWAVIsWhole() throws {
        let alone = try AudioFile.read(folder.write(plain, to: "alone")).waveform.samples
        var file = WAVBytes(format: 0x55, bits: 0, data: plain, after: chunk("LIST", Array("INFO".utf8)))
        let recording = try AudioFile.read(folder.write(file.bytes, to: "file.wav"))
        #expect(recording.waveform.samples == alone && recording.warnings.isEmpty)
        #expect(recording.information.container.contains("WAV"))
        file.after = []
        file.statedDataSize = UInt32(2 * plain.count)
        let cut = try AudioFile.read(folder.write(file.bytes, to: "file.wav"))
        #expect(cut.warnings.count == 1 && cut.isDamaged)
    }

    @Test func sizesThatAreOffByAFewBytesAreNoDamage() throws {
        let sound = pcm16(sweep(16_000))
        for difference in [-44, -8, -2, -1, 1, 2, 8, 36, 44, 80] {
            let file = WAVBytes(data: sound, statedDataSize: UInt32(sound.count + difference))
            let recording = try AudioFile.read(folder.write(file.bytes, to: "file.wav"))
            #expect(recording.warnings.isEmpty, "\(difference): \(recording.warnings)")
            #expect(abs(recording.waveform.samples.count - 16_000) <= 22)
        }
        for (container, encoding) in [
            (AudioFileWriter.Container.aiff, AudioFileWriter.Encoding.pcm16), (.au, .pcm16), (.caf, .pcm16),
            (.wave64, .pcm16),
        ] {
            let bytes = try fileBytes(sweep(16_000), container, encoding, in: folder)
            let recording = try AudioFile.read(folder.write(bytes.dropLast(44), to: "file"))
            #expect(recording.warnings.isEmpty, "\(container): \(recording.warnings)")
        }
    }

    @Test func tagsBehindOtherFilesAreNoDamage() throws {
        for container in [AudioFileWriter.Container.wav, .aiff, .au, .flac] {
            let bytes = try fileBytes(noise(20_000), container, .pcm16, in: folder)
            let alone = try AudioFile.read(folder.write(bytes, to: "alone")).waveform.samples
            for tail in [Self.id3v1, Self.ape, Self.id3v2(3), Self.page, Self.zeros] {
                let recording = try AudioFile.read(folder.write(bytes + tail, to: "file"))
                #expect(recording.waveform.samples == alone, "\(container)")
                #expect(recording.warnings.isEmpty, "\(container): \(recording.warnings)")
            }
        }
    }
}
