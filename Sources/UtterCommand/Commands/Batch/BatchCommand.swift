import ArgumentParser

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
              utter batch search texts lamp
              utter batch run --help

            "utter batch INPUT... --output DIR" is short for "utter batch run INPUT... --output DIR". docs/batch.md is the \
            guide.
            """,
        subcommands: [
            BatchRunCommand.self, BatchStatusCommand.self, BatchReportCommand.self, BatchSearchCommand.self,
            BatchMergeCommand.self,
        ],
        defaultSubcommand: BatchRunCommand.self)
}
