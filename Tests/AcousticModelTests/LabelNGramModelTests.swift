import AcousticModel
import CTC
import Foundation
import TensorFiles
import TestSupport
import Testing

/// Models whose scores belong to an n-gram of labels.
@Suite struct LabelNGramModelTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Classes: blank, space, a. Behind an a there is no other.
    private func ngram() throws -> LabelNGram {
        let half = Float(log(0.5))
        return try LabelNGram(bigram: [-3, -2, half, -1, -4, half, -1, -0.5, -.infinity], classes: 3)
    }

    private func model(_ ngram: LabelNGram?) throws -> AcousticModel {
        let path = folder.path("plain.safetensors")
        try ModelParts().write(to: path)
        let model = try AcousticModel(path: path)
        return AcousticModel(
            name: model.name, frontEnd: model.frontEnd, encoder: model.encoder,
            head: .characters(model.head.layers, ngram: ngram))
    }

    @Test("the n-gram is in the file, exactly, and a model without one has none")
    func roundTrip() throws {
        let path = folder.path("model.safetensors")
        try model(ngram()).write(to: path)
        let read = try AcousticModel(path: path)
        #expect(try read.head.ngram == ngram())
        #expect(read.description.head.ngram?.order == 2 && read.description.head.ngram?.blocks == 1)
        try model(nil).write(to: path)
        #expect(try AcousticModel(path: path).head.ngram == nil)
        let file = try SafetensorsFile(path: path)
        #expect(!file.names.contains { $0.hasPrefix("ngram.") })
    }

    @Test("an adapter has one of its own")
    func adapter() throws {
        let (base, path) = (try model(nil), folder.path("adapter.safetensors"))
        let adapter = try #require(Adapter(try model(ngram()), of: base))
        try adapter.write(to: path, base: base)
        #expect(try Adapter(path: path, base: base, named: "base").model.head.ngram == ngram())
    }

    @Test("text is read off with the n-gram counted in")
    func text() throws {
        // a, blank, a: with the n-gram a second a cannot be.
        let posteriors = LogProbabilities(
            classes: 3, values: [-3, -3, -0.1, -0.1, -3, -3, -3, -3, -0.1])
        #expect(try model(nil).bestText(of: posteriors) == "aa")
        let model = try model(ngram())
        #expect(model.bestText(of: posteriors) == "a")
        #expect(model.headPath(of: posteriors) == BestPath(posteriors, ngram: model.head.ngram))
    }

    @Test("numbers that are no n-gram are refused in a line that names the file")
    func refusals() throws {
        func message(_ change: (inout ModelParts) throws -> Void) throws -> String {
            var parts = try ModelParts()
            parts.set(
                "head",
                [
                    "kind": "ctc-characters", "blank": 0, "vocabulary": ["<blank>", " ", "a"],
                    "ngram": ["order": 2, "blocks": 1],
                ])
            parts.tensors["ngram.log_probabilities"] = try Tensor(
                shape: [1, 3, 3], values: [Float](repeating: -1, count: 9))
            parts.tensors["ngram.next_blocks"] = try Tensor(shape: [1, 3], values: [0, 0, 0])
            try change(&parts)
            let path = folder.path("bad.safetensors")
            try parts.write(to: path)
            do {
                _ = try AcousticModel(path: path)
                return "loaded"
            } catch {
                #expect("\(error)".hasPrefix("\"\(path)\" ") && !"\(error)".contains("\n"))
                return "\(error)"
            }
        }
        func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> (inout ModelParts) throws -> Void {
            { $0.tensors["ngram.\(name)"] = try Tensor(shape: shape, values: values) }
        }
        #expect(try message { _ in } == "loaded")
        let cases: [((inout ModelParts) throws -> Void, String)] = [
            (tensor("next_blocks", [1, 3], [0, 1, 0]), "leads to block 1, but its blocks are 0 to 0"),
            (tensor("next_blocks", [1, 3], [0, 0.5, 0]), "leads to block -1"),
            (tensor("next_blocks", [1, 3], [0, -1, 0]), "leads to block -1"),
            (tensor("next_blocks", [1, 3], [0, .nan, 0]), "not-a-numbers in the tensor \"ngram.next_blocks\""),
            (tensor("next_blocks", [3], [0, 0, 0]), "shape [3], and its description asks for [1, 3]"),
            (tensor("log_probabilities", [1, 3, 3], [-1, -1, 2, -1, -1, -1, -1, -1, -1]), "log-probability 2.0"),
            (tensor("log_probabilities", [3, 3], [Float](repeating: -1, count: 9)), "asks for [1, 3, 3]"),
            ({ $0.tensors["ngram.log_probabilities"] = nil }, "lacks the tensor \"ngram.log_probabilities\""),
            (
                {
                    var head = $0.description["head"] as? [String: Any] ?? [:]
                    head["ngram"] = ["order": 7, "blocks": 1]
                    $0.description["head"] = head
                }, "order 2, 3 or 4, not 7"
            ),
            (
                {
                    var head = $0.description["head"] as? [String: Any] ?? [:]
                    head["ngram"] = ["order": 2, "blocks": -1]
                    $0.description["head"] = head
                }, "-1 blocks"
            ),
            (
                {
                    var head = $0.description["head"] as? [String: Any] ?? [:]
                    head["ngram"] = nil
                    $0.description["head"] = head
                }, "of which its description says nothing"
            ),
        ]
        for (change, words) in cases {
            let text = try message(change)
            #expect(text.contains(words), "\(text)")
        }
    }
}
