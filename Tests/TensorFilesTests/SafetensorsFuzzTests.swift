import Foundation
import TestSupport
import Testing

import TensorFiles

@Suite struct SafetensorsFuzz {
    /// Every type, several ranks, an empty tensor and metadata: most flips hit a header with much to break.
    private static func validFile(in folder: TemporaryFolder) throws -> [UInt8] {
        var header = #"{"__metadata__":{"a\n":"\u00e9"}"#
        var offset = 0
        for (index, type) in TensorDataType.allCases.reversed().enumerated() {
            let size = 6 * type.byteCount
            header += #","t\#(index)":{"dtype":"\#(type.rawValue)","shape":[2,3],"#
            header += #""data_offsets":[\#(offset),\#(offset + size)]}"#
            offset += size
        }
        header += #","e":{"dtype":"F16","shape":[0,9],"data_offsets":[\#(offset),\#(offset)]}}  "#
        return safetensors(header, data: offset)
    }

    private static func readAll(_ path: String) {
        guard let file = try? SafetensorsFile(path: path) else { return }
        for name in file.names {
            let count = file.shape(of: name)?.reduce(1, *)
            if let tensor = try? file.tensor(name) { #expect(tensor.values.count == count) }
            if let integers = try? file.integers(name) { #expect(integers.count == count) }
        }
    }

    @Test func damagedFilesThrowOrOpenButNeverTrap() throws {
        let folder = try TemporaryFolder()
        let valid = try Self.validFile(in: folder)
        let path = try folder.write(valid, to: "file.safetensors")
        #expect(try SafetensorsFile(path: path).names.count == TensorDataType.allCases.count + 1)

        var generator = SeededGenerator(seed: 7)
        let telling = Array("\"\\{}[]:,-.e019u".utf8)
        for round in 0..<2_000 {
            var bytes = valid
            if round % 5 == 0 {
                bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            } else {
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    // The data hold no structure: nearly all the damage goes to the header.
                    let reach = round % 20 == 1 ? bytes.count : bytes.count - 300
                    let index = Int.random(in: 0..<reach, using: &generator)
                    bytes[index] =
                        round % 2 == 0
                        ? telling.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
                }
            }
            try folder.write(bytes, to: "file.safetensors")
            Self.readAll(path)
        }
    }

    @Test func everyPrefixOfAFileIsRefused() throws {
        let folder = try TemporaryFolder()
        let valid = try Self.validFile(in: folder)
        for length in stride(from: 0, to: valid.count, by: 7) {
            let path = try folder.write(valid.prefix(length), to: "file.safetensors")
            #expect(message { _ = try SafetensorsFile(path: path) } != nil, "\(length) bytes")
        }
    }
}
