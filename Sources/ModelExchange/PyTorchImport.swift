import AcousticModel
import CTC
import Features
import Foundation
import Messages
import Networks
import TensorFiles

/// A recogniser trained in PyTorch, as a model.
///
/// Perhaps a convolution over the frames of a step (`nn.Conv1d`, then `nn.ReLU`), recurrent layers (`nn.LSTM`, `nn.GRU`,
/// `nn.RNN`), then a linear layer and CTC. Batch normalisation before a layer,
/// and the mean and deviation of the training set, become part of the weights that read what they give: exact, up to
/// the rounding of float32. What does not belong to the recogniser must be named; nothing is passed over in silence.
public struct PyTorchImport {
    /// The model.
    public let model: AcousticModel
    /// What was not taken over as it stood, a sentence each.
    public let notes: [String]

    /// Reads a state dict.
    /// - Parameters:
    ///   - stateDict: the path of a safetensors file, its tensors in F32, F16, BF16 or F64, by PyTorch's names.
    ///   - description: what it holds.
    ///   - descriptionPath: where that came from, for messages.
    /// - Throws: `ModelError` or `TensorFileError`, naming the file, what is wrong and what to do.
    public init(stateDict path: String, description: PyTorchDescription, from descriptionPath: String) throws {
        var reader = try PyTorchReader(StateDict(path: path), description, descriptionPath)
        model = try reader.model()
        notes = reader.notes
    }
}

/// Takes a state dict apart.
private struct PyTorchReader {
    private let tensors: StateDict
    private let description: PyTorchDescription
    private let descriptionPath: String
    private(set) var notes: [String] = []

    init(_ tensors: StateDict, _ description: PyTorchDescription, _ descriptionPath: String) {
        (self.tensors, self.description, self.descriptionPath) = (tensors, description, descriptionPath)
    }

    private var names: PyTorchDescription.Names { description.tensors }

    private func wrong(_ problem: String, mend: String = "correct the description") -> ModelError {
        ModelError(descriptionPath, problem, mend: mend)
    }

    mutating func model() throws -> AcousticModel {
        try checkNames()
        let frontEnd = try frontEnd()
        let inputs = try inputTransform(frontEnd)
        let encoder = try encoder(inputs: frontEnd.stepDimension, transform: inputs)
        let kind = try headKind()
        let (last, symbols) = try self.head(
            description.head, headModule(inputs: encoder.outputs), inputs: encoder.outputs)
        let characters = try characterHead(inputs: encoder.outputs)
        try expectNothingElse()
        let layers = OutputLayers(last: last, vocabulary: Vocabulary(symbols: symbols, unit: kind.unit))
        return AcousticModel(
            name: description.name, frontEnd: frontEnd, encoder: encoder,
            head: kind == .phones ? .phones(layers, beside: characters) : .characters(layers),
            training: description.training)
    }

    private func headKind() throws -> HeadKind {
        let name = description.head.kind ?? HeadKind.characters.rawValue
        guard let kind = HeadKind(rawValue: name), [.characters, .phones].contains(kind) else {
            throw wrong(
                "has a head of the kind \(OneLine.quoted(name)), and ctc-characters or ctc-phones can be taken over")
        }
        guard description.characterHead == nil || kind == .phones else {
            throw wrong("has a character_head, which belongs beside a head of the kind ctc-phones")
        }
        return kind
    }

    /// The layer of characters beside phones.
    private mutating func characterHead(inputs: Int) throws -> CharacterHead? {
        guard let described = description.characterHead else {
            guard names.characterHead == nil else { throw wrong("names a character_head and does not describe it") }
            return nil
        }
        guard let module = names.characterHead else {
            throw wrong("describes a character_head", mend: "name its linear layer under tensors.character_head")
        }
        guard described.kind ?? HeadKind.characters.rawValue == HeadKind.characters.rawValue else {
            throw wrong("has a character_head of another kind than ctc-characters")
        }
        let (layer, symbols) = try self.head(described, module, inputs: inputs)
        return CharacterHead(layer: layer, vocabulary: Vocabulary(symbols: symbols))
    }

