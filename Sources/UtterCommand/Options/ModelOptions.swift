import ArgumentParser
import Messages
import Utter

/// Which model to use.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The model file (default: $UTTER_MODEL, else the English model that comes with utter).",
        completion: .file())
    var model: String?
}
