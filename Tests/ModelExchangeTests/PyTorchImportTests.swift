import AcousticModel
import Foundation
import ModelExchange
import Networks
import TensorFiles
import TestSupport
import Testing

/// The model of a state dict and its description.
private func load(_ parts: StateDictParts, in folder: TemporaryFolder) throws -> PyTorchImport {
    let (tensors, json) = try parts.write(to: folder)
    return try PyTorchImport(stateDict: tensors, description: PyTorchDescription(path: json), from: json)
}

/// [steps, features] of numbers that differ.
private func steps(_ count: Int, _ features: Int) -> Matrix {
    Matrix(rows: count, columns: features, values: (0..<count * features).map { sin(Float($0 * $0 % 101)) })
}

@Suite struct PyTorchImportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("the blank becomes class 0, with its row; the others keep their order, and | is read as a space")
    func blank() throws {
        var parts = try StateDictParts()
        let imported = try load(parts, in: folder)
        #expect(imported.model.vocabulary.symbols == ["<blank>", "a", " "])
        #expect(imported.model.vocabulary.blank == 0)
        #expect(imported.notes == ["the blank was row 2 and is class 0; the others keep their order"])
        let moved = imported.model.logProbabilities(ofSteps: [steps(5, 8)])[0]
        parts.describe("head.blank", 0)
        parts.describe("head.vocabulary", ["", "|", "b"])
        let kept = try load(parts, in: folder)
        #expect(kept.notes.isEmpty)
        let original = kept.model.logProbabilities(ofSteps: [steps(5, 8)])[0]
        for step in 0..<5 {
            let expected = [original[step, 2], original[step, 0], original[step, 1]]
            #expect(largestDifference(moved[step], expected) < 1e-6)
        }
        #expect(abs(original[0, 0] - original[0, 2]) > 1e-2)
    }

    @Test("batch normalisation before a layer and before the head computes what the layer itself computes")
    func batchNorm() throws {
        var parts = try StateDictParts()
        let plain = try load(parts, in: folder).model
        var generator = SeededGenerator(seed: 3)
        func norm(_ name: String, _ size: Int) throws -> BatchNorm {
            let norm = BatchNorm(
                weight: (0..<size).map { _ in generator.uniform() }, bias: (0..<size).map { _ in generator.uniform() },
                runningMean: (0..<size).map { _ in generator.uniform() },
                runningVariance: (0..<size).map { _ in abs(generator.uniform()) + 0.1 }, epsilon: 1e-3)
            let values = [
                ("weight", norm.weight), ("bias", norm.bias), ("running_mean", norm.runningMean),
                ("running_var", norm.runningVariance),
            ]
            for (tensor, values) in values { parts.set("\(name).\(tensor)", [size], values) }
            parts.tensors["\(name).num_batches_tracked"] = .int64(shape: [], values: [9])
            return norm
        }
        let (first, last) = (try norm("first", 8), try norm("last", 6))
        parts.describe("tensors.batch_norm", ["0": "first", "head": "last"])
        parts.describe("tensors.batch_norm_eps", 1e-3)
        let folded = try load(parts, in: folder).model
        let x = steps(9, 8)
        var expected = plain.head.layers.last.forward(
            last.forward(plain.encoder.forward(SequenceBatch([first.forward(x)])).output.values))
        expected.applyLogSoftmax()
        #expect(largestDifference(folded.logProbabilities(ofSteps: [x])[0].values, expected.values) < 1e-5)
        #expect(largestDifference(plain.logProbabilities(ofSteps: [x])[0].values, expected.values) > 1e-2)
    }

    @Test("mean and deviation of the training set, one for each coefficient, are applied to every frame of a step")
    func statistics() throws {
        var parts = try StateDictParts()
        let plain = try load(parts, in: folder).model
        let (mean, deviation): ([Float], [Float]) = ([1, -2, 0.5, 3], [2, 0.5, 1, 4])
        parts.set("mean", [4], mean)
        parts.set("std", [4], deviation)
        parts.describe("tensors", ["input_mean": "mean", "input_std": "std"])
        let model = try load(parts, in: folder).model
        let x = steps(6, 8)
        let normalised = Matrix(
            rows: 6, columns: 8, values: x.values.enumerated().map { ($1 - mean[$0 % 4]) / deviation[$0 % 4] })
        let difference = largestDifference(
            model.logProbabilities(ofSteps: [x])[0].values, plain.logProbabilities(ofSteps: [normalised])[0].values)
        #expect(difference < 1e-5)
    }

    @Test("a model written as a state dict and imported again is the same, bit for bit")
    func roundTrip() throws {
        var parts = try StateDictParts()
        parts.describe("features.normalisation", "subtract the utterance mean, multiply by frontend.scale")
        parts.describe("tensors.scale", "scale")
        parts.set("scale", [4], [0.25, 0.5, 1, 1.1])
        let model = try load(parts, in: folder).model
        let (tensors, json) = (folder.path("again.safetensors"), folder.path("again.json"))
        try model.writePyTorch(to: tensors).write(to: json)
        let again = try PyTorchImport(stateDict: tensors, description: PyTorchDescription(path: json), from: json).model
        #expect(again.description == model.description)
        #expect(again.frontEnd.scale == [0.25, 0.5, 1, 1.1])
        let x = steps(7, 8)
        #expect(again.logProbabilities(ofSteps: [x]) == model.logProbabilities(ofSteps: [x]))
    }

    @Test("a convolution over the frames of a step is taken over, with the statistics before it, and written again")
    func convolution() throws {
        var parts = try StateDictParts()
        var generator = SeededGenerator(seed: 3)
        try parts.addConvolution(&generator)
        let plain = try load(parts, in: folder).model
        #expect(plain.encoder.convolution?.outputs == 5 && plain.encoder.layers[0].inputs == 5)
        let x = steps(7, 8)
        let weight = try #require(plain.encoder.convolution).weight
        let step = Array(x.row(0))
        let first: [Float] = (0..<5).map { filter in
            var sum: Float = 0
            // PyTorch's order: coefficients, then frames; a step has its frames one after the other.
            for coefficient in 0..<4 {
                for frame in 0..<2 {
                    sum += weight[(filter * 4 + coefficient) * 2 + frame] * step[frame * 4 + coefficient]
                }
            }
            return sum
        }
        let bias = try #require(plain.encoder.convolution).linear.bias
        for (mine, expected) in zip(try #require(plain.encoder.convolution).forward(x).row(0), zip(first, bias)) {
            #expect(abs(mine - max(0, expected.0 + expected.1)) < 1e-5)
        }
        let (tensors, json) = (folder.path("again.safetensors"), folder.path("again.json"))
        try plain.writePyTorch(to: tensors).write(to: json)
        let again = try PyTorchImport(stateDict: tensors, description: PyTorchDescription(path: json), from: json).model
        #expect(again.description == plain.description)
        #expect(again.encoder.parameters == plain.encoder.parameters)
        // Statistics of the training set.
        parts.describe("tensors.input_mean", "m")
        parts.describe("tensors.input_std", "d")
        let (means, deviations): ([Float], [Float]) = ([0.5, -1, 2, 0], [2, 1, 0.5, 4])
        parts.set("m", [4], means)
        parts.set("d", [4], deviations)
        let normalised = Matrix(
            rows: 7, columns: 8,
            values: x.values.enumerated().map { ($1 - means[$0 % 4]) / deviations[$0 % 4] })
        let folded = try load(parts, in: folder).model
        #expect(
            largestDifference(
                folded.logProbabilities(ofSteps: [x])[0].values, plain.logProbabilities(ofSteps: [normalised])[0].values
            ) < 1e-5)
    }

    @Test("phones with characters beside them are taken over, written again and read as they were")
    func characterHead() throws {
        let folder = try TemporaryFolder()
        var parts = try StateDictParts()
        var generator = SeededGenerator(seed: 4)
        try parts.addCharacterHead(&generator)
        let model = try load(parts, in: folder).model
        #expect(model.head.kind == .phones && model.vocabulary.symbols == ["<blank>", "AA", " "])
        #expect(model.vocabulary.unit == .phone && model.characterVocabulary?.symbols == ["-", "a", "b", " "])
        guard case .float32(let rows)? = parts.tensors["net.spell.weight"] else { return }
        #expect(model.head.characters.map { Array($0.layer.weight.row(0)) } == Array(rows.values[6..<12]))
        let (tensors, json) = (folder.path("again.safetensors"), folder.path("again.json"))
        try model.writePyTorch(to: tensors).write(to: json)
        let again = try PyTorchImport(
            stateDict: tensors, description: PyTorchDescription(path: json), from: json
        ).model
        #expect(again.description == model.description)
        let x = [steps(9, model.encoder.inputs)]
        #expect(again.logProbabilities(ofSteps: x) == model.logProbabilities(ofSteps: x))
    }

    @Test("a second head that does not fit is refused")
    func badCharacterHead() throws {
        func message(_ change: (inout StateDictParts) throws -> Void) throws -> String {
            let folder = try TemporaryFolder()
            var parts = try StateDictParts()
            var generator = SeededGenerator(seed: 4)
            try parts.addCharacterHead(&generator)
            try change(&parts)
            do {
                _ = try load(parts, in: folder)
                return "loaded"
            } catch { return "\(error)" }
        }
        #expect(try message { _ in } == "loaded")
        let cases: [(String, Any?, String)] = [
            ("head.kind", "ctc-words", "head of the kind \"ctc-words\""),
            ("head.kind", "ctc-characters", "belongs beside a head of the kind ctc-phones"),
            ("character_head.kind", "ctc-phones", "of another kind than ctc-characters"),
            ("character_head", nil, "names a character_head and does not describe it"),
            ("tensors.character_head", nil, "name its linear layer under tensors.character_head"),
            ("tensors.character_head", "net.none", "net.none"),
            ("character_head.vocabulary", ["a", "b"], "2 symbols in its vocabulary, and the head has 4 rows"),
        ]
        for (path, value, fragment) in cases {
            let text = try message { $0.describe(path, value) }
            #expect(text.contains(fragment), "\(path): \(text)")
        }
    }

    @Test("batch normalisation before a convolution, and between it and its ReLU, becomes part of its weights")
    func normalisedConvolution() throws {
        var parts = try StateDictParts()
        var generator = SeededGenerator(seed: 3)
        try parts.addConvolution(&generator)
        let x = steps(7, 8)
        let plain = try load(parts, in: folder).model
        let convolution = try #require(plain.encoder.convolution)
        func add(_ name: String, scale: [Float], shift: [Float]) {
            // Mean 0, variance 1 and nothing added to it: weight and bias are the scale and the shift.
            parts.set("\(name).running_mean", [scale.count], scale.map { _ in 0 })
            parts.set("\(name).running_var", [scale.count], scale.map { _ in 1 })
            parts.set("\(name).weight", [scale.count], scale)
            parts.set("\(name).bias", [scale.count], shift)
        }
        parts.describe("tensors.batch_norm", ["convolution": "below", "relu": "above"])
        parts.describe("tensors.batch_norm_eps", 0)
        let (before, after) = ([0.5, 2, 1, -1] as [Float], [1, -2, 0.5, 3, 1] as [Float])
        add("below", scale: before, shift: [1, 0, -1, 0.5])
        add("above", scale: after, shift: [0, 0.5, 1, -0.5, 0])
        let normalised = Matrix(
            rows: 7, columns: 8,
            values: x.values.enumerated().map { $1 * before[$0 % 4] + [1, 0, -1, 0.5][$0 % 4] })
        let sums = convolution.linear.forward(normalised).values.enumerated().map {
            max(0, $1 * after[$0 % 5] + [0, 0.5, 1, -0.5, 0][$0 % 5])
        }
        let folded = try #require(try load(parts, in: folder).model.encoder.convolution)
        #expect(largestDifference(folded.forward(x).values, sums) < 1e-5)
        // Without a bias, as is usual there.
        parts.tensors["conv.bias"] = nil
        #expect(try load(parts, in: folder).model.encoder.convolution?.linear.bias != folded.linear.bias)
    }

    @Test("tensors of 16 bits are read, and a model file of what was imported opens")
    func halfPrecision() throws {
        var parts = try StateDictParts()
        let whole = try load(parts, in: folder).model
        for (name, tensor) in parts.tensors {
            guard case .float32(let tensor) = tensor else { continue }
            parts.tensors[name] = name.contains("ih") ? .bfloat16(tensor) : .float16(tensor)
        }
        let model = try load(parts, in: folder).model
        let x = steps(7, 8)
        let (a, b) = (model.logProbabilities(ofSteps: [x])[0].values, whole.logProbabilities(ofSteps: [x])[0].values)
        #expect(largestDifference(a, b) < 2e-2 && largestDifference(a, b) > 0)
        let path = folder.path("model.safetensors")
        try model.write(to: path, precision: .float32)
        #expect(try AcousticModel(path: path).logProbabilities(ofSteps: [x])[0].values == a)
    }

    @Test("layers without biases, and a module for each layer")
    func shapes() throws {
        var parts = try StateDictParts()
        for name in parts.tensors.keys where name.contains("bias_") { parts.tensors[name] = nil }
        parts.describe("encoder.bias", false)
        #expect(
            try load(parts, in: folder).model.encoder.layers[0].directions[1].inputBias
                == [Float](repeating: 0, count: 12))
        var generator = SeededGenerator(seed: 1)
        for direction in ["", "_reverse"] {
            try parts.add("second.weight_ih_l0\(direction)", [12, 6], &generator)
            try parts.add("second.weight_hh_l0\(direction)", [12, 3], &generator)
        }
        parts.describe("encoder.layers", 2)
        parts.describe("tensors.encoder", ["net.lstm", "second"])
        let model = try load(parts, in: folder).model
        guard case .float32(let upper) = parts.tensors["second.weight_ih_l0_reverse"] else { return }
        #expect(model.encoder.layers[1].directions[1].input.values == upper.values)
    }
}

