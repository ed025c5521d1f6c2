import Files
import Foundation
import TensorFiles
import Testing
import TestSupport

@Suite struct FileAccess {
    let folder: TemporaryFolder
    let row: Tensor

    init() throws {
        folder = try TemporaryFolder()
        row = try Tensor(shape: [1, 2], values: [1, 2])
    }

    @Test func whatCannotBeOpenedIsNamed() throws {
        let missing = folder.path("missing")
        #expect(throws: FileError.doesNotExist(path: missing)) { try SafetensorsFile(path: missing) }
        #expect(throws: FileError.doesNotExist(path: "")) { try SafetensorsFile(path: "") }
        #expect(throws: FileError.doesNotExist(path: "/dev/null\0")) { try SafetensorsFile(path: "/dev/null\0") }
        #expect(throws: FileError.isFolder(path: folder.url.path)) { try NumPyFile.read(path: folder.url.path) }
        #expect(throws: FileError.notAFile(path: "/dev/zero")) { try SafetensorsFile(path: "/dev/zero") }
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError.notAFile(path: pipe)) { try SafetensorsFile(path: pipe) }
    }

    @Test func whatCannotBeWrittenIsNamed() throws {
        let lost = folder.path("no/such/file.csv")
        #expect(throws: FileError.noFolder(path: lost)) { try CSVFile.write(row, to: lost) }
        #expect(throws: FileError.isFolder(path: folder.url.path)) { try CSVFile.write(row, to: folder.url.path) }
        #expect(throws: FileError.notAFile(path: "/dev/null")) { try CSVFile.write(row, to: "/dev/null") }
        #expect(message { try CSVFile.write(row, to: "") }?.contains("this is no path") == true)
    }

    @Test func theOldFileIsReplacedWholeAndKeepsItsPermissions() throws {
        let path = try folder.write([1, 2, 3], to: "file.csv")
        #expect(chmod(path, 0o640) == 0)
        try CSVFile.write(row, to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "1.0,2.0\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["file.csv"])
    }

    @Test func aFileThatIsOpenForReadingStaysWhatItWas() throws {
        let path = folder.path("file.safetensors")
        try SafetensorsWriter.write(["a": .float32(row)], to: path)
        let file = try SafetensorsFile(path: path)
        try SafetensorsWriter.write([:], to: path)
        #expect(try file.tensor("a") == row)
        #expect(try SafetensorsFile(path: path).names.isEmpty)
    }

    @Test func everyMessageIsOneLineThatNamesTheFileAndAMend() {
        let path = "odd\n\u{1b}[31m\u{202e}name"
        let errors: [TensorFileError] = [
            .malformed(path: path, reason: "a\u{7}b"), .truncated(path: path, expected: 2, actual: 1),
            .unsupported(path: path, reason: "it is\n", mend: "do\r"),
            .noSuchTensor(path: path, name: path), .notFloatingPoint(path: path, name: path, type: .int64),
            .notIntegers(path: path, name: path, type: .float16), .integerTooLarge(path: path, name: path, index: 3),
            .overflows(path: path, name: path, value: 1e6, type: .float16), .cannotHold(path: path, reason: "a\nb"),
        ]
        for error in errors {
            #expect(error.description.contains(#""odd\n\u{1b}[31m\u{202e}name""#))
            #expect(error.description.contains(": "))
            #expect(error.description == error.localizedDescription)
            #expect(
                error.description.unicodeScalars.allSatisfy {
                    ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
                })
        }
    }
}
