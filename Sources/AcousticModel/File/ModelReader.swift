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

    /// The name of the model that a file's was adapted from; nil where it was not, or where there is no such file.
    package static func nameOfBase(at path: String) -> String? {
        guard let reader = try? ModelReader(path: path), let name = try? reader.description().base else { return nil }
        return name.isEmpty || name.contains("/") || name.hasPrefix(".") ? nil : name
    }

    init(_ reader: ModelReader) throws {
        description = try reader.description()
        frontEnd = try reader.frontEnd(description)
        vocabulary = try reader.vocabulary(description.head)
        encoder = try reader.encoder(description.encoder, frontEnd)
        (headHidden, head) = try reader.head(description, inputs: encoder.outputs)
        characterHead = try reader.characterHead(description, inputs: encoder.outputs)
        phrases = try reader.phrases(description.head, vocabulary)
        speechDetector = try reader.speechDetector(description, inputs: encoder.outputs)
        ngram = try reader.ngram(description.head)
        try reader.expectNothingElse()
    }
}

/// Reads one model file, trusting nothing in it.
final class ModelReader {
    private let path: String
    private let file: SafetensorsFile
    private var read: Set<String> = []
    /// The encoder of the base of an adapter.
    private let lowest: RecurrentNetwork?
    /// How many of its layers the file leaves as they are: the lowest, as many as there are.
    let sharedLayers: Int

    init(path: String, lowest: RecurrentNetwork? = nil) throws {
        self.path = path
        self.lowest = lowest
        let file = try SafetensorsFile(path: path)
        self.file = file
        sharedLayers =
            (lowest?.layers ?? []).indices.prefix {
                file.shape(of: "encoder.layers.\($0).forward.weight_ih") == nil
            }.count
    }

    /// Strings that the file carries.
    var metadata: [String: String] { file.metadata }

    func error(_ problem: String, mend: String = ModelError.getAnother) -> ModelError {
        ModelError(path, problem, mend: mend)
    }

    private func checked<Value>(_ check: () throws(DescriptionProblem) -> Value) throws -> Value {
        do { return try check() } catch { throw self.error(error.text) }
    }

