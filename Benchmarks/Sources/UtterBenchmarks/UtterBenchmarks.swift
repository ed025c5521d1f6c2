import ArgumentParser
import Foundation
import UtterTraining

/// Work that is also given to other tools, timed inside the process. Each prints one JSON object: a name and a median.
@main
struct UtterBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "UtterBenchmarks",
        subcommands: [
            CTCBenchmark.self, DecodeBenchmark.self, MFCCBenchmark.self, RecurrentBenchmark.self, TrainBenchmark.self,
        ])
}

/// The median of the times of `runs` calls after one that is not counted, in seconds.
func medianTime(runs: Int, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let clock = ContinuousClock()
    let times = try (0..<runs).map { _ in try clock.measure(body) }.sorted()
    return times[runs / 2] / .seconds(1)
}

func report(_ values: [String: Double]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(values), as: UTF8.self))
}

/// 600 s of audio, as ten utterances of 60 s: a tone and noise; features as the peers compute them.
struct MFCCBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "mfcc")

    @Option var runs = 7

    func run() throws {
        var generator = SplitMix64(seed: 0)
        let utterances = (0..<10).map { index in
            (0..<60 * 16_000).map { sample -> Float in
                let tone = sin(2 * Double.pi * Double(200 + 37 * index) * Double(sample) / 16_000)
                return Float((3000 * tone + 800 * Double.random(in: -1.7...1.7, using: &generator)) / 32_768)
            }
        }
        var values: [String: Double] = [:]
        for (name, kind, bands) in [("mfcc40", FeatureKind.mfcc, 40), ("fbank80", .fbank, 80)] {
            var options = FeatureOptions()
            (options.kind, options.melBands, options.coefficients) = (kind, bands, bands)
            let seconds = try medianTime(runs: runs) {
                for utterance in utterances { _ = try FeatureExtractor.features(of: utterance, options: options) }
            }
            values["utter_\(name)"] = 600 / seconds
        }
        try report(values)
    }
}

/// The network of the peers: 4 layers of 320 units a direction, 240 inputs a step, and a linear layer to 29 classes,
/// over utterances of 330 steps (10 s of 30 ms).
struct RecurrentBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rnn")

    @Option(help: "lstm or gru.") var cell = "lstm"
    @Option var threads = 2
    @Option var runs = 9
    @Flag(help: "Weights of full float32 precision, not those that a model file in float16 holds.") var fullPrecision =
        false

    func run() throws {
        guard let cell = RecurrentCell(rawValue: cell) else { throw ValidationError("unknown cell \(cell)") }
        var generator = SplitMix64(seed: 1)
        func array(_ count: Int, _ scale: Float) -> [Float] {
            (0..<count).map { _ in
                let value = Float.random(in: -scale...scale, using: &generator)
                // Multiples of 2^-14 below 2^-4: exact in float16.
                return fullPrecision ? value : (value * 16_384).rounded() / 16_384
            }
        }
        let (hidden, inputs, classes, steps) = (320, 240, 29, 330)
        let scale = 1 / Float(hidden).squareRoot()
        let rows = cell.gates * hidden
        let network = RecurrentNetwork(
            layers: (0..<4).map { layer in
                let columns = layer == 0 ? inputs : 2 * hidden
                return RecurrentLayer(
                    cell: cell,
                    directions: (0..<2).map { _ in
                        RecurrentWeights(
                            input: Matrix(rows: rows, columns: columns, values: array(rows * columns, scale)),
                            recurrent: Matrix(rows: rows, columns: hidden, values: array(rows * hidden, scale)),
                            inputBias: array(rows, scale), recurrentBias: array(rows, scale))
                    })
            })
        let head = Linear(
            weight: Matrix(rows: classes, columns: 2 * hidden, values: array(classes * 2 * hidden, scale)),
            bias: array(classes, scale))
        var values: [String: Double] = [:]
        for batch in [1, 16] {
            let x = SequenceBatch(
                (0..<batch).map { _ in Matrix(rows: steps, columns: inputs, values: array(steps * inputs, 1)) })
            let seconds = medianTime(runs: runs) {
                _ = network.forward(x, threads: threads).output.mapValues(head.forward)
            }
            values["utter_b\(batch)"] = Double(batch * steps) / seconds
        }
        try report(values)
    }
}
