import CTC
import Networks
import VectorKernels

/// An encoder and a head while they learn: the forward pass, the loss and the backward pass of a batch.
struct TrainableModel: Sendable {
    /// The lowest layers, where they stay as they are; nil where all learn.
    var frozen: RecurrentNetwork?
    /// The layers that learn.
    var encoder: RecurrentNetwork
    var head: TrainableHead
    /// In training: between layers, before the head, and on the recurrent connection.
    let dropout: RecurrentDropout
    /// Of the products of matrices in training.
    let precision: ProductPrecision
    let blank: Int

    /// The network that a recipe describes, for the steps and the symbols of its material, with random weights.
    init(_ recipe: TrainingRecipe, material: TrainingMaterial) {
        var generator = SplitMix64(seed: Streams.seed(recipe.training.seed, .weights))
        let (network, inputs) = (recipe.network, material.frontEnd.stepDimension)
        let directions = network.isBidirectional ? 2 : 1
        let convolution =
            network.convolution > 0
            ? StepConvolution(
                outputs: network.convolution, inputs: inputs, frames: material.frontEnd.stack, from: &generator) : nil
        encoder = RecurrentNetwork(
            convolution: convolution,
            layers: (0..<network.layers).map { layer in
                RecurrentLayer(
                    cell: network.cell,
                    inputs: layer == 0 ? convolution?.outputs ?? inputs : network.hidden * directions,
                    hidden: network.hidden, directions: directions, from: &generator)
            })
        head = TrainableHead(
            kind: .characters,
            last: Linear(outputs: material.vocabulary.symbols.count, inputs: encoder.outputs, from: &generator))
        (dropout, precision) = (network.encoderDropout, recipe.training.precision)
        blank = material.vocabulary.blank
    }

    /// Takes layers and a head with the weights that they have.
    init(
        frozen: RecurrentNetwork?, encoder: RecurrentNetwork, head: TrainableHead, dropout: RecurrentDropout,
        precision: ProductPrecision = .single
    ) {
        (self.frozen, self.encoder, self.head) = (frozen, encoder, head)
        (self.dropout, self.precision) = (dropout, precision)
        blank = TrainableHead.blank
    }

    /// All weights, a tensor each, in the order of ``names``.
    var parameters: [[Float]] {
        get { encoder.parameters + head.parameters }
        set {
            encoder.parameters = Array(newValue.dropLast(head.names.count))
            head.parameters = Array(newValue.suffix(head.names.count))
        }
    }

    /// Changes the weights where they lie; see ``TrainableLayer/updateParameters(_:)``.
    mutating func updateParameters<Result>(_ body: (inout [[Float]]) throws -> Result) rethrows -> Result {
        var tensors = encoder.takeParameters() + head.takeParameters()
        defer { parameters = tensors }
        return try body(&tensors)
    }

    /// The names of ``parameters`` as they stand in a model file.
    var names: [String] {
        (encoder.convolution == nil ? [] : ["encoder.convolution.weight", "encoder.convolution.bias"])
            + encoder.layers.enumerated().flatMap { index, layer in
                ["forward", "backward"].prefix(layer.directions.count).flatMap { direction in
                    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map {
                        "encoder.layers.\(frozenLayers + index).\(direction).\($0)"
                    }
                }
            } + head.names
    }

    /// The tensors of each layer, by their numbers among ``parameters``; the head is the last.
    var layers: [(name: String, tensors: Range<Int>)] {
        let each = encoder.layers[0].directions.count * 4
        let below = encoder.convolution == nil ? 0 : 2
        let recurrent = encoder.layers.indices.map {
            ("layer \(frozenLayers + $0)", below + $0 * each..<below + ($0 + 1) * each)
        }
        let first = below + encoder.layers.count * each
        return (below == 0 ? [] : [("convolution", 0..<below)]) + recurrent
            + [("head", first..<first + head.names.count)]
    }

    private var frozenLayers: Int { frozen?.layers.count ?? 0 }

    /// All layers, those that stay as they are among them.
    var wholeEncoder: RecurrentNetwork {
        frozen.map { RecurrentNetwork(convolution: $0.convolution, layers: $0.layers + encoder.layers) } ?? encoder
    }

