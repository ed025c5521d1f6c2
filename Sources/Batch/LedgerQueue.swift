import AudioIO
import Foundation
import Transcription

/// A ledger and a folder of results as the two ends of a pipeline.
final class LedgerQueue: WorkSource, OutcomeSink {
    private let ledger: Ledger
    private let claimant: Claimant
    private let lock: ProcessLock
    private let folder: BatchFolder
    private let files: ResultFiles
    private let channel: Int

    init(_ ledger: Ledger, _ claimant: Claimant, lock: ProcessLock, folder: BatchFolder, channel: Int) {
        (self.ledger, self.claimant, self.lock, self.folder, self.channel) = (ledger, claimant, lock, folder, channel)
        files = ResultFiles(scratch: lock.scratch)
    }

    /// Whether another process has ended.
    func hasEnded(_ token: String) -> Bool { token != lock.token && ProcessLock.hasEnded(token, in: folder.hidden) }

    func next() throws -> [WorkItem] {
        let batch = try ledger.claimBatch(for: claimant)
        if !batch.isEmpty { return batch }
        // What a process claimed that was killed meanwhile.
        try ledger.releaseClaims(ofEnded: hasEnded)
        return try ledger.claimBatch(for: claimant)
    }

    func accept(_ outcomes: [Outcome]) throws {
        var results: [ResultFiles.File] = []
        var owners: [Int] = []
        for (place, outcome) in outcomes.enumerated() {
            guard case .transcript(let transcript) = outcome.result else { continue }
            for format in outcome.item.formats {
                let path = folder.path.appending(outcome.item.output.appending(text: ".\(format.fileExtension)"))
                results.append(
                    ResultFiles.File(path: path, text: try format.writer(channel: channel).document(of: transcript)))
                owners.append(place)
            }
        }
        var outcomes = outcomes
        for (file, code) in try files.write(results) {
            let item = outcomes[owners[file]].item
            let failure = RecordingFailure(item, result: results[file].path, code: code)
            outcomes[owners[file]] = Outcome(item: item, result: .failure(failure))
        }
        try ledger.complete(outcomes, by: claimant)
    }
}

extension ChannelSelection {
    /// As CTM names it.
    var number: Int {
        switch self {
        case .channel(let number): number
        default: 1
        }
    }
}
