import AcousticModel
import CTC
import Networks
import VectorKernels

/// An encoder and its heads while they learn: the forward pass, the losses and the backward pass of a batch.
package struct TrainableModel: Sendable {
    /// The lowest layers, where they stay as they are; nil where all learn.
    var frozen: RecurrentNetwork?
    /// The layers that learn.
    var encoder: RecurrentNetwork
    package var head: TrainableHead
    /// A head of characters beside phones; nil where there is one head.
    package var characterHead: TrainableHead?
    /// In training: between layers, before the head, and on the recurrent connection.
    let dropout: RecurrentDropout
    /// Of the products of matrices in training.
    let precision: ProductPrecision
    let blank: Int

    /// The network that a recipe describes, for the steps of a front end and the symbols of its heads, with random weights.
    /// - Parameter characters: of a head of characters beside phones; nil where there is one head.
    init(_ recipe: TrainingRecipe, frontEnd: FrontEnd, vocabulary: Vocabulary, characters: Vocabulary?) {
        var generator = SplitMix64(seed: Streams.seed(recipe.training.seed, .weights))
        let (network, inputs) = (recipe.network, frontEnd.stepDimension)
        let directions = network.isBidirectional ? 2 : 1
        let convolution =
            network.convolution > 0
            ? StepConvolution(
                outputs: network.convolution, inputs: inputs, frames: frontEnd.stack, from: &generator) : nil
        encoder = RecurrentNetwork(
            convolution: convolution,
            layers: (0..<network.layers).map { layer in
                RecurrentLayer(
                    cell: network.cell,
                    inputs: layer == 0 ? convolution?.outputs ?? inputs : network.hidden * directions,
                    hidden: network.hidden, directions: directions, from: &generator)
            })
        head = TrainableHead(
            kind: recipe.network.heads.hasPhones ? .phones : .characters,
            last: Linear(outputs: vocabulary.symbols.count, inputs: encoder.outputs, from: &generator))
        let outputs = encoder.outputs
        characterHead = characters.map { characters in
            TrainableHead(
                kind: .characters,
                last: Linear(outputs: characters.symbols.count, inputs: outputs, from: &generator))
        }
        (dropout, precision) = (network.encoderDropout, recipe.training.precision)
        blank = vocabulary.blank
    }

    /// Takes layers and a head with the weights that they have.
    package init(
        frozen: RecurrentNetwork?, encoder: RecurrentNetwork, head: TrainableHead, characterHead: TrainableHead? = nil,
        dropout: RecurrentDropout, precision: ProductPrecision = .single
    ) {
        (self.frozen, self.encoder, self.head, self.characterHead) = (frozen, encoder, head, characterHead)
        (self.dropout, self.precision) = (dropout, precision)
        blank = TrainableHead.blank
    }

    /// All weights, a tensor each, in the order of ``names``.
    package var parameters: [[Float]] {
        get { encoder.parameters + head.parameters + (characterHead?.parameters ?? []) }
        set {
            let (own, second) = (head.names().count, characterHead?.names().count ?? 0)
            encoder.parameters = Array(newValue.dropLast(own + second))
            head.parameters = Array(newValue.suffix(own + second).prefix(own))
            characterHead?.parameters = Array(newValue.suffix(second))
        }
    }

    /// Changes the weights where they lie; see ``TrainableLayer/updateParameters(_:)``.
    mutating func updateParameters<Result>(_ body: (inout [[Float]]) throws -> Result) rethrows -> Result {
        var tensors = encoder.takeParameters() + head.takeParameters() + (characterHead?.takeParameters() ?? [])
        defer { parameters = tensors }
        return try body(&tensors)
    }

    /// What learns, the lowest first, with the names of its tensors in a model file.
    private var parts: [(name: String, tensors: [String])] {
        (encoder.convolutionPart.map { [("convolution", $0.weightNames)] } ?? [])
            + encoder.layerParts(from: frozenLayers).enumerated().map { index, directions in
                ("layer \(frozenLayers + index)", directions.flatMap(\.weightNames))
            }
            + [("head", head.names())]
            + (characterHead.map { [("character head", $0.names(TensorName.characterHead))] } ?? [])
    }

    /// The names of ``parameters`` as they stand in a model file.
    package var names: [String] { parts.flatMap(\.tensors) }

    /// The tensors of each layer, by their numbers among ``parameters``; the head is the last, or a head of characters beside it.
    var layers: [(name: String, tensors: Range<Int>)] {
        var first = 0
        return parts.map { part in
            defer { first += part.tensors.count }
            return (part.name, first..<first + part.tensors.count)
        }
    }

    private var frozenLayers: Int { frozen?.layers.count ?? 0 }

    /// All layers, those that stay as they are among them.
    var wholeEncoder: RecurrentNetwork {
        frozen.map { RecurrentNetwork(convolution: $0.convolution, layers: $0.layers + encoder.layers) } ?? encoder
    }

    /// What a batch is to give: the labels of each recording for each head, and by what each head's gradient is multiplied.
    package struct Targets: Sendable {
        let labels: [[Int]]
        let weight: Float
        /// For the head of characters, where there is one.
        let characters: [[Int]]
        let characterWeight: Float

        package init(labels: [[Int]], weight: Float, characters: [[Int]] = [], characterWeight: Float = 0) {
            (self.labels, self.weight) = (labels, weight)
            (self.characters, self.characterWeight) = (characters, characterWeight)
        }

        /// Those of some of the recordings.
        func selecting(_ indices: [Int]) -> Targets {
            Targets(
                labels: indices.map { labels[$0] }, weight: weight,
                characters: characters.isEmpty ? [] : indices.map { characters[$0] }, characterWeight: characterWeight)
        }
    }

    /// What a batch, or a part of one, gives.
    package struct Result: Sendable {
        /// Of the sum of the losses, each times its weight.
        package var gradients: [[Float]]
        /// The sum of the first head's losses, in nats, over the recordings that have a path.
        package var loss: Double
        /// The sum of the losses of the characters beside it.
        package var characterLoss = 0.0
        /// Recordings that no path spells: they are left out.
        var impossible: Int
        /// The gradient along time, where it was asked for.
        var flow: GradientFlow?
    }

    /// What a batch of no recording gives.
    var zeroResult: Result {
        Result(
            gradients: encoder.zeroGradient().tensors + head.zeroGradient().tensors
                + (characterHead?.zeroGradient().tensors ?? []), loss: 0, impossible: 0, flow: nil)
    }

    /// The gradient of the losses of a batch.
    /// - Parameters:
    ///   - steps: [steps, features] of each recording.
    ///   - targets: of each recording.
    ///   - seeds: for the dropout of each recording.
    ///   - recordsFlow: whether the gradient is also measured along time.
    ///   - threads: at most this many run at once; nothing depends on it.
    package func gradient(
        steps: [Matrix], targets: Targets, seeds: [UInt64], recordsFlow: Bool, loss: TrainingLoss,
        characterLoss: TrainingLoss,
        threads: Int
    ) throws -> Result {
        let x = frozen.map { $0.forward(SequenceBatch(steps), threads: threads).output } ?? SequenceBatch(steps)
        let (hidden, _, saved) = encoder.forwardTraining(
            x, dropout: dropout, seeds: seeds, precision: precision, threads: threads)
        // Other numbers than those inside the encoder, which starts from the seeds themselves.
        let (dropped, mask) =
            dropout.between.probability > 0
            ? dropout.between.forwardTraining(
                hidden, seeds: seeds.map { Streams.seed($0, .dropout) }, threads: threads)
            : (hidden, nil)
        var (gradient, headGradient) = (encoder.zeroGradient(), head.zeroGradient())
        let learned = try head.learn(
            SequenceBatch(layout: x.layout, values: dropped.values), labels: targets.labels, weight: targets.weight,
            loss: loss, gradient: &headGradient, threads: threads)
        var (dHidden, tensors) = (learned.dInput, headGradient.tensors)
        var (spelled, impossible) = (0.0, learned.impossible)
        if let characterHead {
            var own = characterHead.zeroGradient()
            let characters = try characterHead.learn(
                SequenceBatch(layout: x.layout, values: dropped.values), labels: targets.characters,
                weight: targets.characterWeight, loss: characterLoss, gradient: &own, threads: threads)
            dHidden.add(characters.dInput)
            tensors += own.tensors
            (spelled, impossible) = (characters.loss, max(impossible, characters.impossible))
        }
        if let mask { dHidden = dropout.between.backward(dHidden, saved: mask, threads: threads) }
        let flow = recordsFlow ? GradientFlow() : nil
        encoder.backwardToWeights(
            SequenceBatch(layout: x.layout, values: dHidden), input: x, saved: saved, gradient: &gradient, flow: flow,
            threads: threads)
        return Result(
            gradients: gradient.tensors + tensors, loss: learned.loss, characterLoss: spelled, impossible: impossible,
            flow: flow)
    }
}

extension Matrix {
    /// self += other, element by element.
    fileprivate mutating func add(_ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns)
        withUnsafeMutableBufferPointer { sum in
            other.withUnsafeBufferPointer { other in
                for index in sum.indices { sum[index] += other[index] }
            }
        }
    }
}
