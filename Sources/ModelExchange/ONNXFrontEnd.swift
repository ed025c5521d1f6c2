import AcousticModel
import Features
import Foundation

extension FrontEnd {
    /// Whether the log-mel energies decide, and not only the features.
    private var needsLogMel: Bool { range != nil || normalisation.isOfSound }

    /// Why no graph can begin with the features of frames: the rest of a sentence; nil where one can.
    var obstacleToONNX: String? {
        guard needsLogMel else { return nil }
        if options.usesEnergy {
            return "its range or its mean is found by log-mel energies, and it has a frame's energy too"
        }
        guard options.kind == .fbank || InverseCepstralTransform(options) != nil else {
            return
                "its range or its mean is found by \(options.melBands) log-mel energies, which \(options.coefficients) "
                + "cepstral coefficients do not say: train with as many coefficients as bands"
        }
        return nil
    }

    /// Adds the second half of the road: [batch, frames, coefficients] to [batch, steps, stack * coefficients], and the number
    /// of steps of each utterance. The formulas are those of ``steps(ofFrames:isWindow:masking:)``.
    func add(to graph: inout ONNXGraph) -> (steps: String, lengths: String) {
        let dimension = options.dimension
        let features = graph.input("features", .float, [.named("batch"), .named("frames"), .size(dimension)])
        let lengths = graph.input("lengths", .int64, [.named("batch")])
        let (zero, one) = (graph.constant("zero", [0], shape: []), graph.constant("one", [1], shape: []))
        let shape = graph.node("Shape", [features], name: "features_shape")
        let frames = graph.node("Gather", [shape, one], [("axis", .integer(0))], name: "frames")
        var x = features
        if needsLogMel || normalisation != .none {
            // Frames beyond the end may hold anything, also what is no number: they are replaced, not multiplied by 0.
            let last = graph.constant("last_axis", [-1])
            let column = graph.node("Unsqueeze", [lengths, last], name: "lengths_column")
            let range = graph.node("Range", [zero, frames, one], name: "frame_numbers")
            let inside = graph.node("Less", [range, column], name: "is_inside")
            let mask = graph.node("Unsqueeze", [inside, last], name: "is_inside_column")
            _ = graph.constant("frame_axis", [1])
            x = graph.node("Where", [mask, x, graph.constant("silence", [], [0])], name: "features_inside")
            var weights = graph.node("Cast", [mask], [("to", .integer(1))], name: "weights")
            let inverse = needsLogMel ? InverseCepstralTransform(options) : nil
            if let inverse {
                let matrix = graph.constant(
                    "inverse_cosine_transform", [dimension, dimension], Self.transposed(inverse.inverse, dimension))
                x = graph.node("MatMul", [x, matrix], name: "log_mel")
            }
            var loudest = ""
            if needsLogMel {
                let levels = addLevels(of: x, inside: inside, to: &graph)
                loudest = addLoudest(of: levels, lengths: column, frames: frames, to: &graph)
                if let range = self.range {
                    let floor = graph.node(
                        "Sub", [loudest, graph.constant("range", [], [Float(range)])], name: "floor")
                    let floors = graph.node("Unsqueeze", [floor, last], name: "floors")
                    x = graph.node("Max", [x, floors], name: "held")
                }
                if normalisation.isOfSound {
                    weights = addWeights(levels: levels, loudest: loudest, mask: mask, to: &graph)
                }
            }
            if normalisation != .none { x = addCentring(of: x, weights: weights, mask: mask, to: &graph) }
            if normalisation.isOfSound, let range = self.range {
                // Nothing but digital silence looks like a pause.
                let limit = graph.constant("digital_silence", [], [log(FeatureExtractor.kaldiFloor) + 0.1])
                let isSilent = graph.node("LessOrEqual", [loudest, limit], name: "is_silent")
                let shift = graph.node(
                    "Where", [isSilent, graph.constant("half_range", [], [Float(range) / 2]), "silence"], name: "shift")
                let shifts = graph.node("Unsqueeze", [shift, last], name: "shifts")
                x = graph.node("Sub", [x, shifts], name: "shifted")
            }
            if let inverse {
                let matrix = graph.constant(
                    "cosine_transform", [dimension, dimension], Self.transposed(inverse.forward, dimension))
                x = graph.node("MatMul", [x, matrix], name: "cepstra")
            }
        }
        if !scale.isEmpty {
            x = graph.node("Mul", [x, graph.constant("frontend.scale", [dimension], scale)], name: "scaled")
        }
        return addStacking(of: x, frames: frames, lengths: lengths, zero: zero, one: one, to: &graph)
    }

    /// The loudest cell of each frame, [batch, frames]; far below everything beyond the end.
    private func addLevels(of x: String, inside: String, to graph: inout ONNXGraph) -> String {
        let levels = graph.node(
            "ReduceMax", [x], [("axes", .integers([2])), ("keepdims", .integer(0))], name: "all_levels")
        return graph.node(
            "Where", [inside, levels, graph.constant("nothing", [], [-1e30])], name: "levels")
    }

