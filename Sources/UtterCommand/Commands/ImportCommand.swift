import ArgumentParser
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter import`: a recogniser trained in PyTorch as a model file.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a model file of a recogniser that was trained in PyTorch.",
        discussion: """
            Example:
              utter export --format pytorch --output english.pytorch.safetensors
              utter import english.pytorch.safetensors --output english.safetensors
              utter transcribe --model english.safetensors audio/turn-on-the-lamp.wav

            The recogniser is recurrent layers (nn.LSTM, nn.GRU or nn.RNN), perhaps on a convolution (nn.Conv1d), a linear layer \
            and CTC: its state dict, saved by \
            safetensors.torch.save_file, and beside it a JSON file that says what the tensors do not: front end, sizes, \
            vocabulary. Batch normalisation becomes part of the weights. docs/importing.md has the fields and the whole road \
            from training on a GPU.
            """)

    @Argument(help: "The state dict, a safetensors file.", completion: .file())
    var stateDict: String

    @Option(
        help: "The JSON file that describes it (default: beside it, by the name with .json for .safetensors).",
        completion: .file())
    var description: String?

    @Option(name: .shortAndLong, help: "The model file to write.", completion: .file())
    var output: String

    @Flag(help: "Store weights in 16 bits: half the size, rounded to 11 bits of precision.")
    var half = false

    @Flag(name: .shortAndLong, help: "No report on standard error, errors only.")
    var quiet = false

    func run() throws {
        let descriptionPath = description ?? Self.descriptionPath(of: stateDict)
        guard
            description != nil || !FileManager.default.fileExists(atPath: stateDict)
                || FileManager.default.fileExists(atPath: descriptionPath)
        else {
            throw CommandError(
                "\(OneLine.file(descriptionPath)), which is to describe the state dict, does not exist: write it as "
                    + "docs/importing.md says, or name another with --description")
        }
        let imported = try PyTorchImport(
            stateDict: stateDict, description: PyTorchDescription(path: descriptionPath), from: descriptionPath)
        try ResultWriter.refuse(output, toReplace: [stateDict, descriptionPath], option: "--output")
        try imported.model.write(to: output, precision: half ? .float16 : .float32)
        let log = Logger.command(quiet: quiet)
        for note in imported.notes { log.notice("\(note)") }
        let count = String(format: "%.2f", Double(imported.model.parameterCount) / 1e6)
        log.notice("\(OneLine.file(output)): \(count) million parameters; look at it with: utter info \(output)")
    }

    /// The JSON file beside a state dict.
    static func descriptionPath(of stateDict: String) -> String {
        (stateDict as NSString).deletingPathExtension + ".json"
    }
}
