import ArgumentParser
import Batch
import Foundation
import Logging
import Messages
import Utter

/// `utter batch`: folders of recordings.
struct BatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Transcribe folders of recordings, and go on where a run was stopped.",
        discussion: """
            Examples:
              utter batch audio --output texts
              utter batch status texts
              utter batch report texts
              utter batch run --help

            "utter batch INPUT... --output DIR" is short for "utter batch run INPUT... --output DIR". docs/batch.md is the \
            guide.
            """,
        subcommands: [
            BatchRunCommand.self, BatchStatusCommand.self, BatchReportCommand.self, BatchMergeCommand.self,
        ],
        defaultSubcommand: BatchRunCommand.self)
}

/// `utter batch status`: how a run stands.
struct BatchStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the runs on an output folder stand.",
        discussion: """
            Example:
              utter batch audio --output texts && utter batch status texts

            It may be asked at any time, also while a run is under way.
            """)

    @Argument(help: "The output folder of the runs.")
    var folder: String

    func run() throws {
        let status = try BatchStatus(BatchFolder(folder))
        for model in status.models {
            let options = model.options == "{}" ? "" : ", options \(model.options)"
            let name = "\(OneLine.escaped(model.name)) (\(model.fingerprint))\(options)"
            try Standard.output("model        \(name): \(model.recordings) done")
        }
        let counts = status.counts
        try Standard.output("done         \(counts.done), \(hours(counts.seconds))")
        try Standard.output("to do        \(counts.todo), \(counts.working) of them under way")
        try Standard.output("failed       \(counts.failed)")
        for (kind, count) in status.kinds { try Standard.output("  \(count) x \(kind)") }
        if counts.damaged > 0 { try Standard.output("damaged      \(counts.damaged), done as far as they go") }
        if counts.others > 0 { try Standard.output("passed over  \(counts.others) files that are no recordings") }
        for part in status.parts {
            guard let shard = part.shard else { continue }
            try Standard.output(
                "shard \(shard): \(part.counts.done) done, \(part.counts.todo) to do, \(part.counts.failed) failed")
        }
    }

    private func hours(_ seconds: Double) -> String { String(format: "%.2f h of audio", seconds / 3600) }
}

/// `utter batch merge`: shards to one.
struct BatchMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join the ledgers and results of shards.",
        discussion: """
            Example:
              utter batch audio --output texts --shard 1/2 && utter batch audio --output texts --shard 2/2
              utter batch merge texts

            The exit code is 1 where a shard is missing.
            """)

    @Argument(help: "The output folder that the shards share.")
    var folder: String

    @Flag(name: .shortAndLong, help: "No notes on standard error: only errors.")
    var quiet = false

    func run() throws {
        let log = Logger.command(quiet: quiet)
        let summary = try ShardMerge(BatchFolder(folder)).merge()
        let counts = summary.counts
        log.notice(
            "\(OneLine.file(folder)): \(summary.shards.count) shards, \(counts.done) done, \(counts.todo) to do, \(counts.failed) failed"
        )
        guard !summary.missing.isEmpty else { return }
        let missing = summary.missing.map(String.init).joined(separator: ", ")
        log.error("\(OneLine.file(folder)): shard \(missing) is missing: run it, then merge again")
        throw ExitCode.failure
    }
}
