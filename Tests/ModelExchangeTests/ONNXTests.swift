import AcousticModel
import Files
import Foundation
import ModelExchange
import TensorFiles
import Testing
import TestSupport

/// A message of Protocol Buffers, read field by field: enough to look into what was written.
private struct Message {
    private(set) var fields: [(number: Int, integer: Int, bytes: [UInt8])] = []

    struct Malformed: Error {}

    init(_ bytes: some Sequence<UInt8>) throws {
        var rest = Array(bytes)[...]
        func variable() throws -> Int {
            var (value, shift) = (UInt64(0), UInt64(0))
            while let byte = rest.popFirst(), shift < 64 {
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { return Int(truncatingIfNeeded: value) }
                shift += 7
            }
            throw Malformed()
        }
        while !rest.isEmpty {
            let key = try variable()
            switch key & 7 {
            case 0: fields.append((key >> 3, try variable(), []))
            case 2:
                let count = try variable()
                guard count >= 0, count <= rest.count else { throw Malformed() }
                fields.append((key >> 3, 0, Array(rest.prefix(count))))
                rest = rest.dropFirst(count)
            default: throw Malformed()
            }
        }
    }

    func integers(_ number: Int) -> [Int] { fields.filter { $0.number == number }.map(\.integer) }
    func texts(_ number: Int) -> [String] {
        fields.filter { $0.number == number }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }
    func messages(_ number: Int) throws -> [Message] {
        try fields.filter { $0.number == number }.map { try Message($0.bytes) }
    }
    func bytes(_ number: Int) -> [UInt8] { fields.first { $0.number == number }?.bytes ?? [] }
}

/// What an ONNX file holds, by the numbers of onnx.proto.
private struct Graph {
    struct Node {
        let operation: String
        let inputs: [String]
        let output: String
        let attributes: [String: Message]
    }

    let model: Message
    let nodes: [Node]
    let inputs: [String]
    let outputs: [String]
    /// The little-endian 32-bit floats of the constants, and the dimensions.
    let constants: [String: (shape: [Int], raw: [UInt8])]

