import AcousticModel
import CTC
import Features
import Files
import Foundation
import TensorFiles
import Testing
import TestSupport

@Suite struct ModelFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What loading says of parts that were changed.
    private func message(_ change: (inout ModelParts) throws -> Void) throws -> String {
        var parts = try ModelParts()
        try change(&parts)
        let path = folder.path("model.safetensors")
        try parts.write(to: path)
        do {
            _ = try AcousticModel(path: path)
            return "loaded"
        } catch {
            let text = "\(error)"
            #expect(text.hasPrefix("\"\(path)\" "), "the file is named first: \(text)")
            #expect(!text.contains("\n"))
            return text
        }
    }

    @Test("a model without scale, of GRU cells at 8 kHz, loads")
    func loads() throws {
        #expect(try message { _ in } == "loaded")
    }

    @Test("a description that cannot be carried out is refused, with the place")
    func refusals() throws {
        let cases: [(String, Any?, String)] = [
            ("format", 2, "is a model of format 2, and this utter reads format 1: update utter"),
            ("format", 0, "is a model of format 0"), ("format", "1", "'format' is of the wrong type"),
            ("format", nil, "no field 'format'"), ("sample_rate", 100, "sample rate of 100 Hz"),
            ("features.kind", "plp", "unknown kind, \"plp\""),
            ("features.window", "kaiser", "unknown shape, \"kaiser\""),
            ("features.fft", 512, "512 points for frames of 200 samples"), ("features.dither", 1, "dither 1.0"),
            ("features.samples", "float", "samples as \"float\""), ("features.num_ceps", nil, "without num_ceps"),
            ("features.num_ceps", 11, "11 cepstral coefficients of 10"), ("features.stack", 0, "stacks 0 frames"),
            ("features.stride", 65, "stride of 65"), ("features.high_freq", 5000, "20.0 to 5000.0 Hz"),
            ("features.normalisation", "whiten", "'features.normalisation' has a value that is unknown"),
            ("features.shift_ms", nil, "no field 'features.shift_ms'"),
            ("features.window_ms", 1e300, "window of 1e+300 ms"),
            ("encoder.cell", "rwkv", "unknown kind, \"rwkv\""), ("encoder.hidden", -1, "1 layers of -1 units"),
            ("encoder.layers", 1_000_000, "1000000 layers"), ("encoder.input", 7, "reads 7 features a step"),
            ("encoder.hidden", 4, "shape [9, 8], and its description asks for [12, 8]"),
            ("head.kind", "transducer", "unknown kind, \"transducer\": update utter"),
            ("features.shift_ms", 700, "steps of 1400.0 ms"), ("features.lifter", 1e-3, "a lifter of 0.001"),
            ("features.num_mel_bins", 200, "too many"),
            ("head.vocabulary", ["<blank>", "\n", "a"], "control characters"),
            ("head.blank", 3, "class 3 of 3 as its blank"), ("head.vocabulary", ["a", "a", "b"], "symbol twice"),
            ("head.vocabulary", ["a", "b"], "head.weight"),
        ]
        for (path, value, fragment) in cases {
            let text = try message { $0.set(path, value) }
            #expect(text.contains(fragment), "\(path): \(text)")
        }
    }

    @Test("tensors that are missing, unknown or not finite are refused by name")
    func tensors() throws {
        #expect(try message { $0.tensors["head.bias"] = nil }.contains("lacks the tensor \"head.bias\""))
        #expect(
            try message { $0.tensors["extra"] = try Tensor(shape: [1], values: [0]) }
                .contains("holds a tensor \"extra\" of which its description says nothing"))
        #expect(
            try message { $0.tensors["head.bias"] = try Tensor(shape: [3], values: [0, .nan, 0]) }
                .contains("not-a-numbers in the tensor \"head.bias\""))
        #expect(
            try message { $0.set("speech_detector", "linear, mean of encoder outputs") }
                .contains("lacks the tensor \"speech.bias\""))
        #expect(
            try message { $0.set("speech_detector", "ears") }.contains("unknown kind, \"ears\": update utter"))
        #expect(
            try message {
                $0.set("speech_detector", "linear, mean of encoder outputs")
                $0.tensors["speech.bias"] = try Tensor(shape: [1], values: [0])
                $0.tensors["speech.weight"] = try Tensor(shape: [5], values: [0, 0, 0, 0, 0])
            }.contains("in the shape [5], and its description asks for [6]"))
        let scaled = "subtract the utterance mean, multiply by frontend.scale"
        #expect(
            try message { $0.set("features.normalisation", scaled) }
                .contains("lacks the tensor \"frontend.scale\""))
    }

    /// Five filters below the layer.
    private func addConvolution(_ parts: inout ModelParts) throws {
        parts.set("encoder.convolution", 5)
        var generator = SeededGenerator(seed: 6)
        func tensor(_ shape: Int...) throws -> Tensor {
            try Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in generator.uniform() })
        }
        parts.tensors["encoder.convolution.weight"] = try tensor(5, 4, 2)
        parts.tensors["encoder.convolution.bias"] = try tensor(5)
        for direction in ["forward", "backward"] {
            parts.tensors["encoder.layers.0.\(direction).weight_ih"] = try tensor(9, 5)
        }
    }

    @Test("a model with a convolution is written as it was read; one whose parts do not fit is refused")
    func convolution() throws {
        var parts = try ModelParts()
        try addConvolution(&parts)
        let (first, second) = (folder.path("a.safetensors"), folder.path("b.safetensors"))
        try parts.write(to: first)
        let model = try AcousticModel(path: first)
        #expect(model.encoder.inputs == 8 && model.encoder.layers[0].inputs == 5)
        #expect(model.encoder.convolution?.weight == parts.tensors["encoder.convolution.weight"]?.values)
        try model.write(to: second, precision: .float32)
        let again = try AcousticModel(path: second)
        #expect(again.description == model.description && again.encoder.parameters == model.encoder.parameters)
        #expect(again.parameterCount == parts.tensors.values.reduce(0) { $0 + $1.values.count })
        let features = FeatureMatrix(dimension: 10, values: (0..<200).map { sin(Float($0)) })
        let expected = model.logProbabilities(ofFrames: [features])[0]
        #expect(expected.steps == 10 && again.logProbabilities(ofFrames: [features])[0] == expected)

        let cases: [(String, (inout ModelParts) throws -> Void, String)] = [
            ("no filter", { $0.set("encoder.convolution", 0) }, "has 0 filters, and they may be 1 to 8192"),
            ("other filters", { $0.set("encoder.convolution", 6) }, "description asks for [6, 4, 2]"),
            ("not described", { $0.set("encoder.convolution", nil) }, "description asks for [9, 8]"),
            ("missing", { $0.tensors["encoder.convolution.bias"] = nil }, "lacks the tensor"),
            (
                "other stack",
                {
                    $0.set("features.stack", 1); $0.set("encoder.input", 4)
                }, "asks for [5, 4, 1]"
            ),
        ]
        for (name, change, fragment) in cases {
            let text = try message {
                try addConvolution(&$0)
                try change(&$0)
            }
            #expect(text.contains(fragment), "\(name): \(text)")
        }
    }

    @Test("a file of tensors that is no model, and a missing one, are told apart")
    func otherFiles() throws {
        let path = folder.path("other.safetensors")
        try SafetensorsWriter.write(["x": .float32(try Tensor(shape: [1], values: [1]))], to: path)
        #expect(throws: ModelError.self) { try AcousticModel(path: path) }
        #expect(throws: FileError.self) { try AcousticModel(path: folder.path("missing")) }
    }

    @Test("a model cut at any place is refused")
    func truncated() throws {
        let path = folder.path("model.safetensors")
        try ModelParts().write(to: path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in stride(from: 0, to: bytes.count, by: 7) {
            let cut = try folder.write(bytes.prefix(length), to: "cut.safetensors")
            #expect(throws: (any Error).self) { try AcousticModel(path: cut) }
        }
    }

    @Test("a model that is written and read again computes the same, exactly in float32, nearly in float16")
    func roundTrip() throws {
        let (first, second) = (folder.path("a.safetensors"), folder.path("b.safetensors"))
        try ModelParts().write(to: first)
        let model = try AcousticModel(path: first)
        let features = FeatureMatrix(dimension: 10, values: (0..<200).map { sin(Float($0)) })
        for (precision, tolerance) in [(AcousticModel.Precision.float32, Float(0)), (.float16, 1e-2)] {
            try model.write(to: second, precision: precision)
            let again = try AcousticModel(path: second)
            #expect(again.description == model.description)
            let difference = largestDifference(
                again.logProbabilities(ofFrames: [features])[0].values,
                model.logProbabilities(ofFrames: [features])[0].values)
            #expect(difference <= tolerance)
        }
    }
}

@Suite struct VocabularyTests {
    @Test("text has single spaces between words and none around it")
    func spaces() {
        let vocabulary = Vocabulary(symbols: ["<blank>", " ", "a", "b"])
        #expect(vocabulary.text(of: [1, 2, 1, 1, 3, 0, 1]) == "a b")
        #expect(vocabulary.text(of: []) == "")
    }
}
