import AcousticModel
import CTC
import Networks
import Training
import VectorKernels

/// Trains a head by itself on outputs of an encoder that stays as it is: they are computed once, so an epoch takes a part of a
/// second.
struct HeadTraining: Sendable {
    /// Encoder outputs, [steps, outputs], of a recording, as it is and varied.
    typealias Copies = [Matrix]

    /// Passes over the recordings.
    var epochs = 40
    var learningRate = 3e-3
    var batchSize = 32
    var seed: UInt64 = 1
    var threads = 1

    /// Trains a head.
    /// - Parameters:
    ///   - outputs: of each recording; one of its copies is drawn in each epoch.
    ///   - labels: of each recording.
    ///   - score: the dev error of a head, by which the best state is chosen; nil: the last is taken.
    /// - Returns: the head, and its dev error.
    func train(
        _ head: TrainableHead, outputs: [Copies], labels: [[Int]], score: ((TrainableHead) -> DevScore)? = nil,
        isInterrupted: () -> Bool = { false }
    ) throws -> (head: TrainableHead, score: DevScore?) {
        var head = head
        let starting = (head: head, score: score?(head))
        var best = starting
        let batches = max(1, (labels.count + batchSize - 1) / batchSize)
        var schedule = LearningRateSchedule(
            peak: learningRate, warmUp: batches, shape: .cosine(steps: epochs * batches, minimum: 0))
        var optimiser = Adam.w(for: head.parameters, weightDecay: 0.01, maximumNorm: 5)
        let loss = TrainingLoss(blank: TrainableHead.blank, ngram: head.ngram)
        for epoch in 0..<epochs {
            var numbers = SplitMix64(seed: Streams.seed(seed, .order, epoch))
            let order = numbers.shuffled(Array(labels.indices))
            for start in Swift.stride(from: 0, to: order.count, by: batchSize) {
                let mine = Array(order[start..<min(start + batchSize, order.count)])
                let drawn = mine.map { outputs[$0][numbers.below(outputs[$0].count)] }
                let count = mine.reduce(0) { $0 + max(1, labels[$1].count) }
                var gradient = head.zeroGradient()
                _ = try head.learn(
                    SequenceBatch(drawn), labels: mine.map { labels[$0] }, weight: 1 / Float(count), loss: loss,
                    gradient: &gradient, threads: threads)
                optimiser.learningRate = schedule.rate
                _ = head.updateParameters { optimiser.step(&$0, gradients: gradient.tensors) }
                schedule.advance()
            }
            if isInterrupted() { throw TrainingInterrupted(description: "stopped while the head was trained") }
            if let score {
                let reached = score(head)
                // Of equals the later: it has seen more.
                if best.score.map({ !($0 < reached) }) ?? true { best = (head, reached) }
            }
        }
        return score == nil ? (head, nil) : best
    }
}
