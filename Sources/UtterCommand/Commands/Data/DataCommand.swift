import ArgumentParser
import UtterTraining

/// `utter data`: what is done to labelled recordings before training.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Check, split, import and export labelled recordings.",
        discussion: """
            Example:
              utter data check audio/transcripts.jsonl

            Labelled recordings stand in a manifest, a line of JSON for each:
              {"audio_filepath": "a.wav", "duration": 1.67, "text": "turn on the lamp", "speaker": "ada"}
            audio_filepath is relative to the manifest's folder; duration (in seconds) and speaker may be left out; other \
            fields are kept.
            """,
        subcommands: [
            DataCheckCommand.self, DataSplitCommand.self, DataImportCommand.self, DataExportCommand.self,
        ])
}
