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
        guard let name = description(at: path)?.base else { return nil }
        return name.isEmpty || name.contains("/") || name.hasPrefix(".") ? nil : name
    }

    /// What a file says of its model, whose weights are not read; nil where it is no whole model.
    package static func description(at path: String) -> ModelDescription? {
        try? ModelReader(path: path).description()
    }

    init(_ reader: ModelReader) throws {
        let described = try reader.description()
        let frontEnd = try reader.frontEnd(described)
        let vocabulary = try reader.vocabulary(described.head)
        let encoder = try reader.encoder(described.encoder, frontEnd)
        self.init(
            name: described.name, frontEnd: frontEnd, encoder: encoder,
            head: try reader.head(described, vocabulary, inputs: encoder.outputs),
            speechDetector: try reader.speechDetector(described, inputs: encoder.outputs),
            training: described.training, base: described.base)
        try reader.expectNothingElse()
    }
}

/// Reads one model file, trusting nothing in it.
final class ModelReader {
    /// What is wrong with an adapter whose steps are not its base's.
    static let otherFrontEnd = "describes another front end than its base has"

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
        let first = RecurrentWeights.rows((gates: 1, inputs: 1, hidden: 1))[0].name
        sharedLayers =
            (lowest?.layers ?? []).indices.prefix {
                file.shape(of: TensorName.joined(TensorName.layer($0, direction: 0), first)) == nil
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
            described.normalisation.hasScale
            ? try tensors(FrontEnd.self, TensorName.frontEnd, options.dimension)[0] : []
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
            layer: try linear(TensorName.characterHead, vocabulary.symbols.count, inputs), vocabulary: vocabulary)
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
        let directions = described.bidirectional ? 2 : 1
        if let shared = lowest?.layers.prefix(sharedLayers).first {
            guard shared.cell == cell, shared.hidden == described.hidden, shared.directions.count == directions
            else { throw error("describes other layers than its base has") }
            guard lowest?.inputs == described.input else { throw error(Self.otherFrontEnd) }
        }
        return RecurrentNetwork(
            convolution: convolution,
            layers: try (0..<described.layers).map { layer in
                // An adapter holds the upper layers that it changed; the base has the others.
                if let lowest, layer < sharedLayers { return lowest.layers[layer] }
                let inputs = layer == 0 ? convolution?.outputs ?? described.input : described.hidden * directions
                let size = (gates: cell.gates, inputs: inputs, hidden: described.hidden)
                return RecurrentLayer(
                    cell: cell,
                    directions: try (0..<directions).map {
                        let name = TensorName.layer(layer, direction: $0)
                        return RecurrentWeights(size, tensors: try tensors(RecurrentWeights.self, name, size))
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
        let size = (filters: filters, inputs: frontEnd.options.dimension, frames: frontEnd.stack)
        return StepConvolution(size, tensors: try tensors(StepConvolution.self, TensorName.convolution, size))
    }

    /// - Parameter vocabulary: as ``vocabulary(_:)`` gives it, which has checked the kind.
    func head(_ model: ModelDescription, _ vocabulary: Vocabulary, inputs: Int) throws -> Head {
        let (described, kind) = (model.head, HeadKind(rawValue: model.head.kind) ?? .characters)
        let layers = try outputLayers(described, kind, vocabulary, inputs: inputs)
        let characters = try characterHead(model, inputs: inputs)
        if kind != .phrases { try expectNoPhrases(described) }
        let ngram = try ngram(described)
        switch kind {
        case .characters: return .characters(layers, ngram: ngram)
        case .words: return .words(layers, ngram: ngram)
        case .phones: return .phones(layers, beside: characters, ngram: ngram)
        case .classifier: return .classifier(layers, threshold: described.threshold)
        case .phrases:
            return .phrases(layers, try phrases(described, vocabulary), threshold: described.threshold)
        }
    }

    private func outputLayers(
        _ described: HeadDescription, _ kind: HeadKind, _ vocabulary: Vocabulary, inputs: Int
    ) throws -> OutputLayers {
        let outputs = kind.outputs(classes: vocabulary.symbols.count)
        guard let units = described.hidden else {
            return OutputLayers(last: try linear(TensorName.head, outputs, inputs), vocabulary: vocabulary)
        }
        guard (1...8192).contains(units) else {
            throw error("has \(units) units in the hidden layer of its head, and they may be 1 to 8192")
        }
        return OutputLayers(
            hidden: try linear(TensorName.hidden(TensorName.head), units, inputs),
            last: try linear(TensorName.head, outputs, units), vocabulary: vocabulary)
    }

    func speechDetector(_ model: ModelDescription, inputs: Int) throws -> SpeechDetector? {
        guard let kind = model.speechDetector else { return nil }
        guard kind == SpeechDetector.kind else {
            throw error("has a speech detector of an unknown kind, \(OneLine.quoted(kind))", mend: "update utter")
        }
        return SpeechDetector(tensors: try tensors(SpeechDetector.self, TensorName.speechDetector, inputs))
    }

    /// A tensor that the description does not name would be ignored in silence; its presence means that they disagree.
    func expectNothingElse() throws {
        if let other = file.names.first(where: { !read.contains($0) }) {
            throw error("holds a tensor \(OneLine.quoted(other)) of which its description says nothing")
        }
    }

    /// The tensors of a part, in the order of its rows.
    func tensors<Part: TensorPart>(_ part: Part.Type, _ module: String, _ size: Part.Size) throws -> [[Float]] {
        try Part.rows(size).map { try values(TensorName.joined(module, $0.name), shape: $0.shape) }
    }

    private func values(_ name: String, shape: [Int]) throws -> [Float] {
        guard let found = file.shape(of: name) else { throw error("lacks the tensor \(OneLine.quoted(name))") }
        guard found == shape else {
            throw error(
                "has the tensor \(OneLine.quoted(name)) in the shape \(found), and its description asks for \(shape)")
        }
        let values = try file.tensor(name).values
        guard values.allSatisfy(\.isFinite) else {
            throw error("has infinite values or not-a-numbers in the tensor \(OneLine.quoted(name))")
        }
        read.insert(name)
        return values
    }

    private func linear(_ name: String, _ rows: Int, _ columns: Int) throws -> Linear {
        Linear((rows, columns), tensors: try tensors(Linear.self, name, (rows, columns)))
    }
}
