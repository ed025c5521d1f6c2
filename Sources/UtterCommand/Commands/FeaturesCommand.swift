import ArgumentParser
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter features`: what a model hears, as numbers.
struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Compute the features of a recording, as Kaldi defines them, and write them to a file.",
        discussion: """
            Examples:
              utter features audio/ten-seconds.wav --kind mfcc --output mfcc.npy
              utter features audio/ten-seconds.wav --kind fbank --mel-bands 80 \\
                --output fbank.csv
              utter features audio/ten-seconds.wav \\
                --model models/english-small.safetensors --output steps.npy

            The file holds a row for each frame. Samples are scaled to the range of 16-bit integers, as in Kaldi; there \
            is no dither.
            """)

    enum Normalisation: String, ExpressibleByArgument, CaseIterable {
        case none, mean
        case meanAndVariance = "mean-variance"
    }

    @Argument(help: "A recording; - for standard input.", completion: .file())
    var file: String

    @Option(
        name: .shortAndLong, help: "The file to write: .safetensors, .npy or .csv by its ending.",
        completion: .file())
    var output: String

    @Option(help: "mfcc or fbank (log-mel filter bank).")
    var kind = FeatureKind.mfcc

    @Option(help: "Resample to this many Hz first.")
    var sampleRate = 16_000

    @Option(help: "Length of a frame in ms.")
    var window = 25.0

    @Option(help: "From frame to frame in ms.")
    var shift = 10.0

    @Option(help: "Number of mel bands (default: 40 for mfcc, 80 for fbank).")
    var melBands: Int?

    @Option(help: "Number of cepstral coefficients (default: as many as mel bands, at most 40).")
    var coefficients: Int?

    @Option(help: "Lifter of cepstral coefficients; 0 for none.")
    var lifter = 22.0

    @Option(help: "Lower edge of the lowest band in Hz.")
    var lowFrequency = 20.0

    @Option(help: "Upper edge of the highest band in Hz; zero or less counts from half the sample rate.")
    var highFrequency = 0.0

    @Flag(help: "The energy in place of C0, or before the bands.")
    var energy = false

    @Flag(help: "One frame for each shift, the edges mirrored (Kaldi's snip-edges=false).")
    var mirrorEdges = false

    @Option(help: "Append deltas up to this order (0 to 4).")
    var deltas = 0

    @Option(help: "Normalise over the recording: none, mean or mean-variance.")
    var normalise = Normalisation.none

    @Option(
        help: "Write what this model's encoder reads instead, a row for each step, of its own front end.",
        completion: .file())
    var model: String?

    @Option(
        help: "Write the outputs of this model's encoder instead, a row for each step, of its own front end.",
        completion: .file())
    var encoder: String?

    @OptionGroup var channelOptions: ChannelOptions

    func validate() throws {
        guard (0...4).contains(deltas) else { throw ValidationError("--deltas \(deltas): give 0 to 4.") }
        guard AudioFile.sampleRates.contains(sampleRate) else {
            throw ValidationError("--sample-rate \(sampleRate): give 4000 to 192000.")
        }
        do { try options.validate() } catch { throw ValidationError("\(error).") }
        if model != nil, encoder != nil {
            throw ValidationError("--model and --encoder: give one of them.")
        }
        if kind == .fbank, coefficients != nil {
            throw ValidationError("--coefficients are for --kind mfcc; a filter bank has --mel-bands.")
        }
        _ = try FeatureFile.format(of: output)
    }

    private var options: FeatureOptions {
        var options = FeatureOptions()
        options.kind = kind
        options.sampleRate = sampleRate
        options.windowLength = window
        options.frameShift = shift
        options.melBands = melBands ?? (kind == .mfcc ? 40 : 80)
        options.coefficients = coefficients ?? min(40, options.melBands)
        options.lifter = lifter
        options.lowFrequency = lowFrequency
        options.highFrequency = highFrequency
        options.usesEnergy = energy
        options.snipsEdges = !mirrorEdges
        return options
    }

    /// What the encoder of a model is given, or its head: for probes of other tools, on the very numbers that training and
    /// `utter adapt` learn from.
    private func writeSteps(of path: String, encoded: Bool) throws {
        let model = try AcousticModel(path: path)
        let reader = try AudioReader(
            path: file, sampleRate: model.frontEnd.options.sampleRate, channels: channelOptions.selection)
        let stream = try FrontEndStream(model.frontEnd)
        var frames = FeatureMatrix(dimension: model.frontEnd.frameDimension)
        while let block = try reader.read(upTo: model.frontEnd.options.sampleRate) {
            stream.accept(block)
            frames.append(stream.takeFrames())
        }
        stream.finish()
        frames.append(stream.takeFrames())
        let steps = model.frontEnd.steps(ofFrames: frames)
        let outputs = encoded ? model.encoderOutputs(ofSteps: [steps])[0] : steps
        guard outputs.rows > 0 else {
            throw CommandError("\(OneLine.file(file)) is shorter than a step of the model: give a longer recording")
        }
        try FeatureFile.write(
            FeatureMatrix(dimension: outputs.columns, values: outputs.values), options: model.frontEnd.options,
            deltas: 0, normalisation: model.frontEnd.normalisation.rawValue, to: output)
    }

    func run() throws {
        if let encoder { return try writeSteps(of: encoder, encoded: true) }
        if let model { return try writeSteps(of: model, encoded: false) }
        let reader = try AudioReader(path: file, sampleRate: sampleRate, channels: channelOptions.selection)
        let extractor = try FeatureExtractor(options)
        var features = FeatureMatrix(dimension: options.dimension)
        while let block = try reader.read(upTo: sampleRate) {
            extractor.accept(block)
            features.append(extractor.takeFrames())
        }
        extractor.finish()
        features.append(extractor.takeFrames())
        guard features.frames > 0 else {
            let name = OneLine.file(file)
            throw CommandError("\(name) is shorter than a frame of \(window) ms: give a longer recording or --window")
        }
        if deltas > 0 { features = Deltas(order: deltas).appended(to: features) }
        if normalise != .none {
            features = MeanVariance(features).normalise(features, variance: normalise == .meanAndVariance)
        }
        try FeatureFile.write(
            features, options: options, deltas: deltas, normalisation: normalise.rawValue, to: output)
        if Logger.command(quiet: false).report(reader.warnings, of: file) { throw ExitCode.failure }
    }
}

extension FeatureKind: ExpressibleByArgument {}
