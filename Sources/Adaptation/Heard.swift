import Corpora
import Networks
import Training

/// Which recordings of a set can be learned from: those that can be read and hold more than digital silence.
struct Heard: Sendable {
    /// Their numbers in the set.
    let usable: [Int]
    /// The others, and why.
    let problems: [BadLine]

    /// Why a recording of silence is left out.
    static let silence = "the recording is silent: there is nothing to learn from"

    /// Whether nothing ever changes in the steps of a recording.
    static func isSilent(_ steps: Matrix) -> Bool {
        guard steps.rows > 0 else { return true }
        let first = Array(steps.row(0))
        return steps.values.indices.allSatisfy { abs(steps.values[$0] - first[$0 % first.count]) < 1e-3 }
    }

    /// Reads every recording once.
    init(_ set: TrainingSet, source: FeatureSource, threads: Int, progress: @Sendable (RowProgress) -> Void) {
        let reasons = mapInParallel(set.utterances.count, threads: threads, progress: progress) { index -> String? in
            do {
                let steps = try source.steps(of: set.utterances[index], index: index, epoch: 0)
                return Self.isSilent(steps) ? Self.silence : nil
            } catch { return "\(error)" }
        }
        usable = reasons.indices.filter { reasons[$0] == nil }
        problems = zip(set.utterances, reasons).compactMap { utterance, reason in
            reason.map { BadLine(utterance.manifest, utterance.line, $0) }
        }
    }
}
