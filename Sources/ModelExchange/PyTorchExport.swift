import AcousticModel
import Files
import Foundation
import Networks
import TensorFiles

extension AcousticModel {
    /// Writes the weights as a PyTorch state dict: `rnn.weight_ih_l0` and so on, `head.weight`, `head.bias`, and where
    /// there are such `character_head.weight`, `character_head.bias`, `conv.weight`, `conv.bias` and the front end's `scale`, all in
    /// float32. What ``PyTorchImport`` reads, bit for bit.
    /// - Returns: what stands beside it as JSON.
    /// - Throws: `FileError` where the file cannot be written.
    public func writePyTorch(to path: String) throws -> PyTorchDescription {
        var tensors: [String: StoredTensor] = [:]
        func add(_ name: String, _ shape: [Int], _ values: [Float]) throws {
            tensors[name] = .float32(try Tensor(shape: shape, values: values))
        }
        if let convolution = encoder.convolution {
            try add(
                "conv.weight", [convolution.outputs, convolution.inputs, convolution.frames], convolution.weight)
            try add("conv.bias", [convolution.outputs], convolution.linear.bias)
        }
        for (index, layer) in encoder.layers.enumerated() {
            for (suffix, weights) in zip(["", "_reverse"], layer.directions) {
                let (input, recurrent) = (weights.input, weights.recurrent)
                try add("rnn.weight_ih_l\(index)\(suffix)", [input.rows, input.columns], input.values)
                try add("rnn.weight_hh_l\(index)\(suffix)", [recurrent.rows, recurrent.columns], recurrent.values)
                try add("rnn.bias_ih_l\(index)\(suffix)", [weights.inputBias.count], weights.inputBias)
                try add("rnn.bias_hh_l\(index)\(suffix)", [weights.recurrentBias.count], weights.recurrentBias)
            }
        }
        try add("head.weight", [head.weight.rows, head.weight.columns], head.weight.values)
        try add("head.bias", [head.bias.count], head.bias)
        if let layer = characterHead?.layer {
            try add("character_head.weight", [layer.weight.rows, layer.weight.columns], layer.weight.values)
            try add("character_head.bias", [layer.bias.count], layer.bias)
        }
        if !frontEnd.scale.isEmpty { try add("scale", [frontEnd.scale.count], frontEnd.scale) }
        var names = PyTorchDescription.Names()
        (names.encoder, names.head) = (["rnn"], "head")
        names.characterHead = characterHead == nil ? nil : "character_head"
        names.convolution = encoder.convolution == nil ? nil : "conv"
        names.scale = frontEnd.scale.isEmpty ? nil : "scale"
        let layer = encoder.layers[0]
        try SafetensorsWriter.write(tensors, to: path)
        return PyTorchDescription(
            name: description.name, sampleRate: description.sampleRate, features: description.features,
            encoder: PyTorchDescription.Encoder(
                cell: layer.cell.rawValue, bidirectional: layer.directions.count == 2, hidden: layer.hidden,
                layers: encoder.layers.count, bias: true),
            head: PyTorchDescription.Head(
                kind: kind == .characters ? nil : kind.rawValue, blank: vocabulary.blank,
                vocabulary: vocabulary.symbols,
                space: nil, bias: true),
            characterHead: characterVocabulary.map {
                PyTorchDescription.Head(blank: $0.blank, vocabulary: $0.symbols, space: nil, bias: true)
            },
            tensors: names, training: description.training)
    }
}

extension PyTorchDescription {
    /// Writes the description as JSON for people, whole or not at all.
    /// - Throws: `FileError` where the file cannot be written.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(self) + Data("\n".utf8)
        try AtomicFile.write(to: path) { try $0.append(json) }
    }
}