@Suite struct PyTorchImportErrorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What importing says of parts that were changed.
    private func message(_ change: (inout StateDictParts) throws -> Void) throws -> String {
        var parts = try StateDictParts()
        try change(&parts)
        do {
            _ = try load(parts, in: folder)
            return "loaded"
        } catch {
            let text = "\(error)"
            #expect(text.hasPrefix("\"\(folder.path("net."))"), "the file is named first: \(text)")
            #expect(!text.contains("\n") && text.contains(": "), "one line that says what to do: \(text)")
            return text
        }
    }

    @Test("a description that does not fit is refused, with the place and what to do")
    func descriptions() throws {
        let cases: [(String, Any?, String)] = [
            ("name", nil, "no field 'name'"), ("name", 3, "'name' is of the wrong type"),
            ("name", "a\nb", "name that is empty or has control"),
            ("nmae", "x", "the field 'nmae', which nothing is known"),
            ("encoder.hiden", 4, "'encoder.hiden'"), ("features.mel", 4, "'features.mel'"),
            ("head.size", 4, "'head.size'"), ("tensors.hed", "x", "'tensors.hed'"),
            ("sample_rate", 10, "sample rate of 10 Hz"), ("features.kind", "plp", "unknown kind, \"plp\""),
            ("features.kind", "mfcc", "no field 'features.num_ceps'"),
            ("features.samples", "unit", "samples as \"unit\""),
            ("features.num_mel_bins", nil, "no field 'features.num_mel_bins'"), ("features.fft", 99, "99 points"),
            ("features.window_ms", 1e300, "window of 1e+300 ms"), ("features.window_ms", -5, "window of -5.0 ms"),
            ("features.normalisation", nil, "no field 'features.normalisation'"),
            ("features.normalisation", "whiten", "'features.normalisation' has a value that is unknown"),
            (
                "features.normalisation", "subtract the utterance mean, multiply by frontend.scale",
                "give both tensors.scale and"
            ),
            ("features.stack", 3, "shape [12, 8], and the description asks for [12, 12]"),
            ("features.stack", 0, "stacks 0 frames"), ("encoder.cell", "rwkv", "cells of an unknown kind, \"rwkv\""),
            ("encoder.cell", "gru", "asks for [9, 8] (that of lstm)"), ("encoder.hidden", 4, "asks for [16, 8]"),
            ("encoder.hidden", 1 << 40, "layers of 1099511627776 units"),
            ("encoder.layers", 2, "holds 1 recurrent layers under the names given, and the description says 2"),
            ("encoder.layers", -1, "-1 layers"),
            ("encoder.bidirectional", false, "runs in both directions (\"net.lstm.weight_ih_l0_reverse\")"),
            ("encoder.bias", false, "\"net.lstm.bias_hh_l0\" of shape [12]"),
            ("head.bias", false, "\"net.fc.bias\" of shape [3], of which the description says nothing"),
            ("head.blank", 3, "names row 3 of 3 as the blank"), ("head.blank", -1, "names row -1"),
            ("head.blank", "", "'head.blank' is of the wrong type"),
            ("head.vocabulary", ["a", "|"], "has 2 symbols in its vocabulary, and the head has 3 rows"),
            ("head.vocabulary", ["a", "a", ""], "symbol \"a\" twice"),
            ("head.vocabulary", ["", "|", ""], "empty symbol"),
            ("head.vocabulary", ["a", "\t", ""], "control characters"),
            ("tensors.encoder", "encoder", "holds 0 recurrent layers"),
            ("tensors.head", "out", "lacks the tensor \"out.weight\""),
            ("tensors.batch_norm", ["1": "bn"], "before \"1\", which is neither"),
            ("tensors.batch_norm", ["0": "bn"], "lacks the tensor \"bn.running_mean\""),
            ("tensors.batch_norm_eps", -1, "adds -1.0 to variances"),
            ("tensors.input_mean", "m", "one of input_mean and"),
        ]
        for (path, value, fragment) in cases {
            let text = try message { $0.describe(path, value) }
            #expect(text.contains(fragment), "\(path) = \(value ?? "nothing"): \(text)")
        }
    }

    @Test("tensors that are missing, of another shape, unknown or not finite are refused by name")
    func tensors() throws {
        #expect(
            try message { $0.tensors["net.lstm.weight_hh_l0_reverse"] = nil }
                .contains("lacks the tensor \"net.lstm.weight_hh_l0_reverse\""))
        #expect(try message { $0.tensors["net.lstm.bias_ih_l0"] = nil }.contains("lacks the tensor"))
        #expect(
            try message { $0.set("net.fc.bias", [3], [0, .nan, 1]) }.contains(
                "not-a-numbers in the tensor \"net.fc.bias\""))
        #expect(try message { $0.set("net.fc.bias", [3], [0, .infinity, 1]) }.contains("infinite values"))
        #expect(try message { $0.set("norm.weight", [8], [1, 1, 1, 1, 1, 1, 1, 1]) }.contains("layer normalisation"))
        #expect(
            try message { $0.set("conv.weight", [1, 1, 1], [1]) }.contains(
                "over the frames of a step under tensors.conv"))
        var generator = SeededGenerator(seed: 3)
        #expect(
            try message {
                try $0.addConvolution(&generator)
                try $0.add("conv.weight", [5, 4, 3], &generator)
            }.contains(
                "\"conv.weight\" of shape [5, 4, 3], and a convolution over the frames of a step is [filters, 4, 2]"))
        #expect(
            try message {
                try $0.addConvolution(&generator)
                $0.tensors["conv.weight"] = nil
            }.contains("\"conv.weight\" missing"))
        #expect(try message { $0.set("net.lstm.weight_hr_l0", [1], [1]) }.contains("projects its hidden units"))
        #expect(
            try message { $0.tensors["net.fc.bias"] = .int64(shape: [3], values: [0, 0, 0]) }
                .contains("floating point is needed"))
        #expect(
            try message { $0.tensors["net.fc.weight"] = nil }.contains("holds no linear layer that could read the 6"))
        #expect(
            try message { $0.set("x.weight", [2, 6], .init(repeating: 1, count: 12)) }.contains("holds 2 linear layers")
        )
        #expect(
            try message { $0.set("x.weight_ih_l0", [2], [1, 1]) }.contains(
                "holds 2 recurrent modules, \"net.lstm\", \"x\""))
        #expect(try message { $0.tensors = [:] }.contains("holds no recurrent layer"))
        let ignoring = try message {
            $0.set("aux.deep.weight", [2, 6], .init(repeating: 1, count: 12))
            $0.describe("tensors", ["ignore": ["aux"], "head": "net.fc"])
        }
        #expect(ignoring == "loaded")
    }

    @Test("deviations and variances that are not above zero, and weights that overflow, are refused")
    func statistics() throws {
        func statistics(_ deviation: [Float], _ mean: [Float] = [0, 0, 0, 0]) throws -> String {
            try message {
                $0.set("m", [4], mean)
                $0.set("s", [4], deviation)
                $0.describe("tensors", ["input_mean": "m", "input_std": "s"])
            }
        }
        #expect(try statistics([1, 0, 1, 1]).contains("deviation in \"s\" that is not above zero"))
        #expect(try statistics([1e-38, 1, 1, 1], [3e38, 0, 0, 0]).contains("weights beyond float32"))
        let variance = try message {
            for tensor in ["weight", "bias", "running_mean"] { $0.set("bn.\(tensor)", [6], [1, 1, 1, 1, 1, 1]) }
            $0.set("bn.running_var", [6], [1, 1, -1, 1, 1, 1])
            $0.describe("tensors", ["batch_norm": ["head": "bn"]])
        }
        #expect(variance.contains("variance in \"bn.running_var\" that is not above zero"))
    }

    @Test("a description that is missing, a folder, no JSON or too long gets one line")
    func descriptionFiles() throws {
        func text(_ path: String) -> String {
            do {
                _ = try PyTorchDescription(path: path)
                return "read"
            } catch { return "\(error)" }
        }
        #expect(text(folder.path("missing.json")).contains("does not exist"))
        #expect(text(folder.url.path).contains("is a folder"))
        #expect(text(try folder.write(Array("[1".utf8), to: "x.json")).contains("it is not JSON"))
        #expect(text(try folder.write(Array("[]".utf8), to: "x.json")).contains("describes no model"))
        #expect(
            text(try folder.write([UInt8](repeating: 32, count: 5 << 20), to: "x.json")).contains("more than 4 MiB"))
    }
}

