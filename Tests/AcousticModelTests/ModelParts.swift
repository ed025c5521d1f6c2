import Foundation
import TensorFiles
import TestSupport

/// A small model as a file's parts, to be spoilt.
struct ModelParts {
    var description: [String: Any]
    var tensors: [String: Tensor]

    /// One GRU layer of 3 units in both directions over 2 stacked frames of 4 MFCC; classes: blank, space, a.
    init() throws {
        description = [
            "format": 1, "name": "tiny", "sample_rate": 8000,
            "features": [
                "kind": "mfcc", "window_ms": 25, "shift_ms": 10, "window": "povey", "preemphasis": 0.97,
                "remove_dc": true, "fft": 256, "num_mel_bins": 10, "num_ceps": 4, "low_freq": 20, "high_freq": 0,
                "lifter": 22, "use_energy": false, "dither": 0, "snip_edges": true, "samples": "int16 range",
                "normalisation": "subtract the utterance mean", "stack": 2, "stride": 2,
            ],
            "encoder": ["cell": "gru", "bidirectional": true, "hidden": 3, "layers": 1, "input": 8],
            "head": ["kind": "ctc-characters", "blank": 0, "vocabulary": ["<blank>", " ", "a"]],
        ]
        var generator = SeededGenerator(seed: 5)
        func tensor(_ shape: Int...) throws -> Tensor {
            try Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in generator.uniform() })
        }
        tensors = ["head.weight": try tensor(3, 6), "head.bias": try tensor(3)]
        for direction in ["forward", "backward"] {
            let name = "encoder.layers.0.\(direction)"
            tensors["\(name).weight_ih"] = try tensor(9, 8)
            tensors["\(name).weight_hh"] = try tensor(9, 3)
            tensors["\(name).bias_ih"] = try tensor(9)
            tensors["\(name).bias_hh"] = try tensor(9)
        }
    }

    mutating func set(_ path: String, _ value: Any?) {
        let keys = path.split(separator: ".").map(String.init)
        guard keys.count == 2 else {
            description[keys[0]] = value
            return
        }
        var inner = description[keys[0]] as? [String: Any] ?? [:]
        inner[keys[1]] = value
        description[keys[0]] = inner
    }

    func write(to path: String) throws {
        let json = String(decoding: try JSONSerialization.data(withJSONObject: description), as: UTF8.self)
        try SafetensorsWriter.write(tensors.mapValues { .float32($0) }, metadata: ["utter": json], to: path)
    }
}
