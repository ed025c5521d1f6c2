import ArgumentParser
import Foundation
import Messages
import Transcription

/// `utter models`: which models `--model` can name.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the models that --model can name.",
        discussion: """
            Examples:
              utter models
              utter models --format json

            A model is found by its name, without folder and extension, in the first of these folders that has it: \
            $UTTER_MODELS, ~/.local/share/utter, share/utter/models beside the program, models/ of the folders above the \
            program. A star marks the default: what $UTTER_MODEL names, else the English model that comes with utter.
            """)

    /// How models are listed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Option(name: .shortAndLong, help: "Output format: text or json (one object per model).")
    var format = Format.text

    func run() throws {
        let models = InstalledModel.all
        guard format == .text else {
            for model in models { try Standard.output(try JSONLine.encode(model)) }
            return
        }
        let rows = models.map { model in
            [
                (model.isDefault ? "* " : "  ") + OneLine.escaped(model.name), Megabytes.text(model.bytes), model.reads,
                "\(model.sampleRate) Hz", OneLine.escaped(model.path),
            ]
        }
        let widths = (0..<5).map { column in rows.map(\.[column].count).max() ?? 0 }
        for row in rows {
            let cells = zip(row.dropLast(), widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            try Standard.output((cells + row.suffix(1)).joined(separator: "  "))
        }
    }
}
