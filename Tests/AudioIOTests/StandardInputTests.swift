import AudioIO
import Foundation
import TestSupport
import Testing

/// Standard input belongs to the whole process, so these run one after the other; no other suite touches it.
@Suite("Standard input", .serialized) struct StandardInputTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs the body with bytes on standard input, through a pipe or as a file.
    private func feed<Result>(_ bytes: [UInt8], throughPipe: Bool, _ body: () throws -> Result) throws -> Result {
        let saved = dup(STDIN_FILENO)
        defer {
            dup2(saved, STDIN_FILENO)
            close(saved)
        }
        if throughPipe {
            let pipe = Pipe()
            let writer = pipe.fileHandleForWriting
            // A command that another test starts meanwhile would hold the pipe open.
            _ = fcntl(writer.fileDescriptor, F_SETFD, FD_CLOEXEC)
            // More than a pipe holds has to be written while it is read.
            Thread.detachNewThread {
                try? writer.write(contentsOf: Data(bytes))
                try? writer.close()
            }
            dup2(pipe.fileHandleForReading.fileDescriptor, STDIN_FILENO)
            return try body()
        }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: try folder.write(bytes, to: "input")))
        dup2(file.fileDescriptor, STDIN_FILENO)
        return try body()
    }

    @Test(arguments: [true, false], [AudioFileWriter.Container.wav, .flac, .aiff])
    func aPipeAndAFileGiveTheSameAsThePath(_ throughPipe: Bool, _ container: AudioFileWriter.Container) throws {
        let path = folder.path("file")
        try AudioFileWriter.write(Waveform(samples: noise(100_000), sampleRate: 44_100), to: path, container: container)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let fromPath = try AudioFile.read(path, sampleRate: 16_000)
        let fromInput = try feed(bytes, throughPipe: throughPipe) { try AudioFile.read("-", sampleRate: 16_000) }
        #expect(fromInput.waveform == fromPath.waveform)
        #expect(fromInput.warnings.isEmpty)
        #expect(fromInput.information.path == "-")
        #expect(fromInput.information.frames == fromPath.information.frames)
    }

    @Test(arguments: [0xFFFF_FFFF, 0x7FFF_F000, 0x8000_0000, 0] as [UInt32])
    func placeholdersForTheLengthAreNormal(_ size: UInt32) throws {
        let file = WAVBytes(data: pcm16(noise(50_000)), statedDataSize: size)
        for throughPipe in [true, false] {
            let recording = try feed(file.bytes, throughPipe: throughPipe) { try AudioFile.read("-") }
            #expect(recording.waveform.samples.count == 50_000)
            #expect(recording.warnings.isEmpty)
        }
    }

    @Test func aStreamThatEndsEarlyIsSaidSo() throws {
        let file = WAVBytes(data: pcm16(noise(8_000)), statedDataSize: 32_000)
        let recording = try feed(file.bytes, throughPipe: true) { try AudioFile.read("-") }
        #expect(recording.warnings == [.truncated(readSeconds: 0.5, promisedSeconds: 1)])
    }

    @Test func anEmptyStreamIsAnError() throws {
        for throughPipe in [true, false] {
            let error = try feed([], throughPipe: throughPipe) { errorOfReading("-") }
            #expect(error == .empty(path: "-"))
        }
    }

    @Test func aNamedPipeIsReadLikeAFile() throws {
        let path = folder.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let bytes = WAVBytes(data: pcm16(noise(100_000))).bytes
        Thread.detachNewThread {
            let writer = FileHandle(forWritingAtPath: path)
            try? writer?.write(contentsOf: Data(bytes))
            try? writer?.close()
        }
        #expect(try AudioFile.read(path).waveform.samples.count == 100_000)
    }
}
