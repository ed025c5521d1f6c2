import Foundation
import Networks
import TensorFiles

extension AcousticModel {
    /// How weights are held in a model file.
    public enum Precision: Sendable {
        /// 16 bits: half the size, rounded to 11 bits of precision.
        case float16
        /// 32 bits, exactly.
        case float32
    }

    /// Writes the model as a file that says everything about itself; whole or not at all.
    /// - Throws: `FileError` where it cannot be written, or a weight is too large for float16.
    public func write(to path: String, precision: Precision = .float16) throws {
        try write(to: path, precision: precision, key: "utter", changedLayers: encoder.layers.indices)
    }

    /// - Parameters:
    ///   - key: of the description in the metadata.
    ///   - changedLayers: the layers that are written.
    ///   - others: what else stands in the metadata.
    func write(
        to path: String, precision: Precision, key: String, changedLayers: Range<Int>, others: [String: String] = [:]
    ) throws {
        var tensors: [String: StoredTensor] = [:]
        func add(_ name: String, _ shape: [Int], _ values: [Float]) throws {
            let tensor = try Tensor(shape: shape, values: values)
            tensors[name] = precision == .float16 ? .float16(tensor) : .float32(tensor)
        }
        func add(_ name: String, _ matrix: Matrix) throws {
            try add(name, [matrix.rows, matrix.columns], matrix.values)
        }
        if !frontEnd.scale.isEmpty {
            // Few values, of any magnitude: always exact.
            tensors["frontend.scale"] = .float32(try Tensor(shape: [frontEnd.scale.count], values: frontEnd.scale))
        }
        if let convolution = encoder.convolution, changedLayers.lowerBound == 0 {
            let shape = [convolution.outputs, convolution.inputs, convolution.frames]
            try add("encoder.convolution.weight", shape, convolution.weight)
            try add("encoder.convolution.bias", [convolution.outputs], convolution.linear.bias)
        }
        for (index, layer) in encoder.layers.enumerated() where changedLayers.contains(index) {
            for (direction, weights) in zip(["forward", "backward"], layer.directions) {
                let name = "encoder.layers.\(index).\(direction)"
                try add("\(name).weight_ih", weights.input)
                try add("\(name).weight_hh", weights.recurrent)
                try add("\(name).bias_ih", [weights.inputBias.count], weights.inputBias)
                try add("\(name).bias_hh", [weights.recurrentBias.count], weights.recurrentBias)
            }
        }
        if let headHidden {
            try add("head.hidden.weight", headHidden.weight)
            try add("head.hidden.bias", [headHidden.bias.count], headHidden.bias)
        }
        try add("head.weight", head.weight)
        try add("head.bias", [head.bias.count], head.bias)
        if let layer = characterHead?.layer {
            try add("character_head.weight", layer.weight)
            try add("character_head.bias", [layer.bias.count], layer.bias)
        }
        if let phrases {
            for (name, tensor) in try phrases.tensors(vocabulary) { tensors[name] = .float32(tensor) }
        }
        if let detector = speechDetector {
            // Few values, and where a sound is near the threshold every digit counts.
            for (name, values) in [("weight", detector.layer.weight.values), ("bias", detector.layer.bias)] {
                tensors["speech.\(name)"] = .float32(try Tensor(shape: [values.count], values: values))
            }
        }
        var description = description
        description.speechDetector = speechDetector == nil ? nil : SpeechDetector.kind
        description.head.ngram = ngram.map(NGramDescription.init)
        for (name, tensor) in try ngram?.tensors ?? [:] { tensors[name] = .float32(tensor) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(description), as: UTF8.self)
        try SafetensorsWriter.write(tensors, metadata: others.merging([key: json]) { $1 }, to: path)
    }
}
