import AcousticModel
import CTC
import Foundation
import TensorFiles
import TestSupport
import Testing

/// Model files whose labels are spelled in phones.
@Suite struct SpokenPhraseFileTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func parts() throws -> ModelParts {
        var parts = try ModelParts()
        parts.set("head.kind", "phrases")
        parts.set("head.vocabulary", ["<blank>", " ", "AA"])
        parts.set("head.phrases", ["x", "y z"])
        parts.set("head.pronunciations", [["AA"], ["AA-AA", "AA AA"]])
        parts.tensors["head.phrases"] = try Tensor(shape: [3], values: [0.5, 0, -4])
        parts.tensors["head.pronunciations"] = try Tensor(shape: [3], values: [0, -0.25, -1.5])
        return parts
    }

    @Test("labels, pronunciations and their weights are read, and written as they were")
    func roundTrip() throws {
        try parts().write(to: folder.path("m.safetensors"))
        let model = try AcousticModel(path: folder.path("m.safetensors"))
        let phrases = try #require(model.head.phrases)
        #expect(model.vocabulary.unit == .phone)
        #expect(phrases.spellings.map { $0.map(\.labels) } == [[[2]], [[2, 2], [2, 1, 2]]])
        #expect(phrases.spellings.map { $0.map(\.logWeight) } == [[0], [-0.25, -1.5]])
        #expect(phrases.bias == [0.5, 0, -4])
        try model.write(to: folder.path("again.safetensors"))
        let again = try AcousticModel(path: folder.path("again.safetensors"))
        #expect(again.head.phrases == phrases && again.description.head == model.description.head)
    }

    @Test(
        "what is wrong with pronunciations is told in one line",
        arguments: [
            ("head.pronunciations", [["AA"], ["BB"]] as [[String]]?, "not of its phones"),
            ("head.pronunciations", [["AA", "AA-AA"]], "not of its phones"),
            ("head.pronunciations", [["AA"], []], "asks for"),
            ("head.pronunciations", nil, "cannot spell"),
        ])
    func refused(key: String, value: [[String]]?, problem: String) throws {
        var parts = try parts()
        parts.set(key, value)
        let count = value?.reduce(0) { $0 + $1.count } ?? 3
        if problem != "asks for", count < 3 {
            parts.tensors["head.pronunciations"] = try Tensor(
                shape: [count], values: [Float](repeating: 0, count: count))
        }
        try parts.write(to: folder.path("m.safetensors"))
        #expect { try AcousticModel(path: folder.path("m.safetensors")) } throws: { error in
            "\(error)".contains(problem) && !"\(error)".contains("\n")
        }
    }

    @Test("pronunciations belong to a head of phrases")
    func otherHead() throws {
        var parts = try ModelParts()
        parts.set("head.pronunciations", [["AA"]])
        try parts.write(to: folder.path("m.safetensors"))
        #expect { try AcousticModel(path: folder.path("m.safetensors")) } throws: {
            "\($0)".contains("with pronunciations")
        }
    }
}
