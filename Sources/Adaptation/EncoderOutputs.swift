import AcousticModel
import Corpora
import Networks
import Training
import VectorKernels

/// The outputs of an encoder that stays as it is, for all recordings of a set: as they are, and varied a few times.
struct EncoderOutputs: Sendable {
    /// [steps, outputs] for each copy of each recording; the first is the recording as it is. None where it could not be read.
    let copies: [[Matrix]]
    /// The recordings that could not be read or hold digital silence, and why.
    let problems: [BadLine]
    /// Those that can be used.
    var usable: [Int] { copies.indices.filter { !copies[$0].isEmpty } }

    /// Bytes of outputs that are held in memory at the most.
    private static let memory = 600 << 20

    /// Copies of each recording: few recordings need many.
    static func copies(of set: TrainingSet, model: AcousticModel) -> Int {
        let steps = set.seconds / model.frontEnd.secondsPerStep
        let bytes = Int(steps) * model.encoder.outputs * 4
        return max(1, min(8, 1 + 800 / max(1, set.utterances.count), memory / max(1, bytes)))
    }

    /// - Parameters:
    ///   - plain: recordings as they are.
    ///   - varied: recordings varied; nil for no more than one copy.
    init(
        of set: TrainingSet, model: AcousticModel, plain: FeatureSource, varied: FeatureSource?, copies count: Int,
        threads: Int, progress: @Sendable (RowProgress) -> Void
    ) {
        let rows = set.utterances.indices
        let plan = BatchPlan(seconds: set.utterances.map(\.seconds), batchSize: 16, batchSeconds: 300, seed: 0)
            .batches(epoch: 0)
        typealias Computed = (index: Int, result: Result<[Matrix], OutputProblem>)
        // Batches side by side, each on one thread: a batch of one length keeps the recurrent step a matrix product.
        let tally = Tally(total: rows.count)
        let computed = Parallel.map(plan.count, threads: threads) { batch -> [Computed] in
            defer { tally.add(recordings: plan[batch].count, progress) }
            let read = plan[batch].map { index -> (Int, Result<[Matrix], OutputProblem>) in
                let utterance = set.utterances[index]
                return (
                    index,
                    Result {
                        try (0..<(varied == nil ? 1 : count)).map { copy in
                            try (copy == 0 ? plain : varied ?? plain).steps(of: utterance, index: index, epoch: copy)
                        }
                    }.mapError { OutputProblem(reason: "\($0)") }.flatMap { steps in
                        Heard.isSilent(steps[0])
                            ? .failure(OutputProblem(reason: Heard.silence)) : .success(steps)
                    }
                )
            }
            let steps = read.flatMap { (try? $0.1.get()) ?? [] }
            var outputs = model.encoderOutputs(ofSteps: steps, threads: 1)[...]
            return read.map { index, result in
                (
                    index,
                    result.map { steps in
                        defer { outputs = outputs.dropFirst(steps.count) }
                        return Array(outputs.prefix(steps.count))
                    }
                )
            }
        }
        var copies = rows.map { _ in [Matrix]() }
        var problems: [BadLine] = []
        for (index, result) in computed.joined() {
            switch result {
            case .success(let outputs): copies[index] = outputs
            case .failure(let problem):
                let utterance = set.utterances[index]
                problems.append(BadLine(utterance.manifest, utterance.line, problem.reason))
            }
        }
        (self.copies, self.problems) = (copies, problems.sorted { ($0.path, $0.line) < ($1.path, $1.line) })
    }

    private struct OutputProblem: Error { let reason: String }
}
