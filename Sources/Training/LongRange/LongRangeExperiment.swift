import Corpora
import Networks
import VectorKernels

/// Recurrent cells of one size learn one task of long range, and the gradient is watched on its way through the steps: what
/// `utter gradients` shows.
///
/// All see the same sequences in the same order, and have the same optimiser (Adam with clipping by global norm). Every
/// batch is new, so that its score is one on unseen data.
public struct LongRangeExperiment: Sendable {
    /// What is learned.
    public var task = RememberingTask()
    /// Units of the recurrent layer.
    public var hidden = 64
    /// Steps of the optimiser.
    public var updates = 900
    /// Sequences of a batch.
    public var batch = 32
    /// The learning rate.
    public var learningRate = 2e-3
    /// Gradients of a larger global norm are clipped to it.
    public var maximumNorm = 1.0
    /// All numbers come from it.
    public var seed: UInt64 = 1

    /// The defaults: about a minute on two cores.
    public init() {}

    /// Trains each of the subjects.
    /// - Parameters:
    ///   - threads: at most this many subjects at once; the result does not depend on it.
    ///   - progress: is called after each update with those of all subjects together, by one thread at a time.
    public func run(
        _ subjects: [LongRangeSubject] = LongRangeSubject.all, threads: Int = 1,
        progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) -> [LongRangeResult] {
        let tally = Tally(total: subjects.count * max(updates, 1))
        // The dearest first, so that no thread begins it when the others have ended.
        let order = subjects.indices.sorted { (subjects[$0].cell.gates, $1) > (subjects[$1].cell.gates, $0) }
        let results = Parallel.map(subjects.count, threads: threads) { place in
            run(subjects[order[place]]) { tally.add(0, progress) }
        }
        return subjects.indices.map { index in results[order.firstIndex(of: index) ?? index] }
    }

    private func run(_ subject: LongRangeSubject, updated: () -> Void) -> LongRangeResult {
        var (weights, data) = (SplitMix64(seed: seed), SplitMix64(seed: seed ^ 0x5851_f42d_4c95_7f2d))
        var model = RememberingModel(subject, hidden: hidden, task: task, from: &weights)
        let unseen = task.batch(of: Self.sequencesToMeasure, from: &data)
        func measure(_ event: LongRangeMeasurement.Event) -> LongRangeMeasurement {
            let flow = GradientFlow()
            let score = model.gradient(unseen.x, targets: unseen.targets, flow: flow).score
            return LongRangeMeasurement(event, cell: subject.name, score: score, profile: flow.layers[0][0])
        }
        let start = measure(.start)
        var optimiser = Adam(for: model.parameters, learningRate: learningRate, maximumNorm: maximumNorm)
        let records = (1...max(updates, 1)).map { update in
            let (x, targets) = task.batch(of: batch, from: &data)
            let flow = GradientFlow()
            let (score, gradients) = model.gradient(x, targets: targets, flow: flow)
            var parameters = model.parameters
            let step = optimiser.step(&parameters, gradients: gradients)
            model.parameters = parameters
            updated()
            return LongRangeRecord(
                cell: subject.name, step: update, score: score, gradients: gradients, flow: flow,
                optimiserStep: step)
        }
        return LongRangeResult(subject: subject, records: records, start: start, end: measure(.end))
    }

    /// Enough for a profile without noise, and for an accuracy to the percent.
    private static let sequencesToMeasure = 512
}