    private func checkNames() throws {
        guard OneLine.escaped(description.name) == description.name, !description.name.isEmpty else {
            throw wrong("gives a name that is empty or has control characters")
        }
        let convolution = names.convolution == nil ? [] : ["convolution", "relu"]
        let places = convolution + (0..<max(0, min(64, description.encoder.layers))).map { "\($0)" } + ["head"]
        if let other = names.batchNorm.keys.sorted().first(where: { !places.contains($0) }) {
            throw wrong(
                "has batch normalisation before \(OneLine.quoted(other)), which is neither the number of a layer nor "
                    + "\"head\", nor of a convolution \"convolution\" or \"relu\"")
        }
        guard names.batchNormEpsilon >= 0, names.batchNormEpsilon <= 1 else {
            throw wrong("adds \(names.batchNormEpsilon) to variances, and that may be 0 to 1")
        }
        guard (names.inputMean == nil) == (names.inputDeviation == nil) else {
            throw wrong("has one of input_mean and input_std", mend: "name both tensors, or none")
        }
    }

    // MARK: The front end

    private func frontEnd() throws -> FrontEnd {
        let described = description.features
        let options: FeatureOptions
        do { options = try described.options(sampleRate: description.sampleRate) } catch { throw wrong(error.text) }
        guard described.normalisation.hasScale == (names.scale != nil) else {
            let scaled = FrontEndDescription.Normalisation.soundMeanAndScale
            throw wrong(
                "names a tensor of scales or a normalisation that needs one, and not the other",
                mend: "give both tensors.scale and \"\(scaled.rawValue)\", or none")
        }
        let scale = try names.scale.map { try tensors.values($0, shape: [options.dimension]) } ?? []
        let (range, padding): (Double?, Double)
        do { (range, padding) = try described.rangeAndPadding() } catch { throw wrong(error.text) }
        return FrontEnd(
            options: options, normalisation: described.normalisation, scale: scale, stack: described.stack,
            stride: described.stride, range: range, padding: padding)
    }

    /// (x - mean) / deviation for each coefficient of each frame of a step; nil where there is no such normalisation.
    private mutating func inputTransform(_ frontEnd: FrontEnd) throws -> Affine? {
        guard let mean = names.inputMean, let deviation = names.inputDeviation else { return nil }
        let dimension = frontEnd.options.dimension
        let (means, deviations) = (
            try tensors.values(mean, shape: [dimension]), try tensors.values(deviation, shape: [dimension])
        )
        guard deviations.allSatisfy({ $0 > 0 }) else {
            throw tensors.error(
                "has a deviation in \(OneLine.quoted(deviation)) that is not above zero", mend: "give it a floor")
        }
        notes.append("mean and deviation of the training set are part of the weights that read the features")
        return Affine(
            scale: deviations.map { 1 / Double($0) }, shift: zip(means, deviations).map { -Double($0) / Double($1) }
        ).repeated(frontEnd.stack)
    }

    /// What batch normalisation before a layer does once training is over.
    private mutating func batchNorm(before place: String, inputs: Int, stack: Int = 1) throws -> Affine? {
        guard let module = names.batchNorm[place] else { return nil }
        // Before the first layer it may have seen frames, not yet stacked to steps.
        let found = tensors.shape(of: StateDict.name(module, "running_mean")) ?? [inputs]
        let size = stack > 1 && found == [inputs / stack] ? inputs / stack : inputs
        func values(_ tensor: String) throws -> [Double] {
            try tensors.values(StateDict.name(module, tensor), shape: [size]).map(Double.init)
        }
        let (mean, variance) = (try values("running_mean"), try values("running_var"))
        let isAffine = tensors.has(StateDict.name(module, "weight")) || tensors.has(StateDict.name(module, "bias"))
        let weight = isAffine ? try values("weight") : [Double](repeating: 1, count: size)
        let bias = isAffine ? try values("bias") : [Double](repeating: 0, count: size)
        tensors.passOver(StateDict.name(module, "num_batches_tracked"))
        guard variance.allSatisfy({ $0 >= 0 && $0 + names.batchNormEpsilon > 0 }) else {
            throw tensors.error(
                "has a variance in \(OneLine.quoted(StateDict.name(module, "running_var"))) that is not above zero",
                mend: "take another checkpoint")
        }
        let scale = zip(weight, variance).map { $0 / ($1 + names.batchNormEpsilon).squareRoot() }
        let shift = zip(bias, zip(mean, scale)).map { $0 - $1.0 * $1.1 }
        notes.append("the batch normalisation \(OneLine.quoted(module)) is part of the weights that read it")
        return Affine(scale: scale, shift: shift).repeated(inputs / size)
    }

