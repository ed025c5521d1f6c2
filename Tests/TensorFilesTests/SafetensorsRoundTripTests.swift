import Foundation
import TestSupport
import Testing

import TensorFiles

@Suite struct SafetensorsRoundTrip {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("file.safetensors")
    }

    @Test func float32IsExactToTheBit() throws {
        let values: [Float] = [
            0, -0.0, 1, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, .nan,
        ]
        let tensor = try Tensor(shape: [3, 3], values: values)
        try SafetensorsWriter.write(["a": .float32(tensor)], to: path)
        let read = try SafetensorsFile(path: path).tensor("a")
        #expect(read.shape == [3, 3])
        #expect(read.values.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test func float16AndBfloat16RoundToNearest() throws {
        let tensor = try Tensor(shape: [5], values: [1, -0.1, 1e-7, 1_000.3, .infinity])
        try SafetensorsWriter.write(["half": .float16(tensor), "brain": .bfloat16(tensor)], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(try file.tensor("half").values == [1, -0x1.998p-4, 1.1920929e-07, 1_000.5, .infinity])
        #expect(try file.tensor("brain").values == [1, -0.100097656, 1.0011718e-07, 1_000, .infinity])
        #expect(file.dataType(of: "half") == .float16)
        #expect(file.dataType(of: "brain") == .bfloat16)
    }

    @Test func int64IsExact() throws {
        try SafetensorsWriter.write(["a": .int64(shape: [2, 2], values: [.min, -1, 0, .max])], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(try file.integers("a") == [.min, -1, 0, .max])
        #expect(file.shape(of: "a") == [2, 2])
    }

    @Test func scalarsAndEmptyTensorsKeepTheirShapes() throws {
        let scalar = try Tensor(shape: [], values: [7])
        let empty = try Tensor(shape: [3, 0, 2], values: [])
        try SafetensorsWriter.write(["scalar": .float16(scalar), "empty": .float32(empty)], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(try file.tensor("scalar") == scalar)
        #expect(try file.tensor("empty") == empty)
        #expect(file.names == ["empty", "scalar"])
    }

    @Test func namesAndMetadataMayHoldAnyCharacter() throws {
        let odd = "\"\\\n\r\t\u{8}\u{c}\u{1b}\u{0} / é 日本 😀 \u{2028}"
        try SafetensorsWriter.write([odd: .int64(shape: [1], values: [1])], metadata: [odd: odd, "": ""], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.names == [odd])
        #expect(file.metadata == [odd: odd, "": ""])
    }

    @Test func aFileWithoutTensorsIsLawful() throws {
        try SafetensorsWriter.write([:], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.names.isEmpty && file.metadata.isEmpty)
        #expect(file.byteCount == 16)
    }

    @Test func integersOfEveryTypeAreRead() throws {
        let types: [(TensorDataType, [UInt8], Int)] = [
            (.bool, [2], 1), (.uint8, [255], 255), (.int8, [255], -1), (.int16, [0, 128], -32_768),
            (.uint16, [0, 128], 32_768), (.int32, [0, 0, 0, 128], -2_147_483_648),
            (.uint32, [0, 0, 0, 128], 2_147_483_648), (.int64, [0, 0, 0, 0, 0, 0, 0, 128], .min),
            (.uint64, [255, 255, 255, 255, 255, 255, 255, 127], .max),
        ]
        for (type, bytes, value) in types {
            let header = #"{"a":{"dtype":"\#(type.rawValue)","shape":[1],"data_offsets":[0,\#(bytes.count)]}}"#
            try folder.write(safetensors(header) + bytes, to: "file.safetensors")
            #expect(try SafetensorsFile(path: path).integers("a") == [value], "\(type)")
        }
    }

    @Test func float64IsRoundedToFloat32() throws {
        let bytes = [0.1, 1e300, -0.0].flatMap { value in
            (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        let header = #"{"a":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}"#
        try folder.write(safetensors(header) + bytes, to: "file.safetensors")
        #expect(try SafetensorsFile(path: path).tensor("a").values == [0.1, .infinity, 0])
    }

    @Test func askingForTheWrongThingIsAnError() throws {
        let header =
            #"{"f":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"u":{"dtype":"U64","shape":[1],"data_offsets":[4,12]}}"#
        try folder.write(safetensors(header, data: 4) + [UInt8](repeating: 255, count: 8), to: "file.safetensors")
        let file = try SafetensorsFile(path: path)
        #expect(throws: TensorFileError.noSuchTensor(path: path, name: "x")) { try file.tensor("x") }
        #expect(throws: TensorFileError.noSuchTensor(path: path, name: "x")) { try file.integers("x") }
        #expect(throws: TensorFileError.notIntegers(path: path, name: "f", type: .float32)) { try file.integers("f") }
        #expect(throws: TensorFileError.notFloatingPoint(path: path, name: "u", type: .uint64)) { try file.tensor("u") }
        #expect(throws: TensorFileError.integerTooLarge(path: path, name: "u", index: 0)) { try file.integers("u") }
        #expect(file.shape(of: "x") == nil)
        #expect(file.dataType(of: "x") == nil)
    }

    @Test func equalInputGivesEqualBytesInTheReferenceOrder() throws {
        let one = try Tensor(shape: [1], values: [1])
        try SafetensorsWriter.write(
            [
                "b": .float32(one), "a": .float32(one), "half": .float16(one), "brain": .bfloat16(one),
                "long": .int64(shape: [1], values: [1]),
            ], metadata: ["k2": "v", "k1": "v"], to: path)
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        let length = bytes[0...7].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length % 8 == 0)
        #expect(
            String(decoding: bytes[8..<8 + length], as: UTF8.self).trimmingCharacters(in: .whitespaces)
                == #"{"__metadata__":{"k1":"v","k2":"v"},"#
                + #""long":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"#
                + #""a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"#
                + #""b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},"#
                + #""brain":{"dtype":"BF16","shape":[1],"data_offsets":[16,18]},"#
                + #""half":{"dtype":"F16","shape":[1],"data_offsets":[18,20]}}"#)
        #expect(bytes[(8 + length)...] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 128, 63, 128, 63, 0, 60])
    }

    @Test func overflowNamesTheTensorAndLeavesTheOldFile() throws {
        try folder.write([1, 2, 3], to: "file.safetensors")
        let large = try Tensor(shape: [2], values: [1, 65_520])
        #expect(throws: TensorFileError.overflows(path: path, name: "w", value: 65_520, type: .float16)) {
            try SafetensorsWriter.write(["w": .float16(large)], to: path)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["file.safetensors"])
    }

    @Test func whatTheFormatCannotHoldIsRefused() throws {
        let none = StoredTensor.int64(shape: [0], values: [])
        let reserved = message { try SafetensorsWriter.write(["__metadata__": none], to: path) }
        #expect(reserved?.contains("no tensor may have the name __metadata__") == true)
        let unequal = message { try SafetensorsWriter.write(["a": .int64(shape: [3], values: [1])], to: path) }
        #expect(unequal?.contains(#"the tensor "a" has 1 values"#) == true)
    }

    @Test func aTensorHasAsManyValuesAsItsShapeSays() {
        for (shape, values) in [([2, 2], [1, 2, 3]), ([-1, -1], [1]), ([.max, 2], []), ([], [])] as [([Int], [Float])] {
            #expect(throws: TensorFileError.invalidShape(shape: shape, values: values.count)) {
                try Tensor(shape: shape, values: values)
            }
        }
    }
}
