import Foundation
import TensorFiles
import TestSupport

/// A small recogniser as a state dict and its JSON, to be spoilt.
struct StateDictParts {
    var description: [String: Any]
    var tensors: [String: StoredTensor]

    /// One LSTM layer of 3 units in both directions over 2 stacked frames of 4 filter banks; rows: a, space, blank.
    init() throws {
        description = [
            "name": "tiny", "sample_rate": 8000,
            "features": ["kind": "fbank", "num_mel_bins": 4, "normalisation": "none", "stack": 2, "stride": 2],
            "encoder": ["cell": "lstm", "bidirectional": true, "hidden": 3, "layers": 1],
            "head": ["blank": 2, "vocabulary": ["a", "|", ""], "space": "|"],
            "tensors": [String: Any](),
        ]
        tensors = [:]
        var generator = SeededGenerator(seed: 7)
        for direction in ["", "_reverse"] {
            try add("net.lstm.weight_ih_l0\(direction)", [12, 8], &generator)
            try add("net.lstm.weight_hh_l0\(direction)", [12, 3], &generator)
            try add("net.lstm.bias_ih_l0\(direction)", [12], &generator)
            try add("net.lstm.bias_hh_l0\(direction)", [12], &generator)
        }
        try add("net.fc.weight", [3, 6], &generator)
        try add("net.fc.bias", [3], &generator)
    }

    mutating func add(_ name: String, _ shape: [Int], _ generator: inout SeededGenerator) throws {
        set(name, shape, (0..<shape.reduce(1, *)).map { _ in generator.uniform() })
    }

    mutating func set(_ name: String, _ shape: [Int], _ values: [Float]) {
        tensors[name] = (try? Tensor(shape: shape, values: values)).map(StoredTensor.float32)
    }

    /// Five filters over the two frames of a step, below the layer.
    mutating func addConvolution(_ generator: inout SeededGenerator) throws {
        describe("tensors.convolution", "conv")
        try add("conv.weight", [5, 4, 2], &generator)
        try add("conv.bias", [5], &generator)
        for direction in ["", "_reverse"] { try add("net.lstm.weight_ih_l0\(direction)", [12, 5], &generator) }
    }

    /// The rows become phones, and two characters stand beside them.
    mutating func addCharacterHead(_ generator: inout SeededGenerator) throws {
        describe("head", ["kind": "ctc-phones", "blank": 2, "vocabulary": ["AA", "|", ""], "space": "|"])
        describe("character_head", ["blank": 1, "vocabulary": ["a", "-", "b", " "]])
        describe("tensors", ["head": "net.fc", "character_head": "net.spell"])
        try add("net.spell.weight", [4, 6], &generator)
        try add("net.spell.bias", [4], &generator)
    }

    /// Puts a value in a place such as `encoder.hidden`; nil removes what is there.
    mutating func describe(_ path: String, _ value: Any?) {
        let keys = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard keys.count == 2 else {
            description[keys[0]] = value
            return
        }
        var inner = description[keys[0]] as? [String: Any] ?? [:]
        inner[keys[1]] = value
        description[keys[0]] = inner
    }

    /// Writes both files and returns their paths.
    func write(to folder: TemporaryFolder) throws -> (tensors: String, json: String) {
        let (tensors, json) = (folder.path("net.safetensors"), folder.path("net.json"))
        try SafetensorsWriter.write(self.tensors, to: tensors)
        try folder.write(JSONSerialization.data(withJSONObject: description), to: "net.json")
        return (tensors, json)
    }
}
