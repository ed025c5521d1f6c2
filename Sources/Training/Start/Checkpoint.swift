import AcousticModel
import CTC
import Corpora
import Foundation
import Messages
import Networks
import TensorFiles

/// All that a run needs to go on bit for bit: a safetensors file of float32 with the state's numbers in its metadata, written
/// whole or not at all.
struct Checkpoint {
    /// What is no tensor.
    struct State: Codable, Equatable {
        var format = 1
        var progress: TrainingProgress
        /// The symbols, the blank among them.
        var symbols: [String]
        /// Those of a head of characters beside phones.
        var characters: [String]?
        /// The order of the n-gram of labels, where the loss has one.
        var ngramOrder: Int?
        /// Parts of a batch.
        var shards: Int
        /// Numbers of the optimiser and of the averages.
        var optimiser: [String: Int] = [:]
        var average: [String: Int] = [:]
        /// How much of the log was written.
        var logBytes: Int
        /// What the training and dev sets were, so that another one is noticed.
        var fingerprint: String
    }

    var state: State
    /// The weights, by their names in a model file.
    var weights: [String: [Float]] = [:]
    var scale: [Float]
    var optimiser: TrainingState
    var average: TrainingState
    /// The pronunciations that were chosen, a number for each word of each recording; empty where none was.
    var pronunciations: [Float] = []
    /// The n-gram of labels that the loss has, with the symbols of its classes; nil for plain CTC.
    private(set) var ngram: TrainingMaterial.KnownNGram?
    private(set) var path = ""

    private static let key = "utter_checkpoint"
    private static let scaleName = TensorName.joined(TensorName.frontEnd, FrontEnd.rows(0)[0].name)

    /// Writes the checkpoint; an older one is replaced when the new one is complete.
    /// - Throws: `FileError`, as where the disk is full: the older one stays.
    func write(to path: String) throws {
        var tensors: [String: StoredTensor] = [:]
        func add(_ name: String, _ values: [Float]) throws {
            tensors[name] = .float32(try Tensor(shape: [values.count], values: values))
        }
        try add(Self.scaleName, scale)
        if !pronunciations.isEmpty { try add("pronunciations", pronunciations) }
        for tensor in ngram?.ngram.tensors(named: TensorName.ngram) ?? [] {
            tensors[tensor.name] = .float32(try Tensor(shape: tensor.shape, values: tensor.values))
        }
        for (name, values) in weights { try add("weights.\(name)", values) }
        for (name, values) in optimiser.tensors { try add("optimiser.\(name)", values) }
        for (name, values) in average.tensors { try add("average.\(name)", values) }
        var state = state
        state.optimiser = optimiser.integers
        state.average = average.integers
        state.ngramOrder = ngram?.ngram.order
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = String(decoding: try encoder.encode(state), as: UTF8.self)
        try SafetensorsWriter.write(tensors, metadata: [Self.key: json], to: path)
    }

    /// Reads a checkpoint.
    /// - Throws: `TensorFileError` or ``DataError``.
    init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        let broken = "remove it, and the run begins anew with --resume"
        guard let json = file.metadata[Self.key] else {
            throw DataError(path, "is no checkpoint of utter train", mend: broken)
        }
        do { state = try JSONDecoder().decode(State.self, from: Data(json.utf8)) } catch {
            throw DataError(path, "is a checkpoint that this version of utter cannot read", mend: broken)
        }
        guard state.format == 1, state.symbols.count > 1, state.shards > 0 else {
            throw DataError(path, "is a checkpoint of another kind", mend: broken)
        }
        self.path = path
        scale = try file.tensor(Self.scaleName).values
        optimiser = TrainingState(integers: state.optimiser)
        average = TrainingState(integers: state.average)
        for name in file.names {
            let values = try file.tensor(name).values
            if name == "pronunciations" { pronunciations = values }
            if let name = name.dropping("weights.") { weights[name] = values }
            if let name = name.dropping("optimiser.") { optimiser.tensors[name] = values }
            if let name = name.dropping("average.") { average.tensors[name] = values }
        }
        if let order = state.ngramOrder {
            do { ngram = (try LabelNGram(file, order: order, symbols: state.symbols), state.symbols) } catch {
                throw DataError(path, "has an n-gram of labels that cannot be used: \(error)", mend: broken)
            }
        }
    }

    /// The weights of a network in its order.
    /// - Parameter parameters: tensors of the sizes that they must have.
    /// - Throws: ``DataError`` where the checkpoint is of another network.
    func parameters(named names: [String], like parameters: [[Float]]) throws(DataError) -> [[Float]] {
        let found = names.compactMap { weights[$0] }
        guard found.map(\.count) == parameters.map(\.count), weights.count == names.count else {
            throw DataError(
                path, "is of another network than the recipe asks for",
                mend: "put the recipe back, or begin anew in another folder")
        }
        return found
    }

    init(
        state: State, weights: [String: [Float]], scale: [Float], optimiser: TrainingState, average: TrainingState,
        pronunciations: [Float] = [], ngram: LabelNGram? = nil
    ) {
        self.pronunciations = pronunciations
        self.ngram = ngram.map { ($0, state.symbols) }
        (self.state, self.weights, self.scale) = (state, weights, scale)
        (self.optimiser, self.average) = (optimiser, average)
    }
}

extension String {
    /// What follows a beginning; nil where there is another.
    fileprivate func dropping(_ beginning: String) -> String? {
        hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
    }
}

extension LabelNGram {
    /// That of a checkpoint, whose blank is class 0.
    fileprivate init(_ file: SafetensorsFile, order: Int, symbols: [String]) throws {
        let tensors = try Self.rows((blocks: 0, classes: 0)).map {
            try file.tensor(TensorName.joined(TensorName.ngram, $0.name)).values
        }
        try self.init(order: order, classes: symbols.count, blank: TrainableHead.blank, tensors: tensors)
    }
}
