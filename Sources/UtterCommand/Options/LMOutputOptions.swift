import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// Where a language model goes and how.
struct LMOutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The file to write: .arpa, or .lm for a compiled model; - for ARPA on standard output.",
        completion: .file())
    var output: String

    @Option(help: "Bits of each probability and back-off weight in a compiled model, 2 to 16 (default: exact).")
    var quantise: Int?

    func validate() throws {
        let ending = (output as NSString).pathExtension.lowercased()
        guard StandardStream.isNamed(by: output) || ending == "arpa" || ending == "lm" else {
            throw ValidationError("--output \(OneLine.escaped(output)): give a name in .arpa or .lm, or -.")
        }
        guard let quantise else { return }
        guard (2...16).contains(quantise) else { throw ValidationError("--quantise \(quantise): give 2 to 16.") }
        guard ending == "lm" else {
            throw ValidationError("--quantise: only compiled models have it, --output FILE.lm.")
        }
    }

    func write(_ model: NGramModel) throws {
        if output.lowercased().hasSuffix(".lm") {
            try model.write(compact: output, precision: quantise.map(NGramModel.Precision.bits) ?? .exact)
        } else {
            try model.write(arpa: output)
        }
    }
}