    // MARK: The encoder

    private func encoderModules() throws -> [String] {
        if let modules = names.encoder { return modules }
        let lowest = StateDict.inputWeight("", layer: 0)
        let found = tensors.modules(having: lowest)
        guard found.count == 1 else {
            let some = found.prefix(4).map { OneLine.quoted($0) }.joined(separator: ", ")
            throw tensors.error(
                found.isEmpty
                    ? "holds no recurrent layer (no tensor \(lowest))"
                    : "holds \(found.count) recurrent modules, \(some)",
                mend: "name the recogniser's, the lowest first, under tensors.encoder in the description")
        }
        return found
    }

    private mutating func encoder(inputs: Int, transform: Affine?) throws -> RecurrentNetwork {
        let encoder = description.encoder
        let cell: RecurrentCell
        do {
            cell = try EncoderDescription.checkedCell(encoder.cell, layers: encoder.layers, hidden: encoder.hidden)
        } catch { throw wrong(error.text) }
        let places = try encoderModules().flatMap { module in
            (0..<65).prefix { tensors.has(StateDict.inputWeight(module, layer: $0)) }.map { (module, $0) }
        }
        guard places.count == encoder.layers else {
            throw tensors.error(
                "holds \(places.count) recurrent layers under the names given, and the description says "
                    + "\(encoder.layers)",
                mend: "correct encoder.layers or tensors.encoder")
        }
        if let (module, layer) = places.first(where: { tensors.has(StateDict.name($0.0, "weight_hr_l\($0.1)")) }) {
            throw tensors.error(
                "projects its hidden units (\(OneLine.quoted(StateDict.name(module, "weight_hr_l\(layer)")))), "
                    + "and models have no projections",
                mend: "train with proj_size=0")
        }
        let reverse = places.map { StateDict.inputWeight($0.0, layer: $0.1, direction: 1) }
        guard encoder.bidirectional || !reverse.contains(where: tensors.has) else {
            throw tensors.error(
                "runs in both directions (\(OneLine.quoted(reverse.first(where: tensors.has) ?? ""))), "
                    + "and the description says in one",
                mend: "correct encoder.bidirectional")
        }
        let directions = encoder.bidirectional ? 2 : 1
        let convolution = try convolution(inputs: inputs, transform: transform)
        var layers: [RecurrentLayer] = []
        for (index, place) in places.enumerated() {
            let inputs = index == 0 ? convolution?.outputs ?? inputs : encoder.hidden * directions
            var before = index == 0 && convolution == nil ? transform : nil
            let stack = index == 0 && convolution == nil ? description.features.stack : 1
            if let norm = try batchNorm(before: "\(index)", inputs: inputs, stack: stack) {
                before = before?.followed(by: norm) ?? norm
            }
            layers.append(
                RecurrentLayer(
                    cell: cell,
                    directions: try (0..<directions).map { direction in
                        try weights(cell, inputs, before) {
                            StateDict.name(place.0, $0, layer: place.1, direction: direction)
                        }
                    }))
        }
        return RecurrentNetwork(convolution: convolution, layers: layers)
    }

