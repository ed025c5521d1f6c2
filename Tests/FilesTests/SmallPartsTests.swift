import Files
import Foundation
import Messages
import Testing
import TestSupport

@Suite("Fields, sums and mapped bytes") struct SmallPartsTests {
    @Test(
        "a field of CSV stands between quotation marks where RFC 4180 asks for them",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\r\nb", "\"a\r\nb\""), (" a", "\" a\""),
        ])
    func fields(_ field: String, _ expected: String) { #expect(CSVField.quoted(field) == expected) }

    @Test("sums are those of FNV-1a's authors")
    func fingerprints() {
        #expect(Fingerprint.sum(of: "".utf8) == 0xcbf2_9ce4_8422_2325)
        #expect(Fingerprint.sum(of: "foobar".utf8) == 0x85944171f73967e8)
    }

    @Test("the first bytes of an ordinary file, and none of a pipe")
    func beginning() throws {
        let folder = try TemporaryFolder()
        #expect(try RawPath(folder.write([1, 2, 3], to: "file")).firstBytes(2) == [1, 2])
        #expect(try RawPath(folder.write([1], to: "short")).firstBytes(9) == [1])
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        #expect(RawPath(folder.path("pipe")).firstBytes(2).isEmpty && RawPath(folder.path("no")).firstBytes(2).isEmpty)
    }

    @Test("a mapped file gives its bytes, cut to those that are there")
    func mapped() throws {
        let folder = try TemporaryFolder()
        let file = try MappedFile(path: folder.write([1, 2, 3], to: "file"))
        #expect(file.count == 3 && file.copy(1..<9) == [2, 3])
        #expect(try MappedFile(path: folder.write([], to: "empty")).count == 0)
    }

    @Test("a file has one identity under all its names")
    func identity() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "file")
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: path)
        #expect(RawPath(path).status?.identity == RawPath(folder.path("link")).status?.identity)
        #expect(try RawPath(path).status?.identity != RawPath(folder.write([1], to: "other")).status?.identity)
    }

    @Test("strings in JSON are what a decoder reads back")
    func json() throws {
        let text = "a\"\\\n\r\t\u{1}\u{8}\u{c}\u{2028}é"
        for lineSeparators in [false, true] {
            let quoted = JSONText.quoted(text, lineSeparators: lineSeparators)
            #expect(try JSONDecoder().decode([String].self, from: Data("[\(quoted)]".utf8)) == [text])
            #expect(quoted.unicodeScalars.contains("\u{2028}") == !lineSeparators)
        }
    }
}
