import Foundation
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
        for tensor in parts(changedLayers: changedLayers).flatMap(\.tensors) {
            let values = try Tensor(shape: tensor.shape, values: tensor.values)
            tensors[tensor.name] = tensor.isExact || precision == .float32 ? .float32(values) : .float16(values)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(description), as: UTF8.self)
        try SafetensorsWriter.write(tensors, metadata: others.merging([key: json]) { $1 }, to: path)
    }
}
