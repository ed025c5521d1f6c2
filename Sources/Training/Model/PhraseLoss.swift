import AcousticModel
import CTC
import Foundation
import Networks
import VectorKernels

/// What a head of phrases learns from a recording: the cross-entropy of its label among all phrases, and the CTC loss of its
/// spelling.
///
/// The first alone (maximum mutual information, Bahl et al. 1986) is satisfied as soon as the right phrase is ahead; the second
/// keeps on saying how it is spelled, which carries over to speakers who were not heard.
struct PhraseLoss {
    /// How much the CTC loss of the right phrase counts.
    static let spellingShare: Float = 0.3
    /// Parts of the gradient below this are left out.
    private static let negligible: Float = 1e-4
    /// Spellings that count less in their phrase are left out.
    private static let leastShare: Float = 1e-3

    private let phrases: PhraseScores
    private let loss: CTCLoss

    init(_ phrases: PhraseScores, _ loss: CTCLoss) { (self.phrases, self.loss) = (phrases, loss) }

    /// What a recording gives.
    struct Result {
        /// Nats.
        var loss: Double
        /// Of the scores of the steps, [steps, characters].
        var steps: Matrix
        /// Of the biases, [phrases + 1].
        var bias: [Float]
        /// Whether no path spells the label in so few steps.
        var isImpossible = false
    }

    /// - Parameters:
    ///   - scores: [steps, characters], before any softmax.
    ///   - label: the phrase; their number for none.
    ///   - weight: by what the gradient is multiplied.
    func evaluate(_ scores: Matrix, label: Int, weight: Float) throws -> Result {
        let none = phrases.phrases.count
        var posteriors = scores
        posteriors.applyLogSoftmax()
        let heard = LogProbabilities(classes: scores.columns, values: posteriors.values)
        let ways = phrases.waysToSay(heard)
        let z = phrases.scores(of: heard, ways: ways)
        guard label == none || z[label] > PhraseScores.impossible else {
            return Result(
                loss: 0, steps: Matrix(rows: scores.rows, columns: scores.columns), bias: z.map { _ in 0 },
                isImpossible: true)
        }
        let logs = z.logSoftmax
        let dz = logs.indices.map { weight * (exp(logs[$0]) - ($0 == label ? 1 : 0)) }
        var sum = -Double(logs[label])
        var steps = [Float](repeating: 0, count: scores.values.count)
        var gradient = [Float](repeating: 0, count: scores.values.count)
        for phrase in 0..<none {
            // dl_p/dscores is the negative of CTC's gradient, of each spelling by its share in l_p.
            let factor = -PhraseScores.scale * dz[phrase] + (phrase == label ? weight * Self.spellingShare : 0)
            if phrase == label { sum -= Double(Self.spellingShare) * ways[phrase].logSum }
            guard abs(factor) > Self.negligible * weight, z[phrase] > PhraseScores.impossible else { continue }
            let total = ways[phrase].logSum
            for (spelling, value) in zip(phrases.spellings[phrase], ways[phrase]) {
                let share = Float(exp(value - total))
                guard share > Self.leastShare else { continue }
                try scores.withUnsafeBufferPointer { scores in
                    try gradient.withUnsafeMutableBufferPointer { gradient in
                        guard let start = scores.baseAddress else { return }
                        _ = try loss.forwardBackward(
                            logits: start, frames: posteriors.rows, classes: posteriors.columns,
                            targets: spelling.labels, gradient: gradient.baseAddress, scale: factor * share)
                    }
                }
                steps.add(gradient)
            }
        }
        if abs(dz[none]) > Self.negligible * weight {
            addBestPath(PhraseScores.scale * dz[none], posteriors, to: &steps)
        }
        return Result(
            loss: sum, steps: Matrix(rows: scores.rows, columns: scores.columns, values: steps), bias: dz)
    }

    /// d/dscores of the best path's logarithm: 1 at its class, less the softmax.
    private func addBestPath(_ factor: Float, _ posteriors: Matrix, to gradient: inout [Float]) {
        let path = BestPath(LogProbabilities(classes: posteriors.columns, values: posteriors.values)).classes
        for step in 0..<posteriors.rows {
            for column in 0..<posteriors.columns {
                let hit: Float = path[step] == column ? 1 : 0
                gradient[step * posteriors.columns + column] += factor * (hit - exp(posteriors[step, column]))
            }
        }
    }
}
