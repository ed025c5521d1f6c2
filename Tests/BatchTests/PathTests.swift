import Batch
import Files
import Foundation
import Testing
import TestSupport

/// Paths as bytes, and the files of a folder.
@Suite struct PathTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("bytes that are no text are shown as escapes, and stay what they are")
    func text() {
        let path = RawPath(bytes: Array("caf".utf8) + [0xE9] + Array("/é.wav".utf8))
        #expect(path.text == "caf\\xE9/é.wav" && !path.isText)
        #expect(RawPath("é").isText && RawPath("é").text == "é")
        #expect(RawPath(bytes: [0x61, 0, 0x62]).bytes == [0x61])
        #expect(RawPath(bytes: [0xF0, 0x9F, 0x98]).text == "\\xF0\\x9F\\x98")
    }

    @Test("parts of paths")
    func parts() {
        #expect(RawPath("a/b.c.wav").withoutEnding.text == "a/b.c")
        #expect(RawPath("a.b/c").withoutEnding.text == "a.b/c")
        #expect(RawPath("a/.hidden").withoutEnding.text == "a/.hidden")
        #expect(RawPath("/a/../b/./c").inward.text == "a/b/c")
        #expect(RawPath("/a").folder.text == "/" && RawPath("a").folder.text == "" && RawPath("a/b").folder.text == "a")
        #expect(RawPath("/").appending(RawPath("a")).text == "/a" && RawPath("").appending(RawPath("a")).text == "a")
        let here = FileManager.default.currentDirectoryPath
        #expect(RawPath("./a").absolute.text == here + "/a" && RawPath(".").absolute.text == here)
    }

    @Test("a recording has one path, whatever its folder is called")
    func onePath() throws {
        try make("in/deep/a.wav")
        link("link", to: "in/deep")
        let whole = RawPath(folder.path("in/deep/a.wav")).absolute
        for name in ["in//deep/./a.wav", "in/deep/../deep/a.wav", "./in/deep/a.wav", "link/../deep/a.wav"] {
            #expect(RawPath(folder.url.path + "/" + name).absolute == whole, "\(name)")
        }
        #expect(RawPath(folder.url.path + "/in/").absolute == RawPath(folder.path("in")).absolute)
        #expect(RawPath("/").absolute.text == "/" && RawPath("/..").absolute.text == "/")
        // A link keeps its name: what it leads to may change.
        #expect(RawPath(folder.path("link")).absolute.text.hasSuffix("/link"))
        #expect(RawPath("/none/../a").absolute.text == "/none/../a")
    }

    @Test("a list may have any number of empty lines, and a bad line is named by its number in the file")
    func emptyLines() throws {
        let list = PathTests.blank(20_000) + Array("/x.wav\n\n{\"a\": 1}\n".utf8)
        let paths = try PathList(RawPath(folder.write(list, to: "list")))
        #expect(try paths.next() == RawPath("/x.wav"))
        let error = #expect(throws: BatchError.self) { try paths.next() }
        #expect("\(error as Any)".contains("line 20003"), "\(error as Any)")
    }

    private static func blank(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "\n"), count: count) }

    @Test("a size that no disk holds is bounded, so that sums of sizes are none that overflow")
    func sizes() {
        var status = stat()
        status.st_size = .max
        let found = FoundFile(
            path: RawPath("/a"), name: RawPath("a"), mirrored: RawPath("a"), status: status, isNamed: false)
        #expect(found.size == 1 << 40)
    }

    private func make(_ names: String...) throws {
        for name in names {
            let url = folder.url.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(name.utf8).write(to: url)
        }
    }

    private func link(_ name: String, to target: String) {
        #expect(symlink(target, folder.path(name)) == 0)
    }

    /// What a walk gives, as it is mirrored.
    private func walk(recursive: Bool = true, excluding excluded: String? = nil) -> [String] {
        var found: [String] = []
        var walk = FolderWalk(
            isRecursive: recursive, excluding: excluded.flatMap { RawPath(folder.path($0)).status?.identity })
        walk.walk(RawPath(folder.url.path)) { found.append($0.mirrored.text) }
        #expect(walk.problems.isEmpty)
        return found
    }

    @Test("a folder is walked in the order of its names, hidden files passed over, the output folder too")
    func walking() throws {
        try make("b.wav", "a.wav", ".hidden.wav", "in/c.wav", "in/deep/d.wav", ".git/e.wav", "out/f.wav")
        #expect(walk() == ["a.wav", "b.wav", "in/c.wav", "in/deep/d.wav", "out/f.wav"])
        #expect(walk(excluding: "out") == ["a.wav", "b.wav", "in/c.wav", "in/deep/d.wav"])
        #expect(walk(recursive: false) == ["a.wav", "b.wav"])
    }

    @Test("links in a circle come to an end, and a file has the name of where it lies")
    func links() throws {
        try make("z/a.wav", "z/y/b.wav")
        link("again", to: "z")
        link("z/up", to: "..")
        link("z/y/self", to: ".")
        link("c.wav", to: "z/a.wav")
        link("gone.wav", to: "nowhere")
        link("round.wav", to: "round.wav")
        #expect(walk() == ["c.wav", "gone.wav", "round.wav", "z/a.wav", "z/y/b.wav"])
        // By a link alone it is walked as well.
        let inside = try TemporaryFolder()
        #expect(symlink(folder.path("z"), inside.path("link")) == 0)
        var found: [String] = []
        var walk = FolderWalk(isRecursive: true, excluding: nil)
        walk.walk(RawPath(inside.url.path)) { found.append($0.mirrored.text) }
        #expect(found.contains("link/a.wav") && found.contains("link/y/b.wav"))
    }

    @Test("a pipe in a folder is not waited for, and a folder that is not there is a problem")
    func oddities() throws {
        try make("a.wav")
        #expect(mkfifo(folder.path("pipe.wav"), 0o600) == 0)
        #expect(walk() == ["a.wav"])
        var walk = FolderWalk(isRecursive: true, excluding: nil)
        walk.walk(RawPath(folder.path("missing"))) { _ in Issue.record("nothing is there") }
        #expect(walk.problems.map(\.code) == [ENOENT])
    }

    @Test("names that are no text are found as they are")
    func rawNames() throws {
        let path = RawPath(folder.url.path).appending(RawPath(bytes: [0xE9, 0x0A] + Array(".wav".utf8)))
        let descriptor = open(path.cString, O_CREAT | O_WRONLY, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        var found: [FoundFile] = []
        var walk = FolderWalk(isRecursive: true, excluding: nil)
        walk.walk(RawPath(folder.url.path)) { found.append($0) }
        #expect(found.map(\.path) == [path.absolute] && found.first?.size == 0)
    }

    @Test("lists: lines, NULs, manifests from their own folder")
    func lists() throws {
        func paths(_ bytes: [UInt8]) throws -> [String] {
            let list = try PathList(RawPath(folder.write(bytes, to: "list")))
            var paths: [String] = []
            while let path = try list.next() { paths.append(path.text) }
            return paths
        }
        #expect(try paths(Array("a\n\nb c\r\nlast".utf8)) == ["a", "b c", "last"])
        #expect(try paths(Array("a\nb\0c\0".utf8)) == ["a\nb", "c"])
        #expect(try paths([0xE9, 0x0A]) == ["\\xE9"])
        #expect(try paths([]) == [])
        #expect(try paths([0xEF, 0xBB, 0xBF] + Array("a\n".utf8)) == ["a"] && paths([0xEF, 0xBB, 0xBF, 0x0A]) == [])
        let manifest =
            #"{"audio_filepath": "x.wav", "text": ""}"# + "\n" + #"{"audio_filepath": "/y.wav"}"# + "\n"
            + "{\"audio_filepath\": \"/\u{301}z.wav\"}"
        #expect(try paths(Array(manifest.utf8)) == [folder.path("x.wav"), "/y.wav", "/\u{301}z.wav"])
        #expect(throws: BatchError.self) { try paths(Array("{\"text\": \"no path\"}".utf8)) }
        #expect(throws: BatchError.self) { try paths([UInt8](repeating: 0x61, count: PathList.longestLine + 70_000)) }
        // Larger than what is read at once.
        let many = (0..<20_000).map { "name \($0)" }
        #expect(try paths(Array(many.joined(separator: "\n").utf8)) == many)
    }

    @Test("inputs: patterns, and one line for what names nothing")
    func inputs() throws {
        try make("in/a.wav", "in/b.flac", "in/c/d.wav")
        func names(_ inputs: [String], recursive: Bool = false) throws -> [String] {
            var found: [String] = []
            var files = InputFiles(isRecursive: recursive, output: RawPath(folder.path("in/c")).status?.identity)
            try files.forEach(in: inputs.map { .path(RawPath(folder.path($0))) }) {
                found.append("\($0.mirrored.name.count):\($0.isNamed)")
            }
            return found
        }
        #expect(try names(["in/*.wav"]) == ["5:false"])
        #expect(try names(["in/?.*"]) == ["5:false", "6:false"])
        #expect(try names(["in/a.wav", "in"]) == ["5:true", "5:false", "6:false"])
        #expect(throws: BatchError.self) { try names(["none"]) }
        #expect(throws: BatchError.self) { try names(["none/*.wav"]) }
        #expect(throws: BatchError.self) { try names(["in/c"]) }
    }
}
