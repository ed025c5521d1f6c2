import Foundation
import TestSupport
import Testing

import TensorFiles

@Suite struct CSVFiles {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("file.csv")
    }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func aLineStandsForARow() throws {
        try CSVFile.write(try Tensor(shape: [2, 3], values: [1, 0.1, -0.0, 1e-7, .nan, -.infinity]), to: path)
        #expect(try text() == "1.0,0.1,-0.0\n1e-07,nan,-inf\n")
    }

    @Test func everyFloatComesBackFromItsDecimal() throws {
        var generator = SeededGenerator(seed: 5)
        let values = (0..<1_000).map { _ in Float(bitPattern: UInt32.random(in: 0..<0x7f80_0000, using: &generator)) }
        try CSVFile.write(try Tensor(shape: [100, 10], values: values), to: path)
        let read = try text().split(whereSeparator: { $0 == "," || $0 == "\n" }).map { Float(String($0)) }
        #expect(read == values)
    }

    @Test func namesOfColumnsAreQuotedWhereNeeded() throws {
        let header = ["time", "a,b", "say \"x\"", "two\r\nlines"]
        try CSVFile.write(try Tensor(shape: [1, 4], values: [1, 2, 3, 4]), header: header, to: path)
        #expect(try text() == "time,\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\"\n1.0,2.0,3.0,4.0\n")
    }

    @Test func aMatrixWithoutRowsIsItsHeader() throws {
        try CSVFile.write(try Tensor(shape: [0, 2], values: []), header: ["a", "b"], to: path)
        #expect(try text() == "a,b\n")
    }

    @Test func otherRanksAndHeadersOfOtherLengthAreRefused() throws {
        let vector = try Tensor(shape: [2], values: [1, 2])
        #expect(message { try CSVFile.write(vector, to: path) }?.contains("the tensor has 1") == true)
        let row = try Tensor(shape: [1, 2], values: [1, 2])
        #expect(message { try CSVFile.write(row, header: ["a"], to: path) }?.contains("1 names for 2 columns") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