    /// The convolution that the recurrent layers read; nil where they read the steps.
    private mutating func convolution(inputs: Int, transform: Affine?) throws -> StepConvolution? {
        guard let module = names.convolution else { return nil }
        let name = StateDict.name(module, "weight")
        let frames = description.features.stack
        guard let shape = tensors.shape(of: name), shape.count == 3, shape[1] == inputs / frames, shape[2] == frames,
            (1...EncoderDescription.mostFilters).contains(shape[0])
        else {
            let found = tensors.shape(of: name).map { "of shape \($0.prefix(8))" } ?? "missing"
            throw tensors.error(
                "has the tensor \(OneLine.quoted(name)) \(found), and a convolution over the frames of a step is "
                    + "[filters, \(inputs / frames), \(frames)]",
                mend: "give its kernel as features.stack and its stride as features.stride")
        }
        // Before batch normalisation there usually is none.
        let biasName = StateDict.name(module, "bias")
        let plain = StepConvolution(
            weight: try tensors.values(name, shape: shape),
            bias: try tensors.has(biasName)
                ? tensors.values(biasName, shape: [shape[0]]) : [Float](repeating: 0, count: shape[0]),
            inputs: shape[1], frames: frames)
        var linear = plain.linear
        var before = transform
        if let norm = try batchNorm(before: "convolution", inputs: inputs, stack: frames) {
            before = before?.followed(by: norm) ?? norm
        }
        if let before {
            let (weight, bias) = try folded(before, into: linear.weight, bias: linear.bias, name)
            linear = Linear(weight: weight, bias: bias)
        }
        if let after = try batchNorm(before: "relu", inputs: shape[0]) {
            let (weight, bias) = try finite(after.following(linear.weight, bias: linear.bias), name)
            linear = Linear(weight: weight, bias: bias)
        }
        return StepConvolution(linear: linear, frames: frames)
    }

    /// The weights of one direction of a layer.
    /// - Parameter name: of a tensor by that of its row.
    private func weights(
        _ cell: RecurrentCell, _ inputs: Int, _ before: Affine?, name: (String) -> String
    ) throws -> RecurrentWeights {
        let size = (gates: cell.gates, inputs: inputs, hidden: description.encoder.hidden)
        let rows = size.gates * size.hidden
        func otherCell(_ found: [Int]) -> String {
            guard let first = found.first, first != rows, first % size.hidden == 0 else { return "" }
            let cells = RecurrentCell.allCases.filter { $0.gates * size.hidden == first }.map(\.rawValue)
            return cells.isEmpty ? "" : " (that of \(cells.joined(separator: " or ")))"
        }
        let table = RecurrentWeights.rows(size)
        let values = try table.map { row in
            description.encoder.bias || row.shape.count > 1
                ? try tensors.values(
                    name(row.name), shape: row.shape, hint: row.name == table[0].name ? otherCell : { _ in "" })
                : [Float](repeating: 0, count: rows)
        }
        var weights = RecurrentWeights(size, tensors: values)
        if let before {
            (weights.input, weights.inputBias) = try folded(
                before, into: weights.input, bias: weights.inputBias, name(table[0].name))
        }
        return weights
    }

    private func folded(
        _ before: Affine, into weight: Matrix, bias: [Float], _ name: String
    ) throws -> (Matrix, [Float]) {
        try finite(before.folded(into: weight, bias: bias), name)
    }

    private func finite(_ result: (weight: Matrix, bias: [Float]), _ name: String) throws -> (Matrix, [Float]) {
        guard result.weight.values.allSatisfy(\.isFinite), result.bias.allSatisfy(\.isFinite) else {
            throw tensors.error(
                "has weights beyond float32 once \(OneLine.quoted(name)) takes in the normalisation beside it",
                mend: "take another checkpoint")
        }
        return result
    }

    // MARK: The head

