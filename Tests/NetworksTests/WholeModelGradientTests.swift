import CTC
import Networks
import TestSupport
import Testing

/// A linear layer, two recurrent layers in both directions with dropout, a linear layer, CTC: the parts put together as a
/// trainer does it.
private struct SmallModel {
    private static let (inputs, channels, hidden, classes) = (3, 4, 5, 4)
    private static let (lengths, targets) = ([9, 14, 6], [[1, 2], [3, 3, 1], [2]])

    private var lowest: Linear
    private var recurrent: RecurrentNetwork
    private var head: Linear
    private let dropout: RecurrentDropout

    init(cell: RecurrentCell, dropout: RecurrentDropout) {
        var seed: UInt64 = 100
        func matrix(_ rows: Int, _ columns: Int) -> Matrix {
            seed += 1
            return Matrix(rows: rows, columns: columns, values: random(rows * columns, seed: seed, scale: 0.7))
        }
        let (channels, hidden) = (Self.channels, Self.hidden)
        lowest = Linear(weight: matrix(channels, Self.inputs), bias: matrix(1, channels).values)
        recurrent = RecurrentNetwork(
            layers: [channels, 2 * hidden].map { inputs in
                RecurrentLayer(
                    cell: cell,
                    directions: (0..<2).map { _ in
                        let rows = cell.gates * hidden
                        return RecurrentWeights(
                            input: matrix(rows, inputs), recurrent: matrix(rows, hidden),
                            inputBias: matrix(1, rows).values, recurrentBias: matrix(1, rows).values)
                    })
            })
        head = Linear(weight: matrix(Self.classes, 2 * hidden), bias: matrix(1, Self.classes).values)
        self.dropout = dropout
    }

    var parameters: [[Float]] {
        get { lowest.parameters + recurrent.parameters + head.parameters }
        set {
            lowest.parameters = Array(newValue.prefix(2))
            recurrent.parameters = Array(newValue.dropFirst(2).dropLast(2))
            head.parameters = Array(newValue.suffix(2))
        }
    }

    /// The loss of three utterances, and its gradient, in the order of ``parameters``.
    func loss() throws -> (value: Double, gradient: [[Float]]) {
        let inputs = Self.lengths.enumerated().map { index, steps in
            Matrix(rows: steps, columns: 3, values: random(3 * steps, seed: UInt64(index + 1)))
        }
        let x = SequenceBatch(inputs.map(lowest.forward))
        let (hidden, _, saved) = recurrent.forwardTraining(x, dropout: dropout, seeds: [11, 12, 13])
        let logits = SequenceBatch(layout: hidden.layout, values: head.forward(hidden.values))
        let (losses, gradients) = try CTCLoss().evaluate(
            logits.sequences.map { LogProbabilities(classes: Self.classes, values: $0.values) }, targets: Self.targets)
        let dLogits = SequenceBatch(
            gradients.map { Matrix(rows: $0.steps, columns: Self.classes, values: $0.values) })
        var (ofHead, ofRecurrent) = (head.zeroGradient(), recurrent.zeroGradient())
        var ofLowest = lowest.zeroGradient()
        let dHidden = head.backward(dLogits.values, input: hidden.values, gradient: &ofHead)
        let dx = recurrent.backward(
            SequenceBatch(layout: x.layout, values: dHidden), input: x, saved: saved, gradient: &ofRecurrent
        ).input.sequences
        for (dx, input) in zip(dx, inputs) { _ = lowest.backward(dx, input: input, gradient: &ofLowest) }
        return (losses.total, ofLowest.tensors + ofRecurrent.tensors + ofHead.tensors)
    }
}

@Suite struct WholeModelGradientTests {
    /// The slope of the loss along a direction in one tensor by differences of the fourth order: the loss is computed in
    /// float32, and needs steps that are long enough to be seen in it.
    private func slope(of model: SmallModel, tensor: Int, along direction: [Double]) throws -> Double {
        func loss(_ distance: Double) throws -> Double {
            var (moved, parameters) = (model, model.parameters)
            for index in direction.indices { parameters[tensor][index] += Float(distance * direction[index]) }
            moved.parameters = parameters
            return try moved.loss().value
        }
        let step = 0.02
        return try (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)
    }

    private func unit(_ vector: [Float]) -> [Double] {
        let norm = GradientClipping.norm(of: [vector])
        return vector.map { Double($0) / norm }
    }

    @Test(
        "the gradient of a whole model equals the differences of its loss, with each kind of dropout",
        arguments: [RecurrentCell.tanh, .gru, .lstm],
        [
            .none, RecurrentDropout(between: 0.2, recurrent: 0.3),
            RecurrentDropout(between: 0.3, draws: .perStep),
        ])
    func equalsDifferences(cell: RecurrentCell, dropout: RecurrentDropout) throws {
        let model = SmallModel(cell: cell, dropout: dropout)
        let gradient = try model.loss().gradient
        #expect(gradient.map(\.count) == model.parameters.map(\.count))
        for (tensor, mine) in gradient.enumerated() {
            let norm = GradientClipping.norm(of: [mine])
            #expect(norm > 0.01, "tensor \(tensor) has a gradient to compare")
            for direction in [unit(mine), unit(random(mine.count, seed: UInt64(tensor)))] {
                let expected = zip(mine, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
                let measured = try slope(of: model, tensor: tensor, along: direction)
                #expect(abs(measured - expected) < 2e-3 * norm, "tensor \(tensor): \(measured), \(expected)")
            }
        }
    }
}
