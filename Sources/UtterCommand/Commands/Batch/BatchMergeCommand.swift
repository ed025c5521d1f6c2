import ArgumentParser
import Batch
import Foundation
import Logging
import Messages

/// `utter batch merge`: shards to one.
struct BatchMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join the ledgers and results of shards.",
        discussion: """
            Example:
              utter batch audio --output texts --shard 1/2 && utter batch audio \\
                --output texts --shard 2/2
              utter batch merge texts

            The exit code is 1 where a shard is missing.
            """)

    @Argument(help: "The output folder that the shards share.", completion: .directory)
    var folder: String

    @Flag(name: .shortAndLong, help: "No notes on standard error: only errors.")
    var quiet = false

    func run() throws {
        let log = Logger.command(quiet: quiet)
        let summary = try ShardMerge(BatchFolder(folder)).merge()
        let counts = summary.counts
        let all =
            "\(Grouped.text(counts.done)) done, \(Grouped.text(counts.todo)) to do, "
            + "\(Grouped.text(counts.failed)) failed"
        log.notice("\(OneLine.file(folder)): \(summary.shards.count) shards, \(all)")
        guard !summary.missing.isEmpty else { return }
        let missing = summary.missing.map(String.init).joined(separator: ", ")
        log.error("\(OneLine.file(folder)): shard \(missing) is missing: run it, then merge again")
        throw ExitCode.failure
    }
}
