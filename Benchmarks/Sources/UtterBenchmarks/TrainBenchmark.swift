import ArgumentParser
import UtterTraining

/// A training step of the network of the peers, 4 layers of 320 units a direction and a linear layer from 640 to 29
/// classes, over 16 utterances of 500 steps of 240 inputs and 60 labels each: forward, CTC loss, backward, Adam.
/// Frames a second, with products in float32 and, where the processor has them, in bfloat16.
struct TrainBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "train")

    @Option var threads = 2
    @Option var runs = 5
    @Option(help: "lstm, gru, or both where it is not given.") var cell: String?

    func run() throws {
        var values: [String: Double] = [:]
        for recurrent in [RecurrentCell.lstm, .gru] where cell == nil || cell == recurrent.rawValue {
            for precision in ProductPrecision.allCases where precision == .single || ProductPrecision.hasBFloat16 {
                var step = try TrainingStep(cell: recurrent, precision: precision, threads: threads)
                let seconds = try medianTime(runs: runs) { try step.run() }
                let suffix = precision == .single ? "" : "_\(precision.rawValue)"
                values["utter_train_bi\(recurrent.rawValue)\(suffix)"] =
                    Double(TrainingStep.batch * TrainingStep.frames) / seconds
            }
        }
        values["sgemm_gflops"] = sgemm()
        try report(values)
    }

    /// What the machine can do at the most: products of 2048-square matrices, one on each thread at a time.
    private func sgemm() -> Double {
        let size = 2048
        let square = Matrix(rows: size, columns: size, repeating: 0.5)
        let layer = Linear(weight: square, bias: [Float](repeating: 0, count: size))
        let seconds = medianTime(runs: runs) {
            Parallel.forEach(threads, threads: threads) { _ in _ = layer.forward(square) }
        }
        return 2 * Double(size * size * size) * Double(threads) / seconds / 1e9
    }
}

/// What a step of training changes and what it reads.
private struct TrainingStep {
    static let (batch, frames, labels, classes) = (16, 500, 60, 29)
    private static let (inputs, hidden, layers) = (240, 320, 4)

    private let precision: ProductPrecision
    private let threads: Int
    private var network: RecurrentNetwork
    private var head: Linear
    private var optimiser: Adam
    private let loss = CTCLoss()
    private let x: SequenceBatch
    private let targets: [[Int]]
    private let layout: CTCLayout

    init(cell: RecurrentCell, precision: ProductPrecision, threads: Int) throws {
        let (hidden, inputs, classes) = (Self.hidden, Self.inputs, Self.classes)
        (self.precision, self.threads) = (precision, threads)
        var generator = SplitMix64(seed: 3)
        func array(_ count: Int, _ scale: Float) -> [Float] {
            (0..<count).map { _ in Float.random(in: -scale...scale, using: &generator) }
        }
        let scale = 1 / Float(hidden).squareRoot()
        let rows = cell.gates * hidden
        network = RecurrentNetwork(
            layers: (0..<Self.layers).map { layer in
                let columns = layer == 0 ? inputs : 2 * hidden
                return RecurrentLayer(
                    cell: cell,
                    directions: (0..<2).map { _ in
                        RecurrentWeights(
                            input: Matrix(rows: rows, columns: columns, values: array(rows * columns, scale)),
                            recurrent: Matrix(rows: rows, columns: hidden, values: array(rows * hidden, scale)),
                            inputBias: array(rows, scale), recurrentBias: array(rows, scale))
                    })
            })
        head = Linear(
            weight: Matrix(rows: classes, columns: 2 * hidden, values: array(classes * 2 * hidden, scale)),
            bias: array(classes, scale))
        optimiser = Adam(for: network.parameters + head.parameters, learningRate: 1e-4)
        // Uniform numbers of variance 1.
        x = SequenceBatch(
            (0..<Self.batch).map { _ in
                Matrix(rows: Self.frames, columns: inputs, values: array(Self.frames * inputs, 1.732))
            })
        targets = (0..<Self.batch).map { _ in
            (0..<Self.labels).map { _ in Int.random(in: 1..<classes, using: &generator) }
        }
        layout = .packed(
            lengths: x.layout.lengths, order: x.layout.order, firstRow: x.layout.firstRow, classes: classes)
    }

    mutating func run() throws {
        let (hidden, _, saved) = network.forwardTraining(x, precision: precision, threads: threads)
        // The loss turns the logits into their gradient, in place.
        var logits = head.forward(hidden.values)
        try logits.withUnsafeMutableBufferPointer { logits in
            _ = try loss.evaluate(
                logits: UnsafeBufferPointer(logits), gradient: logits, layout: layout, targets: targets,
                reduction: .mean, threads: threads)
        }
        var (gradient, headGradient) = (network.zeroGradient(), head.zeroGradient())
        let dHidden = head.backward(logits, input: hidden.values, gradient: &headGradient)
        network.backwardToWeights(
            SequenceBatch(layout: x.layout, values: dHidden), input: x, saved: saved, gradient: &gradient,
            threads: threads)
        var parameters = network.takeParameters() + head.takeParameters()
        optimiser.step(&parameters, gradients: gradient.tensors + headGradient.tensors, threads: threads)
        network.parameters = Array(parameters.dropLast(2))
        head.parameters = Array(parameters.suffix(2))
    }
}
