import AcousticModel
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
    /// which they mean nothing. Normalisation, scale and stacking are part of the graph. Batch and frames are free; at
    /// least one utterance must be long enough for a step. The metadata has the model's description under `utter`, as
    /// its own file has it, and the `vocabulary` as JSON.
    /// - Throws: `TensorFileError` where the file cannot be written or would be too large.
    public func writeONNX(to path: String) throws {
        var graph = ONNXGraph()
        let (steps, lengths) = addFrontEnd(to: &graph)
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
        addHead(head, prefix: "", name: "head")
        if let characterHead { addHead(characterHead.layer, prefix: "character_", name: "character_head") }
        graph.output(lengths, .int64, [.named("batch")])
        guard graph.constantBytes <= Self.largestONNX else {
            throw TensorFileError.cannotHold(
                path: path,
                reason: "its \(graph.constantBytes >> 20) MiB of weights are more than an ONNX file can hold")
        }
        let bytes = graph.model(
            name: description.name,
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

    /// Normalises and stacks: [batch, frames, coefficients] to [batch, steps, stack * coefficients], and the number of
    /// steps of each utterance.
    private func addFrontEnd(to graph: inout ONNXGraph) -> (steps: String, lengths: String) {
        let dimension = frontEnd.options.dimension
        let features = graph.input(
            "features", .float, [.named("batch"), .named("frames"), .size(dimension)])
        let lengths = graph.input("lengths", .int64, [.named("batch")])
        let (zero, one) = (graph.constant("zero", [0], shape: []), graph.constant("one", [1], shape: []))
        let shape = graph.node("Shape", [features], name: "features_shape")
        let frames = graph.node("Gather", [shape, one], [("axis", .integer(0))], name: "frames")
        var x = features
        if frontEnd.normalisation != .none {
            // Frames beyond the end may hold anything, also what is no number: they are replaced, not multiplied by 0.
            let last = graph.constant("last_axis", [-1])
            let column = graph.node("Unsqueeze", [lengths, last], name: "lengths_column")
            let range = graph.node("Range", [zero, frames, one], name: "frame_numbers")
            let inside = graph.node("Less", [range, column], name: "is_inside")
            let mask = graph.node("Unsqueeze", [inside, last], name: "is_inside_column")
            let clean = graph.node(
                "Where", [mask, x, graph.constant("silence", [], [0])], name: "features_inside")
            let count = graph.node("Max", [column, one], name: "frame_count")
            let divisor = graph.node("Cast", [count], [("to", .integer(1))], name: "frame_count_float")
            let divisors = graph.node("Unsqueeze", [divisor, last], name: "frame_counts")
            let axis = graph.constant("frame_axis", [1])
            // Twice: the first mean is rounded as a sum of thousands of float32 is; that of what is left is not.
            x = clean
            for pass in ["rough", "fine"] {
                let sum = graph.node("ReduceSum", [x, axis], [("keepdims", .integer(1))], name: "sum_\(pass)")
                let mean = graph.node("Div", [sum, divisors], name: "mean_\(pass)")
                let centred = graph.node("Sub", [x, mean], name: "centred_\(pass)")
                x = graph.node("Where", [mask, centred, "silence"], name: "centred_inside_\(pass)")
            }
        }
        if !frontEnd.scale.isEmpty {
            x = graph.node("Mul", [x, graph.constant("frontend.scale", [dimension], frontEnd.scale)], name: "scaled")
        }
        let stepLengths = addStepCount(of: lengths, to: &graph, zero: zero, name: "steps")
        guard frontEnd.stack > 1 || frontEnd.stride > 1 else { return (x, stepLengths) }
        // Step s is made of frames s * stride ..< s * stride + stack.
        let count = addStepCount(of: frames, to: &graph, zero: zero, name: "step_count")
        let numbers = graph.node("Range", [zero, count, one], name: "step_numbers")
        let first = graph.node("Mul", [numbers, "stride"], name: "first_frames")
        let firstColumn = graph.node(
            "Unsqueeze", [first, graph.constant("column", [1])], name: "first_frames_column")
        let within = graph.constant("frames_of_a_step", Array(0..<frontEnd.stack))
        let indices = graph.node("Add", [firstColumn, within], name: "frames_of_steps")
        let gathered = graph.node("Gather", [x, indices], [("axis", .integer(1))], name: "frames_in_steps")
        let stacked = graph.constant("stacked_shape", [0, 0, frontEnd.stepDimension])
        return (graph.node("Reshape", [gathered, stacked], name: "stacked"), stepLengths)
    }

    /// max(0, (frames - stack + stride) / stride), the division rounding towards zero: as `FrontEnd.steps(frames:)`.
    private func addStepCount(of frames: String, to graph: inout ONNXGraph, zero: String, name: String) -> String {
        if name == "steps" {
            _ = graph.constant("stride", [frontEnd.stride], shape: [])
            _ = graph.constant("stride_less_stack", [frontEnd.stride - frontEnd.stack], shape: [])
        }
        let shifted = graph.node("Add", [frames, "stride_less_stack"], name: "\(name)_shifted")
        let divided = graph.node("Div", [shifted, "stride"], name: "\(name)_divided")
        return graph.node("Max", [divided, zero], name: name)
    }
}

extension Linear {
    /// Adds the layer: [steps, batch, inputs] to [steps, batch, outputs].
    func add(to graph: inout ONNXGraph, input: String, name: String, output: String) -> String {
        let constant = graph.constant("\(name).weight", [weight.rows, weight.columns], weight.values)
        let transposed = graph.node(
            "Transpose", [constant], [("perm", .integers([1, 0]))], name: "\(name).weight_transposed")
        let product = graph.node("MatMul", [input, transposed], name: "\(name).product")
        return graph.node("Add", [product, graph.constant("\(name).bias", [bias.count], bias)], name: output)
    }
}

extension StepConvolution {
    /// Adds the convolution: [steps, batch, frames * inputs] to [steps, batch, outputs].
    func add(to graph: inout ONNXGraph, input: String) -> String {
        let name = "encoder.convolution"
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
        let name = "encoder.layers.\(index)"
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
