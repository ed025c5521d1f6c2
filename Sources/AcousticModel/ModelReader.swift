import CTC
import Features
import Foundation
import Messages
import Networks
import TensorFiles

extension AcousticModel {
    /// Loads a model: its description from the metadata, its weights (F16, BF16 or F32) as float32.
    /// - Throws: ``ModelError`` or `TensorFileError`, naming the file, what is wrong and what to do.
    public init(path: String) throws {
        try self.init(ModelReader(path: path))
    }

    private init(_ reader: ModelReader) throws {
        description = try reader.description()
        frontEnd = try reader.frontEnd(description)
        vocabulary = try reader.vocabulary(description.head)
        encoder = try reader.encoder(description.encoder, inputs: frontEnd.stepDimension)
        head = try reader.head(description, inputs: encoder.outputs)
        speechDetector = try reader.speechDetector(description, inputs: encoder.outputs)
        try reader.expectNothingElse()
    }
}

/// Reads one model file, trusting nothing in it.
private final class ModelReader {
    private let path: String
    private let file: SafetensorsFile
    private var read: Set<String> = []

    init(path: String) throws {
        self.path = path
        file = try SafetensorsFile(path: path)
    }

    private func error(_ problem: String, mend: String = ModelError.getAnother) -> ModelError {
        ModelError(path, problem, mend: mend)
    }

    func description() throws -> ModelDescription {
        struct Version: Decodable { let format: Int }
        guard let json = file.metadata["utter"] else {
            throw error("holds tensors but no Utter model (no key 'utter' in its metadata)")
        }
        let decoder = JSONDecoder()
        do {
            let format = try decoder.decode(Version.self, from: Data(json.utf8)).format
            guard format == ModelDescription.currentFormat else {
                throw error(
                    "is a model of format \(format), and this utter reads format \(ModelDescription.currentFormat)",
                    mend: format > ModelDescription.currentFormat ? "update utter" : ModelError.getAnother)
            }
            return try decoder.decode(ModelDescription.self, from: Data(json.utf8))
        } catch let failure as DecodingError {
            throw error("has a description that cannot be read (\(failure.sentence))")
        }
    }

    func frontEnd(_ model: ModelDescription) throws -> FrontEnd {
        let described = model.features
        var options = FeatureOptions()
        guard let kind = FeatureKind(rawValue: described.kind) else {
            throw error("asks for features of an unknown kind, \(OneLine.quoted(described.kind))")
        }
        guard let window = WindowShape(rawValue: described.window) else {
            throw error("asks for a window of an unknown shape, \(OneLine.quoted(described.window))")
        }
        guard described.samples == "int16 range", described.dither == 0 else {
            throw error(
                "expects samples as \(OneLine.quoted(described.samples)) with dither \(described.dither), not "
                    + "int16 range and 0")
        }
        guard (4_000...192_000).contains(model.sampleRate) else {
            throw error("expects a sample rate of \(model.sampleRate) Hz, which is not between 4000 and 192000")
        }
        options.kind = kind
        options.window = window
        options.sampleRate = model.sampleRate
        options.windowLength = described.windowLength
        options.frameShift = described.frameShift
        options.preemphasis = described.preemphasis
        options.removesDC = described.removesDC
        options.melBands = described.melBands
        options.lowFrequency = described.lowFrequency
        options.highFrequency = described.highFrequency
        options.usesEnergy = described.usesEnergy
        options.snipsEdges = described.snipsEdges
        if kind == .mfcc {
            guard let coefficients = described.coefficients, let lifter = described.lifter else {
                throw error("describes MFCC without num_ceps or lifter")
            }
            (options.coefficients, options.lifter) = (coefficients, lifter)
        }
        do { try options.validate() } catch { throw self.error("has a front end that cannot be computed (\(error))") }
        guard described.fft == options.fourierSize else {
            throw error(
                "asks for a Fourier transform of \(described.fft) points for frames of \(options.windowSize) samples")
        }
        guard (1...64).contains(described.stack), (1...64).contains(described.stride) else {
            throw error(
                "stacks \(described.stack) frames at a stride of \(described.stride), and each may be 1 to 64")
        }
        guard options.frameShift * Double(described.stride) <= 1000 else {
            throw error(
                "makes steps of \(options.frameShift * Double(described.stride)) ms, and they may be at most 1000")
        }
        let scale =
            described.normalisation == .meanAndScale
            ? try tensor("frontend.scale", shape: [options.dimension]).values : []
        return FrontEnd(
            options: options, normalisation: described.normalisation, scale: scale, stack: described.stack,
            stride: described.stride)
    }

