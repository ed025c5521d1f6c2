import AudioIO
import Files
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

    /// Writes the results of recordings whose transcripts the ledger has, in all their formats and those that are asked for.
    ///
    /// A result that has no place is told; its recording stays done, and its transcript in the ledger.
    /// - Returns: what was wrong, a line each, at most ten and how many more; whether all were written or told.
    func rewrite(
        _ formats: [TranscriptFormat], isStopped: () -> Bool
    ) throws -> (problems: [String], isComplete: Bool) {
        var (problems, more) = ([String](), 0)
        while !isStopped() {
            let known = try ledger.unwritten(limit: 64, adding: formats)
            if known.isEmpty {
                return (problems + (more > 0 ? ["\(more) more results have no place"] : []), true)
            }
            var results: [ResultFiles.File] = []
            var owners: [Int] = []
            var unread: Set<Int64> = []
            for (place, (item, json)) in known.enumerated() {
                guard let transcript = try? JSONWriter.transcript(from: json) else {
                    unread.insert(item.id)
                    continue
                }
                for format in item.formats {
                    let text =
                        format == .json ? json : try format.writer(channel: channel).document(of: transcript)
                    results.append(ResultFiles.File(path: path(of: item, format), text: text))
                    owners.append(place)
                }
            }
            var failed: Set<Int64> = []
            for (file, code) in try files.write(results) {
                let item = known[owners[file]].item
                failed.insert(item.id)
                if problems.count < 10 {
                    problems.append(RecordingFailure(item, result: results[file].path, code: code).description)
                } else {
                    more += 1
                }
            }
            try ledger.rewrote(
                known.map(\.item).filter { !failed.contains($0.id) && !unread.contains($0.id) }, unread: unread,
                failed: failed)
        }
        return (problems, false)
    }

    private func path(of item: WorkItem, _ format: TranscriptFormat) -> RawPath {
        folder.path.appending(item.output.appending(text: ".\(format.fileExtension)"))
    }

    func accept(_ outcomes: [Outcome]) throws {
        var results: [ResultFiles.File] = []
        var owners: [Int] = []
        for (place, outcome) in outcomes.enumerated() {
            guard case .transcript(let transcript) = outcome.result else { continue }
            for format in outcome.item.formats {
                results.append(
                    ResultFiles.File(
                        path: path(of: outcome.item, format),
                        text: try format.writer(channel: channel).document(of: transcript)))
                owners.append(place)
            }
        }
        var outcomes = outcomes
        for (file, code) in try files.write(results) {
            let item = outcomes[owners[file]].item
            let failure = RecordingFailure(item, result: results[file].path, code: code)
            let journal = outcomes[owners[file]].journal
            outcomes[owners[file]] = Outcome(item: item, result: .failure(failure))
            outcomes[owners[file]].journal = journal
        }
        try ledger.complete(outcomes, by: claimant)
        for case let journal? in outcomes.map(\.journal) { unlink(journal.cString) }
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
