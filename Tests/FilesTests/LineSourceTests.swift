import Files
import Foundation
import Testing
import TestSupport

@Suite("Lines of text") struct LineSourceTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func lines(_ path: String, nuls: LineSource.NULs = .refused, longest: Int = .max) throws -> [String] {
        let source = try LineSource(path: path, nuls: nuls, longest: longest)
        var lines: [String] = []
        while let line = try source.next({ String(decoding: $0, as: UTF8.self) }) {
            lines.append(source.isTooLong ? "too long" : line)
            #expect(source.number == lines.count)
        }
        return lines
    }

    @Test(
        "line ends and marks of the byte order are dropped",
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]),
            ("\u{FEFF}a\n\u{FEFF}b", ["a", "\u{FEFF}b"]), ("a\rb\n", ["a\rb"]),
        ])
    func ends(_ text: String, _ expected: [String]) throws {
        #expect(try lines(folder.write(text.utf8, to: "text")) == expected)
    }

    @Test("gzip and xz are expanded, and a damaged file is named", arguments: ["gzip", "xz"])
    func compressed(_ program: String) throws {
        let text = (0..<50_000).map { "line \($0)\n" }.joined()
        let path = try folder.write(text.utf8, to: "text")
        let packed = folder.path("packed")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "\(program) -c \"$1\" > \"$2\"", "sh", path, packed]
        try shell.run()
        shell.waitUntilExit()
        try #require(shell.terminationStatus == 0)
        #expect(try lines(packed) == (0..<50_000).map { "line \($0)" })
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: packed)))
        bytes.removeLast(bytes.count / 2)
        let cut = try folder.write(bytes, to: "cut")
        #expect(
            throws: FileError.decompression(path: cut, program: program, reason: "\(program) finds it damaged")
        ) { try lines(cut) }
    }

    @Test("NUL characters are refused, kept, or end lines")
    func nuls() throws {
        let path = try folder.write([97, 0, 98, 10, 99, 0], to: "text")
        #expect(
            throws: FileError.badLine(
                path: path, line: 1, reason: "it has a NUL character",
                remedy: "give UTF-8 text, without such characters")
        ) { try lines(path) }
        #expect(try lines(path, nuls: .kept) == ["a\0b", "c\0"])
        #expect(try lines(path, nuls: .endingLines) == ["a", "b\nc"])
    }

    @Test("a line beyond the limit is handed over empty, and the next ones are read", arguments: [4, 3_000_000])
    func long(_ length: Int) throws {
        let long = String(repeating: "x", count: length)
        let path = try folder.write("abc\n\(long)\nd\n\(long)".utf8, to: "text")
        #expect(try lines(path, longest: 3) == ["abc", "too long", "d", "too long"])
    }

    @Test("a line knows where it begins")
    func offsets() throws {
        let source = try LineSource(
            path: folder.write("\u{FEFF}ab\r\n\n\(String(repeating: "é", count: 600_000))\nc".utf8, to: "text"))
        var offsets: [Int] = []
        while try source.next({ _ in true }) ?? false { offsets.append(source.offset) }
        #expect(offsets == [0, 7, 8, 1_200_009])
    }

    @Test("what is no text is named, with what to do")
    func noText() throws {
        let utf16 = try folder.write([0xff, 0xfe, 97, 0], to: "utf16")
        #expect(throws: FileError.self) { try lines(utf16) }
        #expect(throws: FileError.isFolder(path: folder.url.path)) { try lines(folder.url.path) }
        #expect(throws: FileError.doesNotExist(path: "")) { try lines("") }
        #expect(throws: FileError.doesNotExist(path: "/dev/null\0")) { try lines("/dev/null\0") }
    }
}
