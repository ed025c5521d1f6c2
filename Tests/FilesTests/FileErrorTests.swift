import Files
import Foundation
import Messages
import Testing

@Suite("Errors of files") struct FileErrorTests {
    @Test("refusals of the system have their own cases")
    func errno() {
        #expect(FileError.writing("f", code: ENOSPC) == .noSpace(path: "f"))
        #expect(FileError.writing("f", code: EDQUOT) == .noSpace(path: "f"))
        #expect(FileError.writing("f", code: EROFS) == .notWritable(path: "f"))
        #expect(FileError.reading("f", code: EACCES) == .notReadable(path: "f"))
        #expect(FileError.reading("f", code: EIO).description.contains("error"))
    }

    @Test("a message is one line that names the file and what to do, whatever the file is called")
    func oneLine() {
        let path = "odd\n\u{1b}[31m\u{202e}name"
        let errors: [FileError] = [
            .doesNotExist(path: path), .isFolder(path: path), .notAFile(path: path), .notReadable(path: path),
            .noFolder(path: path), .notWritable(path: path), .noSpace(path: path),
            .inputOutput(path: path, reason: "a\u{2028}b"), .notText(path: path, reason: "a\n", remedy: "b\r"),
            .badLine(path: path, line: 3, reason: "a\n", remedy: "b"),
            .decompression(path: path, program: "xz", reason: "a\u{7}"),
        ]
        for error in errors {
            #expect(error.description.hasPrefix(#""odd\n\u{1b}[31m\u{202e}name" "#))
            #expect(error.description == "\(error.problem): \(error.remedy)".prependingName(error.path))
            #expect(error.description == error.localizedDescription)
            #expect(
                error.description.unicodeScalars.allSatisfy {
                    ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
                })
        }
        #expect(FileError.doesNotExist(path: "f").code == .notFound)
    }

    @Test("the path - is a standard stream in messages")
    func standardStream() {
        #expect(FileError.noSpace(path: "-").description.hasPrefix("standard output "))
        #expect(
            FileError.badLine(path: "-", line: 1, reason: "a", remedy: "b").description.hasPrefix("standard input "))
    }
}

extension String {
    fileprivate func prependingName(_ path: String?) -> String { path.map { "\(OneLine.file($0)) \(self)" } ?? self }
}
