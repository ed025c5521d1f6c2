import ArgumentParser
import Foundation
import UtterTraining

/// Beam search over 100 utterances of 300 steps and 29 classes, beam 64: with a word 3-gram, with its words alone, without
/// a language model. Steps a second on one thread.
///
/// The inputs are files, so that peers in other languages decode the same: `posteriors.npy` [utterances, steps, classes],
/// `model.arpa`. They are made where the folder has none.
struct DecodeBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "decode")

    @Argument(help: "The folder of the inputs.") var folder: String
    @Option(help: "Text that a model is estimated from, where the folder has none.") var text = "audio/household.txt"
    @Option var beam = 64
    @Option var runs = 5
    @Flag(help: "Print the texts that were found, and time nothing.") var show = false

    private static let vocabulary = Vocabulary(
        symbols: ["", " "] + "abcdefghijklmnopqrstuvwxyz'".map { String($0) })

    func run() throws {
        let (posteriorsPath, modelPath) = (folder + "/posteriors.npy", folder + "/model.arpa")
        if !FileManager.default.fileExists(atPath: posteriorsPath) { try makeInputs(posteriorsPath, modelPath) }
        let tensor = try NumPyFile.read(path: posteriorsPath)
        guard tensor.shape.count == 3, tensor.shape[2] == Self.vocabulary.symbols.count else {
            throw ValidationError("\(posteriorsPath) has another shape")
        }
        let size = tensor.shape[1] * tensor.shape[2]
        let utterances = (0..<tensor.shape[0]).map {
            LogProbabilities(classes: tensor.shape[2], values: Array(tensor.values[$0 * size..<($0 + 1) * size]))
        }
        let alphabet = Alphabet(Self.vocabulary)
        let model = try NGramModel(arpa: modelPath)
        let plain = Decoder(alphabet: alphabet, options: BeamOptions(beam: beam))
        var (open, closed) = (plain, plain)
        open.textModel = try WordModel(model, name: modelPath, alphabet: alphabet)
        closed.textModel = try WordModel(model, name: modelPath, alphabet: alphabet, isClosed: true)
        var values: [String: Double] = [:]
        for (name, decoder) in [("lm", open), ("lexicon", closed), ("nolm", plain)] {
            let search = decoder.makeSearch()
            if show {
                for utterance in utterances {
                    search.begin()
                    search.step(utterance)
                    print("\(name)\t\(decoder.end(search).best?.text ?? "")")
                }
                continue
            }
            let seconds = medianTime(runs: runs) {
                for utterance in utterances {
                    search.begin()
                    search.step(utterance)
                    _ = decoder.end(search)
                }
            }
            values["utter_\(name)"] = Double(tensor.shape[0] * tensor.shape[1]) / seconds
        }
        if !show { try report(values) }
    }

    /// Fourteen words at random, each letter for a step or two with blanks between; normal noise over all, and in one step
    /// of eight another class as likely as the right one.
    private func makeInputs(_ posteriorsPath: String, _ modelPath: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var report = EstimationReport()
        let model = try NGramModel.estimate(from: [text], options: EstimationOptions(), report: &report)
        try model.write(arpa: modelPath)
        let words = model.ordinaryWords.map { model.word($0) }
        let (utterances, steps, classes) = (100, 300, Self.vocabulary.symbols.count)
        var generator = SplitMix64(seed: 1)
        func normal() -> Float {
            (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0...1, using: &generator) }
        }
        var values: [Float] = []
        for _ in 0..<utterances {
            let said = (0..<14).map { _ in words[Int.random(in: 0..<words.count, using: &generator)] }
            var path = [0, 0]
            for character in said.joined(separator: " ") {
                let label = Self.vocabulary.symbols.firstIndex(of: String(character)) ?? 0
                path += [Int](repeating: label, count: Int.random(in: 1...2, using: &generator))
                path += [Int](repeating: 0, count: Int.random(in: 1...3, using: &generator))
            }
            path = Array((path + [Int](repeating: 0, count: steps)).prefix(steps))
            for label in path {
                var logits = (0..<classes).map { _ in 0.8 * normal() }
                logits[label] += 6.5
                if Float.random(in: 0...1, using: &generator) < 0.12 {
                    logits[Int.random(in: 0..<classes, using: &generator)] += 6
                }
                let sum = log(logits.reduce(0) { $0 + exp($1) })
                values += logits.map { $0 - sum }
            }
        }
        try NumPyFile.write(Tensor(shape: [utterances, steps, classes], values: values), to: posteriorsPath)
    }
}