    init(path: String) throws {
        model = try Message(Data(contentsOf: URL(fileURLWithPath: path)))
        let graph = try #require(try model.messages(7).first)
        nodes = try graph.messages(1).map { node in
            Node(
                operation: node.texts(4).first ?? "", inputs: node.texts(1), output: node.texts(2).first ?? "",
                attributes: Dictionary(
                    uniqueKeysWithValues: try node.messages(5).map { ($0.texts(1).first ?? "", $0) }))
        }
        inputs = try graph.messages(11).flatMap { $0.texts(1) }
        outputs = try graph.messages(12).flatMap { $0.texts(1) }
        constants = try graph.messages(5).reduce(into: [:]) { all, tensor in
            let packed = tensor.bytes(1)
            var shape: [Int] = []
            var (value, shift) = (0, 0)
            for byte in packed {
                value |= Int(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 {
                    shape.append(value)
                    (value, shift) = (0, 0)
                }
            }
            all[tensor.texts(8).first ?? ""] = (shape, tensor.bytes(9))
        }
    }

    func floats(_ name: String) -> [Float] {
        let raw = constants[name]?.raw ?? []
        return stride(from: 0, to: raw.count, by: 4).map { start in
            Float(bitPattern: raw[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        }
    }
}

@Suite struct ONNXTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func model(_ change: (inout StateDictParts) throws -> Void = { _ in }) throws -> AcousticModel {
        var parts = try StateDictParts()
        try change(&parts)
        let (tensors, json) = try parts.write(to: folder)
        return try PyTorchImport(stateDict: tensors, description: PyTorchDescription(path: json), from: json).model
    }

    private func graph(_ model: AcousticModel) throws -> Graph {
        let path = folder.path("model.onnx")
        try model.writeONNX(to: path)
        return try Graph(path: path)
    }

    @Test("every value is made before it is used, from inputs and constants; every output is made; names are unique")
    func wiring() throws {
        let graph = try graph(model { $0.describe("features.normalisation", "subtract the utterance mean") })
        #expect(graph.inputs == ["features", "lengths"])
        #expect(graph.outputs == ["log_probabilities", "steps"])
        var known = Set(graph.inputs).union(graph.constants.keys)
        #expect(known.count == graph.inputs.count + graph.constants.count)
        for node in graph.nodes {
            #expect(node.inputs.allSatisfy(known.contains), "\(node.operation) \(node.output): \(node.inputs)")
            #expect(known.insert(node.output).inserted, "\(node.output) is made twice")
        }
        #expect(graph.outputs.allSatisfy(known.contains))
        let used = Set(graph.nodes.flatMap(\.inputs))
        #expect(graph.constants.keys.allSatisfy(used.contains), "a constant that nothing reads")
    }

    @Test("an LSTM has its gates in the order i o f c, both directions, and is told the lengths")
    func lstm() throws {
        let model = try model()
        let graph = try graph(model)
        let node = try #require(graph.nodes.first { $0.operation == "LSTM" })
        #expect(
            node.inputs.dropFirst() == [
                "encoder.layers.0.W", "encoder.layers.0.R", "encoder.layers.0.B", "sequence_lengths",
            ])
        #expect(node.attributes["direction"]?.texts(4) == ["bidirectional"])
        #expect(node.attributes["hidden_size"]?.integers(3) == [3])
        #expect(graph.constants["encoder.layers.0.W"]?.shape == [2, 12, 8])
        #expect(graph.constants["encoder.layers.0.R"]?.shape == [2, 12, 3])
        #expect(graph.constants["encoder.layers.0.B"]?.shape == [2, 24])
        let (weights, biases) = (graph.floats("encoder.layers.0.W"), graph.floats("encoder.layers.0.B"))
        for (direction, own) in model.encoder.layers[0].directions.enumerated() {
            // i f g o there, i o f c here; c is what PyTorch calls g.
            for (place, gate) in [0, 3, 1, 2].enumerated() {
                for unit in 0..<3 {
                    let row = direction * 12 + place * 3 + unit
                    #expect(Array(weights[row * 8..<row * 8 + 8]) == Array(own.input.row(gate * 3 + unit)))
                    #expect(biases[direction * 24 + place * 3 + unit] == own.inputBias[gate * 3 + unit])
                    #expect(biases[direction * 24 + 12 + place * 3 + unit] == own.recurrentBias[gate * 3 + unit])
                }
            }
        }
        #expect(graph.floats("head.weight") == model.head.layers.last.weight.values)
    }

    @Test("a convolution is a product and what is below zero cut off, below the layers")
    func convolution() throws {
        let model = try model { parts in
            var generator = SeededGenerator(seed: 4)
            try parts.addConvolution(&generator)
        }
        let graph = try graph(model)
        let cut = try #require(graph.nodes.first { $0.operation == "Relu" })
        #expect(graph.nodes.first { $0.operation == "LSTM" }?.inputs.first == cut.output)
        #expect(graph.floats("encoder.convolution.weight") == model.encoder.convolution?.linear.weight.values)
        #expect(graph.floats("encoder.convolution.bias") == model.encoder.convolution?.linear.bias)
    }

    @Test("characters beside phones are a second output, with their vocabulary in the metadata")
    func characterHead() throws {
        let model = try model { parts in
            var generator = SeededGenerator(seed: 4)
            try parts.addCharacterHead(&generator)
        }
        let graph = try graph(model)
        #expect(graph.outputs == ["log_probabilities", "character_log_probabilities", "steps"])
        #expect(graph.floats("character_head.weight") == model.head.characters?.layer.weight.values)
        #expect(graph.floats("character_head.bias") == model.head.characters?.layer.bias)
        var known = Set(graph.inputs).union(graph.constants.keys)
        for node in graph.nodes {
            #expect(node.inputs.allSatisfy(known.contains), "\(node.operation) \(node.output): \(node.inputs)")
            #expect(known.insert(node.output).inserted, "\(node.output) is made twice")
        }
        let pairs = try graph.model.messages(14).map { ($0.texts(1).first ?? "", $0.texts(2).first ?? "") }
        let metadata = Dictionary(uniqueKeysWithValues: pairs)
        #expect(metadata["vocabulary"] == #"["<blank>","AA"," "]"# && metadata["character_blank"] == "0")
        #expect(metadata["character_vocabulary"] == #"["-","a","b"," "]"#)
    }

    @Test("a GRU has its gates in the order z r h, with the reset after the product")
    func gru() throws {
        let model = try model { parts in
            parts.describe("encoder.cell", "gru")
            var generator = SeededGenerator(seed: 4)
            for direction in ["", "_reverse"] {
                try parts.add("net.lstm.weight_ih_l0\(direction)", [9, 8], &generator)
                try parts.add("net.lstm.weight_hh_l0\(direction)", [9, 3], &generator)
                try parts.add("net.lstm.bias_ih_l0\(direction)", [9], &generator)
                try parts.add("net.lstm.bias_hh_l0\(direction)", [9], &generator)
            }
        }
        let graph = try graph(model)
        let node = try #require(graph.nodes.first { $0.operation == "GRU" })
        #expect(node.attributes["linear_before_reset"]?.integers(3) == [1])
        let weights = graph.floats("encoder.layers.0.R")
        let own = model.encoder.layers[0].directions[1].recurrent
        for (place, gate) in [1, 0, 2].enumerated() {
            #expect(Array(weights[27 + place * 9..<27 + place * 9 + 9]) == Array(own.values[gate * 9..<gate * 9 + 9]))
        }
    }

    @Test("the normalisation and the scale are in the graph where the model has them, stacking where it stacks")
    func frontEnd() throws {
        let plain = try graph(model()).nodes.map(\.operation)
        #expect(!plain.contains("ReduceSum") && plain.contains("Gather"))
        let scaled = try graph(
            model { parts in
                parts.describe("features.normalisation", "subtract the utterance mean, multiply by frontend.scale")
                parts.describe("tensors", ["scale": "s"])
                parts.set("s", [4], [1, 2, 3, 4])
            })
        #expect(scaled.floats("frontend.scale") == [1, 2, 3, 4])
        let operations = scaled.nodes.map(\.operation)
        let order = ["Where", "ReduceSum", "Sub", "Mul", "LSTM", "MatMul", "LogSoftmax"].map {
            operations.firstIndex(of: $0)
        }
        #expect(!order.contains(nil) && order.compactMap { $0 } == order.compactMap { $0 }.sorted())
    }

    @Test("a range and the mean of frames that hold sound are in the graph, on log-mel energies")
    func rangeAndSound() throws {
        func operations(_ change: (inout StateDictParts) throws -> Void) throws -> [String] {
            try graph(
                model { parts in
                    parts.describe("features.normalisation", "subtract the mean of frames that hold sound")
                    parts.describe("features.range", 15)
                    try change(&parts)
                }
            ).nodes.map(\.operation)
        }
        let ofBands = try operations { _ in }
        #expect(["ReduceMax", "TopK", "GatherElements", "Clip"].allSatisfy(ofBands.contains))
        func cepstra(_ bands: Int) throws -> [String] {
            try operations {
                $0.describe("features.kind", "mfcc")
                $0.describe("features.num_ceps", 4)
                $0.describe("features.num_mel_bins", bands)
            }
        }
        let ofCepstra = try cepstra(4)
        // There and back again.
        #expect(ofCepstra.count { $0 == "MatMul" } == ofBands.count { $0 == "MatMul" } + 2)
        #expect(throws: TensorFileError.self) { try cepstra(10) }
    }

    @Test("the metadata say everything of the model, and the format is one that runtimes know")
    func metadata() throws {
        let model = try model()
        let graph = try graph(model)
        let pairs = try graph.model.messages(14).map { ($0.texts(1).first ?? "", $0.texts(2).first ?? "") }
        let metadata = Dictionary(uniqueKeysWithValues: pairs)
        let described = try JSONDecoder().decode(ModelDescription.self, from: Data((metadata["utter"] ?? "").utf8))
        #expect(described == model.description)
        #expect(metadata["vocabulary"] == "[\"<blank>\",\"a\",\" \"]" && metadata["blank"] == "0")
        #expect(graph.model.integers(1) == [8] && graph.model.texts(2) == ["utter"])
        #expect(try graph.model.messages(8).flatMap { $0.integers(2) } == [17])
    }

    @Test("what cannot be written is said in one line, and nothing is left")
    func unwritable() throws {
        let model = try model()
        #expect(throws: FileError.noFolder(path: folder.path("no/m.onnx"))) {
            try model.writeONNX(to: folder.path("no/m.onnx"))
        }
        #expect(throws: FileError.isFolder(path: folder.url.path)) { try model.writeONNX(to: folder.url.path) }
    }
}
