import CTC
import Foundation

/// What a model that labels recordings makes of one.
public struct Classification: Sendable, Equatable {
    /// The label; nil where the recording is taken to be none of them.
    public let text: String?
    /// The best label, also where it is rejected.
    public let best: String
    /// The probability of ``best``, 0 to 1.
    public let probability: Double
}

extension AcousticModel {
    /// The label of a recording.
    ///
    /// It is rejected where the class for everything else is more probable, or the best label less so than the model's
    /// threshold.
    /// - Parameter steps: [steps, classes + 1] of a classifier, [steps, characters] where the labels are spelled.
    public func classify(_ steps: LogProbabilities) -> Classification {
        let none = Classification(text: nil, best: "", probability: 0)
        guard steps.steps > 0, steps.classes == headColumns.count else { return none }
        let (logs, labels, rejection): ([Float], [String], Int)
        if let phrases = head.phrases {
            (logs, labels) = (phrases.scores(of: steps).logSoftmax, phrases.phrases)
            rejection = labels.count
        } else {
            logs = steps.values.withUnsafeBufferPointer {
                PooledScores(steps: $0, columns: steps.classes).logProbabilities
            }
            (labels, rejection) = (vocabulary.symbols, vocabulary.blank)
        }
        guard let best = labels.indices.filter({ $0 != rejection }).max(by: { logs[$0] < logs[$1] }),
            logs[best].isFinite
        else { return none }
        let probability = Double(exp(logs[best]))
        let isAccepted = logs[best] > logs[rejection] && probability >= head.threshold ?? 0
        return Classification(text: isAccepted ? labels[best] : nil, best: labels[best], probability: probability)
    }
}
