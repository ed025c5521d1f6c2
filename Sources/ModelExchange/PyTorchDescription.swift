import AcousticModel
import Files
import Foundation
import Messages
import TensorFiles

/// The JSON beside a PyTorch state dict: what a recogniser is that its tensors alone do not say. docs/importing.md has
/// a table of its fields; `features` has those of a model file (models/README.md).
public struct PyTorchDescription: Codable, Sendable, Equatable {
    /// The recurrent layers.
    public struct Encoder: Codable, Sendable, Equatable {
        /// `lstm`, `gru`, `tanh` or `relu`.
        public var cell: String
        /// Whether each layer runs in both directions.
        public var bidirectional: Bool
        /// Units in each direction of a layer.
        public var hidden: Int
        /// The number of layers.
        public var layers: Int
        /// Whether the layers have biases.
        public var bias: Bool
    }

    /// The linear layer, and what its rows stand for.
    public struct Head: Codable, Sendable, Equatable {
        /// `ctc-characters` or `ctc-phones`; nil for characters.
        public var kind: String?
        /// The row of the CTC blank.
        public var blank: Int
        /// The symbol of each row.
        public var vocabulary: [String]
        /// What stands for the space in symbols; nil where the space itself does.
        public var space: String?
        /// Whether the layer has a bias.
        public var bias: Bool
    }

    /// How the modules are called whose tensors the state dict holds.
    public struct Names: Codable, Sendable, Equatable {
        /// The recurrent modules, the lowest first, each of one layer or several; nil to look for the one there is.
        public var encoder: [String]?
        /// A convolution (`nn.Conv1d`) over the frames of a step, then `ReLU`, below the recurrent layers: its kernel is
        /// the `stack` of the features, its stride theirs, without padding; nil where there is none.
        public var convolution: String?
        /// The linear layer; nil to look for the one there is.
        public var head: String?
        /// The linear layer of characters beside phones; nil where there is none.
        public var characterHead: String?
        /// A tensor: one factor for each coefficient.
        public var scale: String?
        /// Tensors: the mean and the standard deviation of the training set, one number for each coefficient.
        public var inputMean: String?
        /// See ``inputMean``.
        public var inputDeviation: String?
        /// Batch normalisation before a layer, by the layer's number (from 0), or before the `head`.
        public var batchNorm: [String: String]
        /// What is added to the variance in them.
        public var batchNormEpsilon: Double
        /// Tensors that do not belong to the recogniser: whole names, or modules.
        public var ignored: [String]

        enum CodingKeys: String, CodingKey, CaseIterable {
            case encoder, convolution, head, scale
            case characterHead = "character_head"
            case inputMean = "input_mean"
            case inputDeviation = "input_std"
            case batchNorm = "batch_norm"
            case batchNormEpsilon = "batch_norm_eps"
            case ignored = "ignore"
        }

        /// Everything is looked for.
        public init() {
            (batchNorm, batchNormEpsilon, ignored) = ([:], 1e-5, [])
        }
    }

    /// The name of the model.
    public var name: String
    /// Samples in a second of the recordings that it was trained on.
    public var sampleRate: Int
    /// How recordings become features.
    public var features: FrontEndDescription
    /// The recurrent layers.
    public var encoder: Encoder
    /// The linear layer.
    public var head: Head
    /// A second linear layer, of characters beside phones; nil where there is none.
    public var characterHead: Head?
    /// How the modules are called.
    public var tensors: Names
    /// How the model was trained, for people: free text under free names.
    public var training: [String: String]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, features, encoder, head, tensors, training
        case characterHead = "character_head"
        case sampleRate = "sample_rate"
    }
}

extension PyTorchDescription {
    /// A description of more bytes is none.
    private static let longest = 4 << 20

    /// Reads a description.
    /// - Throws: `FileError` where the file cannot be read, `ModelError` where it is no description: a field is
    ///   missing, unknown or of the wrong type.
    public init(path: String) throws {
        func error(_ problem: String) -> ModelError {
            ModelError(path, problem, mend: "docs/importing.md has a table of the fields")
        }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw FileError.reading(path, code: errno) }
        let data: Data
        do { data = try handle.read(upToCount: Self.longest + 1) ?? Data() } catch {
            throw FileError.isFolder(path: path)
        }
        guard data.count <= Self.longest else {
            throw error("has more than \(Self.longest >> 20) MiB, which no description of a model has")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch let failure as DecodingError {
            throw error("describes no model (\(failure.sentence))")
        } catch let failure as UnknownField {
            throw error("has the field '\(OneLine.escaped(failure.name))', which nothing is known of")
        }
    }
}
