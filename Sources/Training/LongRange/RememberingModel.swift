import Foundation
import Networks

/// A recurrent layer that reads a sequence forwards, and a linear layer that names a symbol after the last step.
struct RememberingModel: Sendable {
    private var recurrent: RecurrentLayer
    private var head: Linear

    /// Starts from random weights.
    ///
    /// Weights are uniform within 1 / sqrt(hidden), as PyTorch has them, W_hh times the subject's gain. Gates are set so
    /// that the cells remember for spans of up to all steps, evenly spread (Tallec and Ollivier 2018): the bias of an LSTM's
    /// forget gate and of a GRU's update gate z is ln U(1, steps - 1), that of an LSTM's input gate minus that of its
    /// forget gate.
    init(_ subject: LongRangeSubject, hidden: Int, task: RememberingTask, from generator: inout SplitMix64) {
        let (cell, inputs) = (subject.cell, task.inputs)
        let rows = cell.gates * hidden
        let bound = 1 / Float(hidden).squareRoot()
        var weights = RecurrentWeights(
            input: Matrix(rows: rows, columns: inputs, uniform: bound, from: &generator),
            recurrent: Matrix(rows: rows, columns: hidden, uniform: bound * subject.recurrentGain, from: &generator),
            inputBias: [Float](repeating: 0, count: rows), recurrentBias: [Float](repeating: 0, count: rows))
        if subject.cell == .gru || subject.cell == .lstm {
            for unit in 0..<hidden {
                let span = log(1 + generator.unit() * Double(max(1, task.steps - 2)))
                weights.inputBias[hidden + unit] = Float(span)
                if subject.cell == .lstm { weights.inputBias[unit] = Float(-span) }
            }
        }
        recurrent = RecurrentLayer(cell: cell, directions: [weights])
        head = Linear(
            weight: Matrix(rows: task.symbols, columns: hidden, uniform: bound, from: &generator),
            bias: [Float](repeating: 0, count: task.symbols))
    }

    /// All weights, a tensor each: those of the recurrent layer, then the two of the head.
    var parameters: [[Float]] {
        get { recurrent.parameters + head.parameters }
        set {
            recurrent.parameters = Array(newValue.dropLast(2))
            head.parameters = Array(newValue.suffix(2))
        }
    }

    /// The layers by the names that a training log gives them, with their tensors among ``parameters``.
    static let layers = [("layer 0", 0..<4), ("head", 4..<6)]

    /// The mean cross-entropy in nats, and the share of sequences whose symbol was named.
    struct Score: Sendable, Equatable {
        var loss: Double
        var accuracy: Double
    }

    /// The score of a batch, and the gradient of its loss.
    /// - Parameter flow: where the gradient along time is recorded.
    func gradient(_ x: SequenceBatch, targets: [Int], flow: GradientFlow) -> (score: Score, gradients: [[Float]]) {
        let (output, final, saved) = recurrent.forwardTraining(x)
        let last = final.hidden[0]
        var dScores = logProbabilities(last)
        let score = score(dScores, targets: targets)
        // Of the mean of -ln p(target): (p - 1 at the target) / batch.
        let (batch, symbols) = (Float(targets.count), dScores.columns)
        dScores.withUnsafeMutableBufferPointer { scores in
            for index in scores.indices { scores[index] = exp(scores[index]) / batch }
            for (row, target) in targets.enumerated() { scores[row * symbols + target] -= 1 / batch }
        }
        var (ofRecurrent, ofHead) = (recurrent.zeroGradient(), head.zeroGradient())
        let dLast = head.backward(dScores, input: last, gradient: &ofHead)
        // The loss sees the last state alone.
        let zeros = Matrix(rows: last.rows, columns: last.columns)
        let dFinal = RecurrentState(hidden: [dLast], cell: final.cell.isEmpty ? [] : [zeros])
        recurrent.backwardToWeights(
            output.mapValues { Matrix(rows: $0.rows, columns: $0.columns) }, final: dFinal, input: x, saved: saved,
            gradient: &ofRecurrent, flow: flow)
        return (score, ofRecurrent.tensors + ofHead.tensors)
    }

    private func logProbabilities(_ last: Matrix) -> Matrix {
        var scores = head.forward(last)
        scores.applyLogSoftmax()
        return scores
    }

    private func score(_ logProbabilities: Matrix, targets: [Int]) -> Score {
        var (loss, right) = (0.0, 0)
        for (row, target) in targets.enumerated() {
            let scores = logProbabilities.row(row)
            loss -= Double(logProbabilities[row, target])
            if scores.allSatisfy({ $0 <= logProbabilities[row, target] }) { right += 1 }
        }
        return Score(loss: loss / Double(targets.count), accuracy: Double(right) / Double(targets.count))
    }
}