    /// What a batch, or a part of one, gives.
    struct Result: Sendable {
        /// Of the sum of the losses, times the weight.
        var gradients: [[Float]]
        /// The sum of the losses, in nats, over the recordings that have a path.
        var loss: Double
        /// Recordings that no path spells: they are left out.
        var impossible: Int
        /// The gradient along time, where it was asked for.
        var flow: GradientFlow?
    }

    /// What a batch of no recording gives.
    var zeroResult: Result {
        Result(
            gradients: encoder.zeroGradient().tensors + head.zeroGradient().tensors, loss: 0, impossible: 0, flow: nil)
    }

    /// The gradient of the CTC losses of a batch.
    /// - Parameters:
    ///   - steps: [steps, features] of each recording.
    ///   - labels: of each recording.
    ///   - seeds: for the dropout of each recording.
    ///   - weight: by what the gradient is multiplied.
    ///   - recordsFlow: whether the gradient is also measured along time.
    ///   - threads: at most this many run at once; nothing depends on it.
    func gradient(
        steps: [Matrix], labels: [[Int]], seeds: [UInt64], weight: Float, recordsFlow: Bool, loss: CTCLoss, threads: Int
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
            SequenceBatch(layout: x.layout, values: dropped.values), labels: labels, weight: weight, loss: loss,
            gradient: &headGradient, threads: threads)
        var dHidden = learned.dInput
        if let mask { dHidden = dropout.between.backward(dHidden, saved: mask, threads: threads) }
        let flow = recordsFlow ? GradientFlow() : nil
        encoder.backwardToWeights(
            SequenceBatch(layout: x.layout, values: dHidden), input: x, saved: saved, gradient: &gradient, flow: flow,
            threads: threads)
        return Result(
            gradients: gradient.tensors + headGradient.tensors, loss: learned.loss, impossible: learned.impossible,
            flow: flow)
    }
}

extension RecurrentLayer {
    /// A layer of random weights: uniform within 1 / sqrt(hidden), as PyTorch has them; the bias of an LSTM's forget gate is
    /// 1 more, so that the cell remembers at first (Jozefowicz et al. 2015).
    init(cell: RecurrentCell, inputs: Int, hidden: Int, directions: Int, from generator: inout SplitMix64) {
        let rows = cell.gates * hidden
        let bound = 1 / Float(hidden).squareRoot()
        let weights = (0..<directions).map { _ in
            var weights = RecurrentWeights(
                input: Matrix(rows: rows, columns: inputs, uniform: bound, from: &generator),
                recurrent: Matrix(rows: rows, columns: hidden, uniform: bound, from: &generator),
                inputBias: Matrix(rows: 1, columns: rows, uniform: bound, from: &generator).values,
                recurrentBias: Matrix(rows: 1, columns: rows, uniform: bound, from: &generator).values)
            if cell == .lstm { for unit in hidden..<2 * hidden { weights.inputBias[unit] += 1 } }
            return weights
        }
        self.init(cell: cell, directions: weights)
    }
}

extension StepConvolution {
    /// Random filters over steps of so many inputs: uniform within sqrt(6 / inputs), so that what is left above zero is as large as
    /// what came in (He et al. 2015, "Delving Deep into Rectifiers").
    init(outputs: Int, inputs: Int, frames: Int, from generator: inout SplitMix64) {
        let gain = Float(6).squareRoot()
        self.init(linear: Linear(outputs: outputs, inputs: inputs, gain: gain, from: &generator), frames: frames)
    }
}

extension Linear {
    /// A layer of random weights: uniform within gain / sqrt(inputs); PyTorch's have a gain of 1.
    init(outputs: Int, inputs: Int, gain: Float = 1, from generator: inout SplitMix64) {
        let bound = gain / Float(inputs).squareRoot()
        self.init(
            weight: Matrix(rows: outputs, columns: inputs, uniform: bound, from: &generator),
            bias: Matrix(rows: 1, columns: outputs, uniform: bound, from: &generator).values)
    }
}
