import Foundation
import TestSupport
import Testing

import TensorFiles

@Suite struct NumPyFiles {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("file.npy")
    }

    private func npy(_ header: String, version: UInt8 = 1, data: Int = 0, statedLength: Int? = nil) -> [UInt8] {
        let length = statedLength ?? header.utf8.count
        let lengthBytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    @Test func tensorsOfEveryRankSurvive() throws {
        for shape in [[], [3], [2, 3], [2, 0, 4], [1, 2, 3, 4]] {
            let tensor = try Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0) / 3 })
            try NumPyFile.write(tensor, to: path)
            #expect(try NumPyFile.read(path: path) == tensor)
        }
    }

    @Test func theBytesAreThoseThatNumPyWrites() throws {
        try NumPyFile.write(try Tensor(shape: [1, 2], values: [1, -2]), to: path)
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
        let padded = header.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(bytes == npy(padded) + [0, 0, 128, 63, 0, 0, 0, 192])
        #expect(npy(padded).count % 64 == 0)
    }

    @Test func headersInOtherOrderSpacingAndVersionAreRead() throws {
        for bytes in [
            npy(#"{"shape":(2,),"fortran_order":False,"descr":"<f4"}"#, data: 8),
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }  \n", version: 2, data: 8),
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", version: 3, data: 8),
        ] {
            try folder.write(bytes, to: "file.npy")
            #expect(try NumPyFile.read(path: path) == Tensor(shape: [2], values: [0, 0]))
        }
    }

    @Test func malformedFilesAreRefusedWithASentence() throws {
        let lawful = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
        func changed(_ from: String, _ to: String) -> [UInt8] {
            npy(lawful.replacingOccurrences(of: from, with: to), data: 8)
        }
        let cases: [([UInt8], String)] = [
            ([], "begins as no NumPy file does"),
            (Array("RIFF....WAVEfmt ".utf8), "begins as no NumPy file does"),
            (npy(lawful, version: 4, data: 8), "its version is 4.0"),
            (npy(lawful, statedLength: 60_000), "would have 60000 bytes"),
            (npy(String(repeating: " ", count: 65_536), version: 2), "65535 are allowed"),
            (npy(lawful, data: 7), "is cut short"),
            (npy(lawful, data: 9), "1 bytes follow the array"),
            (npy("", data: 8), "no '{'"),
            (npy("{", data: 8), "no ':'"),
            (npy("{}", data: 8), "no 'descr'"),
            (changed("<f4", "<f8"), "elements of the type '<f8', not '<f4': save array.astype('<f4')"),
            (changed("<f4", ">f4"), "the type '>f4'"),
            (changed("False", "True"), "not in C order: save numpy.ascontiguousarray(array)"),
            (changed("(2,)", "(-2,)"), "something other than numbers"),
            (changed("(2,)", "(2.0,)"), "no comma"),
            (changed("(2,)", "(99999999999999999999,)"), "something other than numbers"),
            (changed("(2,)", "(4294967296,4294967296)"), "more bytes than can be counted"),
            (changed("(2,)", "(9223372036854775807,)"), "more bytes than can be counted"),
            (changed("(2,)", "(2 3)"), "no comma"),
            (changed("(2,)", "(2,"), "something other than numbers"),
            (changed("(2,)", "2"), "an unknown key, a key twice or no value"),
            (changed("'shape'", "'descr'"), "an unknown key, a key twice or no value"),
            (changed(", 'shape': (2,)", ""), "no 'shape'"),
            (changed(", 'fortran_order': False", ""), "no 'fortran_order'"),
            (changed("False,", "False"), "no comma"),
            (changed("}", "} {"), "something follows"),
            (changed("'shape'", "'shape"), "a string without end"),
        ]
        for (bytes, says) in cases {
            try folder.write(bytes, to: "file.npy")
            let message = try #require(message { _ = try NumPyFile.read(path: path) }, "\(says)")
            #expect(message.contains("file.npy"))
            #expect(message.contains(says), "\(message)")
        }
    }

    @Test func damagedFilesThrowOrReadButNeverTrap() throws {
        let valid = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n", data: 24)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<1_000 {
            var bytes = valid
            bytes.removeLast(max(0, Int.random(in: -40...30, using: &generator)))
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            try folder.write(bytes, to: "file.npy")
            _ = try? NumPyFile.read(path: path)
        }
    }
}
