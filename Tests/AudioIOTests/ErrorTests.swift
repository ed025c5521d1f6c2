import AudioIO
import Foundation
import TestSupport
import Testing

@Suite("Errors") struct ErrorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aMissingFileIsAnError() throws {
        for path in [folder.path("missing.wav"), "", "/etc/passwd/file.wav", "nul\0byte.wav"] {
            #expect(errorOfReading(path) == .doesNotExist(path: path))
        }
        #expect(errorOfReading(folder.path(String(repeating: "x", count: 5_000))) != nil)
    }

    @Test func aFolderIsAnError() {
        #expect(errorOfReading(folder.url.path) == .isFolder(path: folder.url.path))
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything")) func aForbiddenFileIsAnError() throws {
        let path = try folder.write(WAVBytes(data: [0, 0]).bytes, to: "secret.wav")
        #expect(chmod(path, 0) == 0)
        #expect(errorOfReading(path) == .notReadable(path: path))
    }

    @Test func anEmptyFileIsAnError() throws {
        let path = try folder.write([], to: "empty.wav")
        #expect(errorOfReading(path) == .empty(path: path))
    }

    @Test func aTextIsAnErrorThatSaysSo() throws {
        let path = try folder.write(Array("This is no sound.\n".utf8), to: "text.wav")
        #expect(errorOfReading(path) == .notAudio(path: path, lookingLike: "text"))
    }

    @Test func aDeviceWithoutEndIsAnError() {
        #expect(errorOfReading("/dev/zero") == .isDevice(path: "/dev/zero"))
        #expect(errorOfReading("/dev/null") == .empty(path: "/dev/null"))
    }

    @Test func otherFormatsAreNamed() throws {
        let box = [0, 0, 0, 32] + Array("ftypM4A ".utf8) + [UInt8](repeating: 0, count: 90)
        let movie = try folder.write(box, to: "a")
        let description = try #require(errorOfReading(movie)).description
        #expect(description.contains("M4A"))
        #expect(description.contains("convert"))
        let unknown = try folder.write([1, 2, 3, 250, 5, 6, 7, 8], to: "b")
        #expect(errorOfReading(unknown) == .notAudio(path: unknown, lookingLike: nil))
    }

    @Test func aHeaderWithoutSamplesIsAnError() throws {
        var file = WAVBytes()
        let none = try folder.write(file.bytes, to: "none.wav")
        #expect(errorOfReading(none) == .noSamples(path: none))
        // A size of 0 with chunks behind it is the truth, not a header that was never finished.
        file.after = chunk("LIST", Array("INFOISFT".utf8) + [4, 0, 0, 0] + Array("Utt\0".utf8))
        let listed = try folder.write(file.bytes, to: "listed.wav")
        #expect(errorOfReading(listed) == .noSamples(path: listed))
        file.statedDataSize = 8_000
        file.after = []
        let cut = try folder.write(file.bytes, to: "cut.wav")
        #expect(errorOfReading(cut) == .noSamples(path: cut))
        // Still there for who asks only what the file is.
        #expect(try AudioFile.information(none).frames == 0)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func samplesThatAreNoNumbersAreAnErrorThatSaysWhere(_ value: Float) throws {
        let path = folder.path("float.wav")
        let writer = try AudioFileWriter(path: path, encoding: .float32, sampleRate: 16_000, channels: 2)
        var samples = noise(100_000)
        samples[80_001] = value
        samples[90_000] = value
        try writer.write(samples)
        try writer.finish()

        #expect(errorOfReading(path) == .notFinite(path: path, seconds: 2.5))
        #expect(errorOfReading(path, channels: .channel(2)) == .notFinite(path: path, seconds: 2.5))
        #expect(errorOfReading(path, channels: .channel(1)) == .notFinite(path: path, seconds: 45_000.0 / 16_000))
        let reader = try AudioReader(path: path, sampleRate: 8_000)
        for _ in 0..<2 { #expect(throws: AudioError.notFinite(path: path, seconds: 2.5)) { try drain(reader) } }
    }

    @Test(arguments: [1, 3_999, 192_001, 2_000_000_000] as [UInt32])
    func sampleRatesOutOfRangeAreErrors(_ rate: UInt32) throws {
        let path = try folder.write(WAVBytes(sampleRate: rate, data: pcm16(noise(100))).bytes, to: "rate.wav")
        #expect(errorOfReading(path) == .sampleRateOutOfRange(path: path, sampleRate: Int(rate)))
    }

    @Test func descriptionsAreOneLineThatNamesTheFile() {
        let path = "a\nb\r\t\u{1B}[31m\u{202E}c\u{2028}.wav"
        let errors: [AudioError] = [
            .doesNotExist(path: path), .isFolder(path: path), .notReadable(path: path), .empty(path: path),
            .notAudio(path: path, lookingLike: "text"), .notAudio(path: path, lookingLike: nil),
            .malformed(path: path, reason: "first\nsecond"), .noSamples(path: path),
            .isDevice(path: path), .needsFFmpeg(path: path, format: "AMR"), .noSound(path: path, format: "a film"),
            .notFinite(path: path, seconds: 1), .sampleRateOutOfRange(path: path, sampleRate: 1),
            .noSuchChannel(path: path, channel: 3, channels: 2), .noSuchChannel(path: path, channel: 2, channels: 1),
            .inputOutput(path: path, reason: "disk\nfull"), .cannotWrite(path: path, reason: "x"),
        ]
        for error in errors {
            let text = error.description
            #expect(text.contains(#""a\nb\r\t\u{1b}[31m\u{202e}c\u{2028}.wav""#), "\(text)")
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
            #expect(text.contains(": "), "what to do: \(text)")
            #expect(error.localizedDescription == text)
        }
        #expect(AudioError.empty(path: "-").description.hasPrefix("standard input is empty"))
    }
}