@Suite struct PyTorchReferenceTests {
    /// Of one sequence: the state dict of a module and its outputs.
    private static let names = ((try? Reference("rnn").cases(endingWith: ".y")) ?? []).filter { $0.contains(".B1") }

    @Test(
        "an imported module of PyTorch, with a head, gives the log-probabilities of PyTorch's outputs",
        .enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)), arguments: names)
    func modules(name: String) throws {
        let reference = try Reference("rnn")
        var generator = SeededGenerator(seed: 21)
        var parts = try StateDictParts()
        parts.tensors = [:]
        for tensor in reference.names where tensor.hasPrefix("\(name).") {
            let own = String(tensor.dropFirst(name.count + 1))
            guard own.hasPrefix("weight_") || own.hasPrefix("bias_") else { continue }
            parts.tensors["module.encoder.\(own)"] = .float32(try reference.tensor(tensor))
        }
        let (x, y) = (try reference.tensor("\(name).x"), try reference.tensor("\(name).y"))
        let hidden = try reference.tensor("\(name).weight_hh_l0").shape[1]
        let (inputs, outputs) = (x.shape[2], y.shape[2])
        try parts.add("module.head.weight", [5, outputs], &generator)
        try parts.add("module.head.bias", [5], &generator)
        parts.describe("features.num_mel_bins", inputs)
        parts.describe("features.stack", 1)
        parts.describe("sample_rate", 16000)
        parts.describe("encoder.cell", name.hasPrefix("rnn_tanh") ? "tanh" : String(name.prefix { $0 != "." }))
        parts.describe("encoder.bidirectional", name.contains(".bi."))
        parts.describe("encoder.hidden", hidden)
        parts.describe("encoder.layers", name.contains(".L3.") ? 3 : 1)
        parts.describe("head", ["blank": 0, "vocabulary": ["-", "a", "b", "c", " "]])
        let folder = try TemporaryFolder()
        let model = try load(parts, in: folder).model
        let steps = try #require(reference.integers("\(name).lengths").first)
        let result = model.logProbabilities(ofSteps: [
            Matrix(rows: steps, columns: inputs, values: Array(x.values.prefix(steps * inputs)))
        ])[0]
        guard case .float32(let weight)? = parts.tensors["module.head.weight"],
            case .float32(let bias)? = parts.tensors["module.head.bias"]
        else { return }
        try #require(result.steps == steps)
        for step in 0..<steps {
            let scores = (0..<5).map { row in
                (0..<outputs).reduce(Double(bias.values[row])) {
                    $0 + Double(weight.values[row * outputs + $1]) * Double(y.values[step * outputs + $1])
                }
            }
            let total = log(scores.map(exp).reduce(0, +))
            #expect(largestDifference(result[step], scores.map { Float($0 - total) }) < 5e-5)
        }
    }
}