    /// A linear layer and its symbols, the blank first.
    private mutating func head(
        _ described: PyTorchDescription.Head, _ module: String, inputs: Int
    ) throws -> (Linear, [String]) {
        let name = StateDict.name(module, "weight")
        let rows = tensors.shape(of: name).flatMap { $0.count == 2 && $0[0] > 0 ? $0[0] : nil }
        var weight = try tensors.matrix(name, rows: rows ?? described.vocabulary.count, columns: inputs)
        var bias =
            described.bias
            ? try tensors.values(StateDict.name(module, "bias"), shape: [weight.rows])
            : [Float](repeating: 0, count: weight.rows)
        if let norm = try batchNorm(before: "head", inputs: inputs) {
            (weight, bias) = try folded(norm, into: weight, bias: bias, name)
        }
        let symbols = try vocabulary(described, rows: weight.rows)
        return blankFirst(Linear(weight: weight, bias: bias), symbols, blank: described.blank)
    }

    private func headModule(inputs: Int) throws -> String {
        if let module = names.head { return module }
        let found = tensors.modules(having: "weight").filter { module in
            let shape = tensors.shape(of: StateDict.name(module, "weight"))
            return shape?.count == 2 && shape?.last == inputs
        }
        guard found.count == 1 else {
            throw tensors.error(
                "holds \(found.isEmpty ? "no linear layer" : "\(found.count) linear layers") that could read the "
                    + "\(inputs) features of the last recurrent layer",
                mend: "name the one under tensors.head in the description")
        }
        return found[0]
    }

    private func vocabulary(_ head: PyTorchDescription.Head, rows: Int) throws -> [String] {
        guard head.vocabulary.count == rows else {
            throw wrong(
                "has \(head.vocabulary.count) symbols in its vocabulary, and the head has \(rows) rows",
                mend: "list a symbol for each row, the blank among them")
        }
        guard head.vocabulary.indices.contains(head.blank) else {
            throw wrong("names row \(head.blank) of \(rows) as the blank")
        }
        var symbols = head.vocabulary
        if let space = head.space, !space.isEmpty {
            for row in symbols.indices where row != head.blank {
                symbols[row] = symbols[row].replacingOccurrences(of: space, with: " ")
            }
        }
        if symbols[head.blank].isEmpty { symbols[head.blank] = "<blank>" }
        if let row = symbols.firstIndex(of: "") { throw wrong("has an empty symbol, for row \(row)") }
        guard symbols.allSatisfy({ OneLine.escaped($0) == $0 }) else {
            throw wrong(
                "has control characters in its vocabulary", mend: "name the blank and the space in plain characters")
        }
        var seen: Set<String> = []
        if let twice = symbols.first(where: { !seen.insert($0).inserted }) {
            throw wrong("has the symbol \(OneLine.quoted(twice)) twice in its vocabulary")
        }
        return symbols
    }

    /// Rows and symbols in an order that begins with the blank.
    private mutating func blankFirst(_ head: Linear, _ symbols: [String], blank: Int) -> (Linear, [String]) {
        guard blank != 0 else { return (head, symbols) }
        notes.append("the blank was row \(blank) and is class 0; the others keep their order")
        let order = [blank] + symbols.indices.filter { $0 != blank }
        let weight = Matrix(
            rows: head.weight.rows, columns: head.weight.columns, values: order.flatMap { head.weight.row($0) })
        return (Linear(weight: weight, bias: order.map { head.bias[$0] }), order.map { symbols[$0] })
    }

    /// A tensor that no part has read would be lost in silence; its presence means that the network is another.
    private mutating func expectNothingElse() throws {
        let ignored = tensors.unread.filter { name in
            names.ignored.contains { name == $0 || name.hasPrefix("\($0).") }
        }
        ignored.forEach(tensors.passOver)
        if !ignored.isEmpty { notes.append("\(ignored.count) tensors are ignored, as the description asks") }
        guard let other = tensors.unread.first else { return }
        let shape = tensors.shape(of: other) ?? []
        throw tensors.error(
            "holds the tensor \(OneLine.quoted(other)) of shape \(shape.prefix(8)), of which the description says "
                + "nothing",
            mend: shape.count > 2
                ? "name a convolution over the frames of a step under tensors.convolution; others cannot be taken over"
                : "name batch normalisation under tensors.batch_norm, and what is no part of the recogniser under "
                    + "tensors.ignore; layer normalisation and further linear layers cannot be taken over")
    }
}
