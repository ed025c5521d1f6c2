import AudioIO
import CTC
import Corpora
import Foundation
import Transcription

/// What a model says of the recordings of a manifest, to be kept in a `PosteriorFile`.
public struct HeardPosteriors: Sendable {
    /// By the path that the manifest has. They are held in memory: 14 MB for an hour with 29 classes and steps of 30
    /// ms.
    public let posteriors: [String: LogProbabilities]
    /// One line for each row for which there are none, or whose recording is damaged.
    public let problems: [BadLine]

    /// Listens to the recordings of rows, one on each thread; to one that several rows name, once.
    /// - Parameters:
    ///   - transcriber: of one thread.
    ///   - progress: is called after each.
    public init(
        of rows: [ManifestRow], transcriber: Transcriber, channels: ChannelSelection = .mixDown, threads: Int,
        progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) {
        var seen: Set<String> = []
        let rows = rows.filter { seen.insert($0.entry.audioFilePath).inserted }
        let results = mapInParallel(rows.count, threads: threads, progress: progress) { index in
            Result {
                var warnings: [AudioWarning] = []
                let heard = try transcriber.posteriors(
                    of: rows[index].audioPath, channels: channels, noticed: { warnings = $0 })
                return (heard: heard, warnings: warnings)
            }
        }
        var posteriors: [String: LogProbabilities] = [:]
        var problems: [BadLine] = []
        for (row, result) in zip(rows, results) {
            switch result {
            case .success(let result):
                posteriors[row.entry.audioFilePath] = result.heard
                for warning in result.warnings where warning.isDamage {
                    problems.append(BadLine(row.manifest, row.line, "\(warning)"))
                }
            case .failure(let error): problems.append(row.skipped("\(error)"))
            }
        }
        (self.posteriors, self.problems) = (posteriors, problems)
    }
}