    func description() throws -> ModelDescription {
        struct Version: Decodable { let format: Int }
        guard let json = file.metadata[lowest == nil ? "utter" : Adapter.key] else {
            if file.metadata[Adapter.key] != nil, lowest == nil {
                throw error("is an adapter, no whole model", mend: "give its base with --model and it with --adapter")
            }
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
        let options = try checked { () throws(DescriptionProblem) in
            try described.options(sampleRate: model.sampleRate)
        }
        let scale =
            described.normalisation.hasScale ? try tensor("frontend.scale", shape: [options.dimension]).values : []
        let (range, padding) = try checked { () throws(DescriptionProblem) in try described.rangeAndPadding() }
        return FrontEnd(
            options: options, normalisation: described.normalisation, scale: scale, stack: described.stack,
            stride: described.stride, range: range, padding: padding)
    }

    func vocabulary(_ described: HeadDescription) throws -> Vocabulary {
        guard let kind = HeadKind(rawValue: described.kind) else {
            throw error("has a head of an unknown kind, \(OneLine.quoted(described.kind))", mend: "update utter")
        }
        guard (0...1).contains(described.threshold ?? 0), described.threshold == nil || kind.labelsRecordings
        else {
            throw error("has a threshold of \(described.threshold ?? 0) for its \(kind.rawValue) head")
        }
        if kind == .phones || described.spellsPhones { try checkPhones(described) }
        guard described.vocabulary.indices.contains(described.blank) else {
            throw error("names class \(described.blank) of \(described.vocabulary.count) as its blank")
        }
        guard Set(described.vocabulary).count == described.vocabulary.count else {
            throw error("has a symbol twice in its vocabulary")
        }
        guard described.vocabulary.allSatisfy({ OneLine.escaped($0) == $0 }) else {
            throw error("has control characters in its vocabulary")
        }
        return Vocabulary(
            symbols: described.vocabulary, blank: described.blank, unit: described.spellsPhones ? .phone : kind.unit)
    }

    /// A text of phones has spaces between words and hyphens between phones, so neither may be a part of a phone's name.
    private func checkPhones(_ described: HeadDescription) throws {
        let names = described.vocabulary.enumerated().filter { $0.offset != described.blank }.map(\.element)
        func isWhole(_ name: String) -> Bool {
            !name.isEmpty && !name.contains { $0.isWhitespace || $0 == Vocabulary.phoneSeparator }
        }
        guard let bad = names.first(where: { $0 != " " && !isWhole($0) }) else { return }
        throw error("has the phone \(OneLine.quoted(bad)), and a phone's name has neither spaces nor hyphens")
    }

    /// The head of characters beside the first, if there is one.
    func characterHead(_ model: ModelDescription, inputs: Int) throws -> CharacterHead? {
        guard let described = model.characterHead else { return nil }
        guard model.head.kind == HeadKind.phones.rawValue else {
            throw error(
                "has a character_head beside a head of the kind \(OneLine.quoted(model.head.kind)), and it belongs beside "
                    + "\(HeadKind.phones.rawValue)")
        }
        guard described.kind == HeadKind.characters.rawValue, described.hidden == nil, described.phrases == nil else {
            throw error("has a character_head that is not a linear one of the kind \(HeadKind.characters.rawValue)")
        }
        let vocabulary = try vocabulary(described)
        return CharacterHead(
            layer: try linear("character_head", vocabulary.symbols.count, inputs), vocabulary: vocabulary)
    }

    func encoder(_ described: EncoderDescription, _ frontEnd: FrontEnd) throws -> RecurrentNetwork {
        let cell = try checked { () throws(DescriptionProblem) in
            try EncoderDescription.checkedCell(described.cell, layers: described.layers, hidden: described.hidden)
        }
        guard described.input == frontEnd.stepDimension else {
            throw error(
                "has an encoder that reads \(described.input) features a step and a front end that makes "
                    + "\(frontEnd.stepDimension)")
        }
        let convolution = try convolution(described, frontEnd)
        let directions = described.bidirectional ? ["forward", "backward"] : ["forward"]
        if let shared = lowest?.layers.prefix(sharedLayers).first {
            guard shared.cell == cell, shared.hidden == described.hidden, shared.directions.count == directions.count
            else { throw error("describes other layers than its base has") }
        }
        let rows = cell.gates * described.hidden
        return RecurrentNetwork(
            convolution: convolution,
            layers: try (0..<described.layers).map { layer in
                // An adapter holds the upper layers that it changed; the base has the others.
                if let lowest, layer < sharedLayers { return lowest.layers[layer] }
                let inputs =
                    layer == 0 ? convolution?.outputs ?? described.input : described.hidden * directions.count
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

    private func convolution(_ described: EncoderDescription, _ frontEnd: FrontEnd) throws -> StepConvolution? {
        guard let filters = described.convolution else {
            if let lowest, sharedLayers > 0, lowest.convolution != nil {
                throw error("describes no convolution, and its base has one")
            }
            return nil
        }
        guard (1...EncoderDescription.mostFilters).contains(filters) else {
            throw error("has \(filters) filters, and they may be 1 to \(EncoderDescription.mostFilters)")
        }
        // An adapter has it where it has the lowest layer.
        if let lowest, sharedLayers > 0 {
            guard let shared = lowest.convolution, shared.outputs == filters, lowest.inputs == described.input else {
                throw error("describes another convolution than its base has")
            }
            return shared
        }
        let shape = [filters, frontEnd.options.dimension, frontEnd.stack]
        return StepConvolution(
            weight: try tensor("encoder.convolution.weight", shape: shape).values,
            bias: try tensor("encoder.convolution.bias", shape: [filters]).values,
            inputs: frontEnd.options.dimension, frames: frontEnd.stack)
    }

    func head(_ model: ModelDescription, inputs: Int) throws -> (hidden: Linear?, last: Linear) {
        let kind = HeadKind(rawValue: model.head.kind) ?? .characters
        let outputs = kind.outputs(classes: model.head.vocabulary.count)
        guard let units = model.head.hidden else { return (nil, try linear("head", outputs, inputs)) }
        guard (1...8192).contains(units) else {
            throw error("has \(units) units in the hidden layer of its head, and they may be 1 to 8192")
        }
        return (try linear("head.hidden", units, inputs), try linear("head", outputs, units))
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

    func tensor(_ name: String, shape: [Int]) throws -> Tensor {
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

    private func linear(_ name: String, _ rows: Int, _ columns: Int) throws -> Linear {
        Linear(
            weight: try matrix("\(name).weight", rows: rows, columns: columns),
            bias: try tensor("\(name).bias", shape: [rows]).values)
    }

    private func matrix(_ name: String, rows: Int, columns: Int) throws -> Matrix {
        Matrix(rows: rows, columns: columns, values: try tensor(name, shape: [rows, columns]).values)
    }
}
