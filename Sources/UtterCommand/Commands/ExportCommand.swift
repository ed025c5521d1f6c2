import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// `utter export`: a model for other programs.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a model as an ONNX graph, or as a state dict for PyTorch.",
        discussion: """
            Examples:
              utter export --format onnx --output english.onnx
              utter export --format pytorch --output english.pytorch.safetensors

            onnx: from features of any number of utterances, of any length, to log-probabilities; normalisation and stacking \
            are part of the graph. pytorch: the weights by PyTorch's names, and a JSON file of the same name that describes \
            them, as utter import reads them. docs/importing.md describes both.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case onnx, pytorch
    }

    @Option(name: .shortAndLong, help: "onnx or pytorch.")
    var format: Format

    @OptionGroup var modelOptions: ModelOptions

    @Option(name: .shortAndLong, help: "The file to write: .onnx, or .safetensors for PyTorch.", completion: .file())
    var output: String

    func validate() throws {
        let ending = format == .onnx ? "onnx" : "safetensors"
        guard (output as NSString).pathExtension.lowercased() == ending else {
            throw ValidationError("--output \(OneLine.escaped(output)): its ending must be .\(ending).")
        }
    }

    func run() throws {
        let path = try DefaultModel.path(named: modelOptions.model)
        let model = try AcousticModel(path: path)
        guard [.characters, .phones].contains(model.head.kind), model.head.layers.hidden == nil else {
            throw CommandError(
                "\(OneLine.file(path)) has a head of another kind, which cannot be exported: give a model of characters with a linear head"
            )
        }
        switch format {
        case .onnx:
            try ResultWriter.refuse(output, toReplace: [path], option: "--output")
            try model.writeONNX(to: output)
        case .pytorch:
            let beside = ImportCommand.descriptionPath(of: output)
            for file in [output, beside] {
                try ResultWriter.refuse(file, toReplace: [path], option: "--output")
            }
            try model.writePyTorch(to: output).write(to: beside)
        }
        if model.head.ngram != nil {
            Standard.error(
                "warning: \(OneLine.file(path)) has an n-gram of labels, which stays behind: without it, the best path of the "
                    + "exported scores has more errors")
        }
    }
}