    /// The level that ten frames reach, or the loudest cell of all, [batch, 1].
    private func addLoudest(
        of levels: String, lengths column: String, frames: String, to graph: inout ONNXGraph
    ) -> String {
        guard normalisation.isOfSound else {
            return graph.node(
                "ReduceMax", [levels], [("axes", .integers([1])), ("keepdims", .integer(1))], name: "loudest")
        }
        let most = graph.constant("frames_of_loudest", [Self.framesOfLoudest])
        let count = graph.node("Min", [frames, most], name: "loud_count")
        let loud = graph.node(
            "TopK", [levels, count], [("axis", .integer(1))], name: "loud_levels", others: ["loud_frames"])
        let fewer = graph.node("Min", [column, most], name: "loud_place_and_one")
        let place = graph.node(
            "Max", [graph.node("Sub", [fewer, "one"], name: "loud_place_or_less"), "zero"], name: "loud_place")
        return graph.node("GatherElements", [loud, place], [("axis", .integer(1))], name: "loudest")
    }

    /// How much each frame counts, [batch, frames, 1].
    private func addWeights(levels: String, loudest: String, mask: String, to graph: inout ONNXGraph) -> String {
        let below = graph.node("Sub", [loudest, levels], name: "below_loudest")
        let share = graph.node(
            "Div", [below, graph.constant("sound_range", [], [Self.soundRange])], name: "share_of_sound_range")
        let (full, none) = (graph.constant("full_weight", [], [1]), "silence")
        let rest = graph.node("Sub", [full, share], name: "unlimited_weights")
        let limited = graph.node("Clip", [rest, none, full], name: "frame_weights")
        let column = graph.node("Unsqueeze", [limited, "last_axis"], name: "frame_weights_column")
        return graph.node("Where", [mask, column, none], name: "sound_weights")
    }

    /// x less its weighted mean; zero beyond the end.
    private func addCentring(of input: String, weights: String, mask: String, to graph: inout ONNXGraph) -> String {
        let total = graph.node(
            "ReduceSum", [weights, "frame_axis"], [("keepdims", .integer(1))], name: "total_weight")
        let divisor = graph.node(
            "Max", [total, graph.constant("least_weight", [], [1e-6])], name: "total_weight_above_zero")
        // Twice: the first mean is rounded as a sum of thousands of float32 is; that of what is left is not.
        var x = input
        for pass in ["rough", "fine"] {
            // Frames beyond the end are zero already.
            let product =
                normalisation.isOfSound ? graph.node("Mul", [x, weights], name: "weighted_\(pass)") : x
            let sum = graph.node(
                "ReduceSum", [product, "frame_axis"], [("keepdims", .integer(1))], name: "sum_\(pass)")
            let mean = graph.node("Div", [sum, divisor], name: "mean_\(pass)")
            let centred = graph.node("Sub", [x, mean], name: "centred_\(pass)")
            x = graph.node("Where", [mask, centred, "silence"], name: "centred_inside_\(pass)")
        }
        return x
    }

    /// [batch, frames, coefficients] to [batch, steps, stack * coefficients]: step s is made of frames
    /// s * stride ..< s * stride + stack.
    private func addStacking(
        of x: String, frames: String, lengths: String, zero: String, one: String, to graph: inout ONNXGraph
    ) -> (steps: String, lengths: String) {
        _ = graph.constant("stride", [stride], shape: [])
        _ = graph.constant("stride_less_stack", [stride - stack], shape: [])
        let stepLengths = addStepCount(of: lengths, to: &graph, zero: zero, name: "steps")
        guard stack > 1 || stride > 1 else { return (x, stepLengths) }
        let count = addStepCount(of: frames, to: &graph, zero: zero, name: "step_count")
        let numbers = graph.node("Range", [zero, count, one], name: "step_numbers")
        let first = graph.node("Mul", [numbers, "stride"], name: "first_frames")
        let firstColumn = graph.node(
            "Unsqueeze", [first, graph.constant("column", [1])], name: "first_frames_column")
        let within = graph.constant("frames_of_a_step", Array(0..<stack))
        let indices = graph.node("Add", [firstColumn, within], name: "frames_of_steps")
        let gathered = graph.node("Gather", [x, indices], [("axis", .integer(1))], name: "frames_in_steps")
        let stacked = graph.constant("stacked_shape", [0, 0, stepDimension])
        return (graph.node("Reshape", [gathered, stacked], name: "stacked"), stepLengths)
    }

    /// max(0, (frames - stack + stride) / stride), the division rounding towards zero: as `FrontEnd.steps(frames:)`.
    private func addStepCount(of frames: String, to graph: inout ONNXGraph, zero: String, name: String) -> String {
        let shifted = graph.node("Add", [frames, "stride_less_stack"], name: "\(name)_shifted")
        let divided = graph.node("Div", [shifted, "stride"], name: "\(name)_divided")
        return graph.node("Max", [divided, zero], name: name)
    }

    private static func transposed(_ matrix: [Float], _ size: Int) -> [Float] {
        (0..<size).flatMap { row in (0..<size).map { matrix[$0 * size + row] } }
    }
}
