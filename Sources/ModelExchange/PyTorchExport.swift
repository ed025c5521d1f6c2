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
        func add(_ part: some TensorPart, _ name: (String) -> String) throws {
            for tensor in part.tensors(name) {
                tensors[tensor.name] = .float32(try Tensor(shape: tensor.shape, values: tensor.values))
            }
        }
        var names = PyTorchDescription.Names()
        names.encoder = ["rnn"]
        for (index, layer) in encoder.layers.enumerated() {
            for (direction, weights) in layer.directions.enumerated() {
                try add(weights) { StateDict.name("rnn", $0, layer: index, direction: direction) }
            }
        }
        func add(_ part: some TensorPart, as module: String) throws -> String {
            try add(part) { StateDict.name(module, $0) }
            return module
        }
        names.head = try add(head.layers.last, as: "head")
        names.characterHead = try head.characters.map { try add($0.layer, as: "character_head") }
        names.convolution = try encoder.convolution.map { try add($0, as: "conv") }
        if !frontEnd.scale.isEmpty {
            names.scale = "scale"
            try add(frontEnd) { $0 }
        }
        let layer = encoder.layers[0]
        try SafetensorsWriter.write(tensors, to: path)
        return PyTorchDescription(
            name: name, sampleRate: frontEnd.options.sampleRate, features: FrontEndDescription(frontEnd),
            encoder: PyTorchDescription.Encoder(
                cell: layer.cell.rawValue, bidirectional: layer.directions.count == 2, hidden: layer.hidden,
                layers: encoder.layers.count, bias: true),
            head: PyTorchDescription.Head(
                kind: head.kind == .characters ? nil : head.kind.rawValue, blank: vocabulary.blank,
                vocabulary: vocabulary.symbols, space: nil, bias: true),
            characterHead: characterVocabulary.map {
                PyTorchDescription.Head(blank: $0.blank, vocabulary: $0.symbols, space: nil, bias: true)
            },
            tensors: names, training: training)
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
