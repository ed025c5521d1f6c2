import AcousticModel
import CTC
import Networks
import TestSupport
import Testing
import Training

@Suite struct TrainableHeadTests {
    private func matrix(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) -> Matrix {
        Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in generator.uniform() })
    }

    @Test(
        "the gradient of a head and of its input is that of finite differences, of every kind",
        arguments: [
            (HeadKind.classifier, nil as Int?), (.classifier, 5), (.words, 5), (.characters, nil), (.phrases, nil),
        ])
    func gradient(kind: HeadKind, hidden: Int?) throws {
        var generator = SeededGenerator(seed: 5)
        let outputs = kind.outputs(classes: 3)
        let characters = Vocabulary(symbols: ["<blank>", "a", "b"])
        let head = TrainableHead(
            kind: kind,
            hidden: hidden.map { Linear(weight: matrix($0, 4, &generator), bias: [Float](repeating: 0.1, count: $0)) },
            last: Linear(weight: matrix(outputs, hidden ?? 4, &generator), bias: [Float](repeating: 0, count: outputs)),
            phrases: kind == .phrases
                ? PhraseScores(phrases: ["ab", "ba", "b"], bias: [0.5, 0, 0.25, 1], vocabulary: characters) : nil)
        // An empty text is none of a recording's labels, but a CTC path of its own.
        let x = SequenceBatch([matrix(6, 4, &generator), matrix(4, 4, &generator), matrix(3, 4, &generator)])
        let labels = [[1], [2], []]
        let ctc = TrainingLoss(blank: 0)
        func loss(_ head: TrainableHead, _ x: SequenceBatch) throws -> Double {
            var gradient = head.zeroGradient()
            return try head.learn(x, labels: labels, weight: 1, loss: ctc, gradient: &gradient, threads: 1).loss
        }
        var gradient = head.zeroGradient()
        let learned = try head.learn(x, labels: labels, weight: 1, loss: ctc, gradient: &gradient, threads: 1)
        let step: Float = 1e-2
        for (tensor, values) in head.parameters.enumerated() {
            for index in values.indices {
                let losses = try [step, -step].map { change in
                    var moved = head
                    moved.parameters[tensor][index] += change
                    return try loss(moved, x)
                }
                let slope = (losses[0] - losses[1]) / Double(2 * step)
                #expect(
                    abs(slope - Double(gradient.tensors[tensor][index])) < 5e-3, "tensor \(tensor), element \(index)")
            }
        }
        for index in x.values.values.indices {
            let losses = try [step, -step].map { change in
                var values = x.values.values
                values[index] += change
                return try loss(
                    head, x.mapValues { Matrix(rows: $0.rows, columns: $0.columns, values: values) })
            }
            let slope = (losses[0] - losses[1]) / Double(2 * step)
            #expect(abs(slope - Double(learned.dInput.values[index])) < 5e-3, "input \(index)")
        }
    }
}
