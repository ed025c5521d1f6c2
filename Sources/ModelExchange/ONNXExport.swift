import AcousticModel
import Files
import Foundation
import Messages
import Networks
import TensorFiles

extension AcousticModel {
    /// The largest message of Protocol Buffers has 2 GiB; a little is left for the graph itself.
    private static let largestONNX = 1 << 31 - 1 << 20

    /// Writes the model as an ONNX graph, in float32, whole or not at all.
    ///
    /// Inputs: `features`, [batch, frames, coefficients], as the front end's options make them, not yet normalised; and
    /// `lengths`, [batch], the frames of each utterance, beyond which `features` may hold anything. Outputs:
    /// `log_probabilities`, [batch, steps, classes]; where there are characters beside phones,
    /// `character_log_probabilities` of the same shape; and `steps`, [batch], how many of them each utterance has, beyond
    /// which they mean nothing. Range, normalisation, scale and stacking are part of the graph. Batch and frames are free; at
    /// least one utterance must be long enough for a step. The metadata has the model's description under `utter`, as
    /// its own file has it, and the `vocabulary` as JSON.
    /// - Throws: `FileError` where the file cannot be written or would be too large, or features do not say what a range
    ///   or the mean of frames that hold sound is found by.
    public func writeONNX(to path: String) throws {
        if let obstacle = frontEnd.obstacleToONNX {
            throw TensorFileError.cannotHold(path: path, reason: obstacle)
        }
        var graph = ONNXGraph()
        let (steps, lengths) = frontEnd.add(to: &graph)
        // Recurrent operators want the steps outermost, and lengths of 32 bits.
        var x = graph.node("Transpose", [steps], [("perm", .integers([1, 0, 2]))], name: "steps_first")
        let shortLengths = graph.node("Cast", [lengths], [("to", .integer(6))], name: "sequence_lengths")
        if let convolution = encoder.convolution { x = convolution.add(to: &graph, input: x) }
        for (index, layer) in encoder.layers.enumerated() {
            x = layer.add(to: &graph, index: index, input: x, lengths: shortLengths)
        }
        func addHead(_ layer: Linear, prefix: String, name: String) {
            let scores = layer.add(to: &graph, input: x, name: name, output: "\(prefix)scores")
            let logs = graph.node(
                "LogSoftmax", [scores], [("axis", .integer(2))], name: "\(prefix)log_probabilities_steps_first")
            let result = graph.node(
                "Transpose", [logs], [("perm", .integers([1, 0, 2]))], name: "\(prefix)log_probabilities")
            graph.output(result, .float, [.named("batch"), .named("steps"), .size(layer.weight.rows)])
        }
        addHead(head.layers.last, prefix: "", name: TensorName.head)
        if let characters = head.characters {
            addHead(characters.layer, prefix: "character_", name: TensorName.characterHead)
        }
        graph.output(lengths, .int64, [.named("batch")])
        guard graph.constantBytes <= Self.largestONNX else {
            throw TensorFileError.cannotHold(
                path: path,
                reason: "its \(graph.constantBytes >> 20) MiB of weights are more than an ONNX file can hold")
        }
        let bytes = graph.model(
            name: name,
            description: "features [batch, frames, coefficients] and lengths [batch] to log_probabilities and steps",
            metadata: [
                ("utter", try JSONLine.encode(description)), ("vocabulary", try JSONLine.encode(vocabulary.symbols)),
                ("blank", "\(vocabulary.blank)"),
            ]
                + (try characterVocabulary.map {
                    [
                        ("character_vocabulary", try JSONLine.encode($0.symbols)), ("character_blank", "\($0.blank)"),
                    ]
                } ?? []))
        try AtomicFile.write(to: path) { try $0.append(bytes) }
    }
}

extension Linear {
    /// Adds the layer: [steps, batch, inputs] to [steps, batch, outputs].
    func add(to graph: inout ONNXGraph, input: String, name: String, output: String) -> String {
        let constants = tensors(named: name).map { graph.constant($0.name, $0.shape, $0.values) }
        let transposed = graph.node(
            "Transpose", [constants[0]], [("perm", .integers([1, 0]))], name: "\(constants[0])_transposed")
        let product = graph.node("MatMul", [input, transposed], name: "\(name).product")
        return graph.node("Add", [product, constants[1]], name: output)
    }
}

extension StepConvolution {
    /// Adds the convolution: [steps, batch, frames * inputs] to [steps, batch, outputs].
    func add(to graph: inout ONNXGraph, input: String) -> String {
        let name = TensorName.convolution
        let sums = linear.add(to: &graph, input: input, name: name, output: "\(name).sums")
        return graph.node("Relu", [sums], name: "\(name).output")
    }
}

extension RecurrentLayer {
    /// The operator of the cell, and the places in PyTorch's order of the gates that ONNX wants first, second ...
    private var operation: (name: String, gates: [Int], attributes: [(String, ONNXGraph.Attribute)]) {
        switch cell {
        case .lstm: ("LSTM", [0, 3, 1, 2], [])  // i f g o to i o f c
        case .gru: ("GRU", [1, 0, 2], [("linear_before_reset", .integer(1))])  // r z n to z r h
        case .tanh: ("RNN", [0], [("activations", .texts(directions.map { _ in "Tanh" }))])
        case .relu: ("RNN", [0], [("activations", .texts(directions.map { _ in "Relu" }))])
        }
    }

    /// Adds the layer: [steps, batch, inputs] to [steps, batch, directions * hidden].
    func add(to graph: inout ONNXGraph, index: Int, input: String, lengths: String) -> String {
        let (operation, gates, attributes) = operation
        let name = TensorName.layer(index)
        func reordered(_ values: [Float]) -> [Float] {
            let size = values.count / gates.count
            return gates.flatMap { values[$0 * size..<($0 + 1) * size] }
        }
        let (count, rows) = (directions.count, gates.count * hidden)
        let input = [
            input,
            graph.constant("\(name).W", [count, rows, inputs], directions.flatMap { reordered($0.input.values) }),
            graph.constant("\(name).R", [count, rows, hidden], directions.flatMap { reordered($0.recurrent.values) }),
            graph.constant(
                "\(name).B", [count, 2 * rows],
                directions.flatMap { reordered($0.inputBias) + reordered($0.recurrentBias) }),
            lengths,
        ]
        let all =
            attributes + [
                ("hidden_size", .integer(hidden)), ("direction", .text(count == 2 ? "bidirectional" : "forward")),
            ]
        // [steps, directions, batch, hidden]: the directions side by side.
        let output = graph.node(operation, input, all, name: "\(name).output")
        let sideBySide = graph.node(
            "Transpose", [output], [("perm", .integers([0, 2, 1, 3]))], name: "\(name).transposed")
        let shape = graph.constant("\(name).shape", [0, 0, count * hidden])
        return graph.node("Reshape", [sideBySide, shape], name: "\(name).stacked")
    }
}
