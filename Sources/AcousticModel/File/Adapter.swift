import Foundation
import Messages
import Networks
import TensorFiles

/// What was learned on top of a base model: a head, and the upper layers that were changed with it.
///
/// ```swift
/// let base = try AcousticModel(path: "models/english-small.safetensors")
/// let commands = try Adapter(path: "commands.safetensors", base: base, named: "models/english-small.safetensors")
/// let group = ModelGroup(base: base, adapters: [commands])
/// ```
///
/// The file is a safetensors file as that of a model, without the layers that are the base's own; the key `utter_adapter` of its
/// metadata holds the model's description, the key `utter_base` the sum over the base's front end and encoder
/// (``AcousticModel/encoderHash``), by which another base is known and refused.
public struct Adapter: Sendable {
    /// Base and adapter, put together.
    public let model: AcousticModel
    /// The lowest layers that are the base's own.
    public let sharedLayers: Int

    static let key = "utter_adapter"
    static let baseKey = "utter_base"

    /// What a model and its base share.
    /// - Returns: nil where the model is not of that base: another geometry.
    public init?(_ model: AcousticModel, of base: AcousticModel) {
        guard model.encoder.layers.count == base.encoder.layers.count, model.frontEnd.isLike(base.frontEnd) else {
            return nil
        }
        self.model = model
        let equalLayers = zip(model.encoder.layers, base.encoder.layers).prefix { $0.parameters == $1.parameters }.count
        let hasItsConvolution = model.encoder.convolution?.parameters == base.encoder.convolution?.parameters
        sharedLayers = hasItsConvolution ? equalLayers : 0
    }

    /// Loads an adapter.
    /// - Parameters:
    ///   - base: the model that it belongs on.
    ///   - name: the path of the base, for messages.
    /// - Throws: ``ModelError`` or `TensorFileError`; among others where it was made for another base.
    public init(path: String, base: AcousticModel, named name: String) throws {
        let reader = try ModelReader(path: path, lowest: base.encoder)
        guard reader.metadata[Self.key] != nil else {
            throw reader.error(
                "is no adapter",
                mend: reader.metadata["utter"] == nil
                    ? "give a file that utter adapt --adapter wrote" : "it is a whole model; give it with --model")
        }
        guard let made = reader.metadata[Self.baseKey], [base.encoderHash, base.formerEncoderHash].contains(made) else {
            throw reader.error(
                "was made on another base than \(OneLine.quoted(name, limit: .max)) (sum "
                    + "\(OneLine.escaped(reader.metadata[Self.baseKey] ?? "none")), not \(base.encoderHash))",
                mend: "give with --model the model that it was adapted from")
        }
        model = try AcousticModel(reader)
        sharedLayers = reader.sharedLayers
        // Several adapters run in one pass, which has one front end but for the range and the padding.
        guard model.frontEnd.isLike(base.frontEnd) else {
            throw reader.error(ModelReader.otherFrontEnd)
        }
        guard model.encoder.layers.count == base.encoder.layers.count else {
            throw reader.error("has another number of layers than its base")
        }
    }

    /// Writes the head and the changed layers; whole or not at all.
    /// - Throws: `FileError` where it cannot be written.
    public func write(to path: String, base: AcousticModel, precision: AcousticModel.Precision = .float16) throws {
        try model.write(
            to: path, precision: precision, key: Self.key, changedLayers: sharedLayers..<model.encoder.layers.count,
            others: [Self.baseKey: base.encoderHash])
    }
}