    func vocabulary(_ described: HeadDescription) throws -> Vocabulary {
        guard described.kind == HeadDescription.characters else {
            throw error("has a head of an unknown kind, \(OneLine.quoted(described.kind))", mend: "update utter")
        }
        guard described.vocabulary.indices.contains(described.blank) else {
            throw error("names class \(described.blank) of \(described.vocabulary.count) as its blank")
        }
        guard Set(described.vocabulary).count == described.vocabulary.count else {
            throw error("has a symbol twice in its vocabulary")
        }
        guard described.vocabulary.allSatisfy({ OneLine.escaped($0) == $0 }) else {
            throw error("has control characters in its vocabulary")
        }
        return Vocabulary(symbols: described.vocabulary, blank: described.blank)
    }

    func encoder(_ described: EncoderDescription, inputs: Int) throws -> RecurrentNetwork {
        guard let cell = RecurrentCell(rawValue: described.cell) else {
            throw error("has recurrent cells of an unknown kind, \(OneLine.quoted(described.cell))")
        }
        guard (1...64).contains(described.layers), (1...8192).contains(described.hidden) else {
            throw error(
                "has \(described.layers) layers of \(described.hidden) units, and they may be 1 to 64 of 1 to 8192")
        }
        guard described.input == inputs else {
            throw error(
                "has an encoder that reads \(described.input) features a step and a front end that makes \(inputs)")
        }
        let directions = described.bidirectional ? ["forward", "backward"] : ["forward"]
        let rows = cell.gates * described.hidden
        return RecurrentNetwork(
            layers: try (0..<described.layers).map { layer in
                let inputs = layer == 0 ? described.input : described.hidden * directions.count
                return RecurrentLayer(
                    cell: cell,
                    directions: try directions.map { direction in
                        let name = "encoder.layers.\(layer).\(direction)"
                        return RecurrentWeights(
                            input: try matrix("\(name).weight_ih", rows: rows, columns: inputs),
                            recurrent: try matrix("\(name).weight_hh", rows: rows, columns: described.hidden),
                            inputBias: try tensor("\(name).bias_ih", shape: [rows]).values,
                            recurrentBias: try tensor("\(name).bias_hh", shape: [rows]).values)
                    })
            })
    }

    func head(_ model: ModelDescription, inputs: Int) throws -> Linear {
        let classes = model.head.vocabulary.count
        return Linear(
            weight: try matrix("head.weight", rows: classes, columns: inputs),
            bias: try tensor("head.bias", shape: [classes]).values)
    }

    func speechDetector(_ model: ModelDescription, inputs: Int) throws -> SpeechDetector? {
        guard let kind = model.speechDetector else { return nil }
        guard kind == SpeechDetector.kind else {
            throw error("has a speech detector of an unknown kind, \(OneLine.quoted(kind))", mend: "update utter")
        }
        let bias = try tensor("speech.bias", shape: [1]).values
        return SpeechDetector(
            weight: try tensor("speech.weight", shape: [inputs]).values, bias: bias.first ?? 0)
    }

    /// A tensor that the description does not name would be ignored in silence; its presence means that they disagree.
    func expectNothingElse() throws {
        if let other = file.names.first(where: { !read.contains($0) }) {
            throw error("holds a tensor \(OneLine.quoted(other)) of which its description says nothing")
        }
    }

    private func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        guard let found = file.shape(of: name) else { throw error("lacks the tensor \(OneLine.quoted(name))") }
        guard found == shape else {
            throw error(
                "has the tensor \(OneLine.quoted(name)) in the shape \(found), and its description asks for \(shape)")
        }
        let tensor = try file.tensor(name)
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw error("has infinite values or not-a-numbers in the tensor \(OneLine.quoted(name))")
        }
        read.insert(name)
        return tensor
    }

    private func matrix(_ name: String, rows: Int, columns: Int) throws -> Matrix {
        Matrix(rows: rows, columns: columns, values: try tensor(name, shape: [rows, columns]).values)
    }
}

extension DecodingError {
    /// What is wrong, without Foundation's debugging text.
    fileprivate var sentence: String {
        func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch self {
        case .keyNotFound(let key, let context): return "no field '\(place(context.codingPath + [key]))'"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "the field '\(place(context.codingPath))' is of the wrong type"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not JSON" : "the field '\(place(context.codingPath))' has a value that is unknown"
        @unknown default: return "it is malformed"
        }
    }
}
