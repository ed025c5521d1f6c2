import Files
import Foundation
import Testing
import TestSupport

@Suite("Files are written whole or not at all") struct AtomicFileTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private struct Stop: Error {}

    private func content(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("where the body throws, the old file stays and nothing is left beside it")
    func stopped() throws {
        let path = try folder.write("old".utf8, to: "file")
        #expect(throws: Stop.self) {
            try AtomicFile.write(to: path) { file in
                try file.append(String(repeating: "new", count: 100_000))
                throw Stop()
            }
        }
        #expect(try content(path) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["file"])
    }

    @Test("bytes, text, integers and floats stand in their order, little-endian")
    func order() throws {
        let path = folder.path("file")
        try AtomicFile.write(to: path) { file in
            try file.append("ab")
            try file.append(words: [UInt16(0x0102)])
            try file.append([UInt8(7)])
            try file.append(floats: [1])
        }
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == [97, 98, 2, 1, 7, 0, 0, 0x80, 0x3f])
    }

    @Test("a symbolic link stays one, also one in another folder")
    func link() throws {
        try FileManager.default.createDirectory(atPath: folder.path("deep"), withIntermediateDirectories: true)
        let path = try folder.write([1], to: "deep/file")
        let link = folder.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "deep/file")
        try AtomicFile.write(to: link, allowingStreams: true) { try $0.append("new") }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "deep/file")
        #expect(try content(path) == "new")
    }

    @Test("devices and pipes are written to where that is allowed, and never replaced")
    func streams() throws {
        #expect(throws: FileError.notAFile(path: "/dev/null")) {
            try AtomicFile.write(to: "/dev/null") { try $0.append("x") }
        }
        try AtomicFile.write(to: "/dev/null", allowingStreams: true) { try $0.append("x") }
        #expect(RawPath("/dev/null").status?.isFile == false)
    }

    @Test("what cannot be written is named", arguments: ["", "a\0b"])
    func noPath(_ path: String) {
        #expect(throws: FileError.inputOutput(path: path, reason: "this is no path")) {
            try AtomicFile.write(to: path) { _ in }
        }
    }

    @Test("a folder, a missing folder and a full disk")
    func refused() throws {
        #expect(throws: FileError.isFolder(path: folder.url.path)) {
            try AtomicFile.write(to: folder.url.path, allowingStreams: true) { _ in }
        }
        let lost = folder.path("no/file")
        #expect(throws: FileError.noFolder(path: lost)) { try AtomicFile.write(to: lost) { _ in } }
        if RawPath("/dev/full").status != nil {
            #expect(throws: FileError.noSpace(path: "/dev/full")) {
                try AtomicFile.write(to: "/dev/full", allowingStreams: true) { try $0.append("x") }
            }
        }
    }
}
