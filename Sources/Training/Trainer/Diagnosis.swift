import Corpora
import Foundation

/// Words for what goes wrong in silence: a plateau of blanks, a loss that runs away, a dev set that says nothing of strangers.
package enum Diagnosis {
    /// The share of blank steps from which on nothing is said.
    private static let nearlyAll = 0.995
    /// Epochs and steps of nothing but blanks that are usual at the start.
    private static let usualBlankEpochs = 10
    private static let usualBlankSteps = 1_000

    /// What a person should know after an epoch.
    /// - Parameter progress: is brought up to date.
    static func warnings(
        after progress: inout TrainingProgress, dev: DevEvaluation
    ) -> [String] {
        var warnings: [String] = []
        let tally = progress.tally
        let epoch = progress.epoch + 1
        progress.blankEpochs = dev.blankShare >= nearlyAll ? progress.blankEpochs + 1 : 0
        let isUnusual = progress.blankEpochs >= usualBlankEpochs || progress.step >= usualBlankSteps
        // Said once, and again now and then.
        if progress.blankEpochs > 0, isUnusual,
            progress.blankEpochs % usualBlankEpochs == 0 || progress.blankWarnings == 0
        {
            progress.blankWarnings += 1
            warnings.append(
                String(
                    format:
                        "after %d epochs the network still says blank at %.1f %% of the steps. CTC begins so, for some "
                        + "hundred steps; if the loss no longer falls, lower training.learning_rate, check that the texts "
                        + "belong to their recordings, or try --sanity", epoch, 100 * dev.blankShare))
        }
        if let loss = tally.meanLoss {
            if let lowest = progress.lowestLoss, loss > max(2 * lowest, lowest + 0.5) {
                warnings.append(
                    String(
                        format:
                            "training diverges: the loss is %.3f and was %.3f before. Lower training.learning_rate, "
                            + "or training.clip (%.0f %% of the steps are clipped)", loss, lowest,
                        100 * Double(tally.clipped) / Double(max(1, tally.steps))))
            }
            progress.lowestLoss = min(loss, progress.lowestLoss ?? loss)
        }
        if tally.skipped > 0 {
            warnings.append(
                "\(tally.skipped) of \(tally.steps) steps of epoch \(epoch) were skipped, their gradient being no number: "
                    + "lower training.learning_rate or training.clip")
        }
        return warnings
    }

    /// What the two sets share, so that the dev error would flatter.
    package static func resemblance(train: TrainingSet, dev: TrainingSet) -> [String] {
        var warnings: [String] = []
        let count = dev.utterances.count
        var resolver = RelativePaths(to: ".")
        let paths = Set(train.utterances.map { resolver.absolute($0.path) })
        let sameRecordings = dev.utterances.map { resolver.absolute($0.path) }.count(where: paths.contains)
        if sameRecordings > 0 {
            warnings.append(
                "\(sameRecordings) of \(count) dev recordings are also trained on: the dev error will be too good; "
                    + "utter data split parts a manifest by speaker")
        }
        let speakers = Set(train.utterances.compactMap(\.speaker))
        let shared = Set(dev.utterances.compactMap(\.speaker)).intersection(speakers)
        if sameRecordings == 0, !shared.isEmpty {
            let rows = dev.utterances.count { $0.speaker.map(shared.contains) ?? false }
            warnings.append(
                "the dev set resembles train: \(rows) of \(count) recordings are by \(shared.count) "
                    + "speaker\(shared.count == 1 ? "" : "s") that are trained on, so the dev error says little of others"
            )
        }
        return warnings
    }
}
