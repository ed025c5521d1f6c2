import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// `utter gradients`: vanishing and exploding gradients, shown by cells that learn one task of long range.
struct GradientsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradients",
        abstract: "Show how gradients vanish and explode in recurrent cells, and what gates do about it.",
        discussion: """
            Example:
              utter gradients --output gradients

            A plain tanh cell, one with large weights, a GRU and an LSTM of one size learn to name the first symbol of a \
            sequence after its last. Writes log.jsonl (a line for each update, with the norm of the gradient along time) \
            and two pictures into the folder: gradient-flow (the gradient at each step, before and after training) and \
            learning (loss and accuracy). docs/gradients.md explains them.
            """)

    @Option(
        name: .shortAndLong, help: "The folder to write to; it is made where it is missing.", completion: .directory)
    var output: String

    @Option(help: "The format of the pictures, png or svg.")
    var format = PictureFormat.png

    @Option(help: "Steps of a sequence.")
    var steps = RememberingTask().steps

    @Option(help: "Symbols to tell from each other.")
    var symbols = RememberingTask().symbols

    @Option(help: "Units of each recurrent layer.")
    var hidden = LongRangeExperiment().hidden

    @Option(help: "Updates of the weights.")
    var updates = LongRangeExperiment().updates

    @Option(help: "Sequences of an update.")
    var batch = LongRangeExperiment().batch

    @Option(help: "The learning rate.")
    var learningRate = LongRangeExperiment().learningRate

    @Option(help: "Gradients of a larger norm are clipped to it.")
    var clip = LongRangeExperiment().maximumNorm

    @Option(help: "All random numbers come from it.")
    var seed: UInt64 = 1

    @OptionGroup var options: RunOptions

    func validate() throws {
        for (name, value, range) in [
            ("steps", steps, 2...10_000), ("symbols", symbols, 2...1000), ("hidden", hidden, 1...4096),
            ("updates", updates, 1...1_000_000), ("batch", batch, 1...4096),
        ] where !range.contains(value) {
            throw ValidationError("--\(name) \(value): give a number from \(range.lowerBound) to \(range.upperBound).")
        }
        guard learningRate > 0, learningRate <= 1 else {
            throw ValidationError("--learning-rate \(learningRate): give a number above 0, up to 1, such as 0.002.")
        }
        guard clip > 0, clip.isFinite else {
            throw ValidationError("--clip \(clip): give a number above 0, such as 1.")
        }
    }

    func run() throws {
        var experiment = LongRangeExperiment()
        experiment.task = RememberingTask(steps: steps, symbols: symbols)
        experiment.hidden = hidden
        experiment.updates = updates
        experiment.batch = batch
        experiment.learningRate = learningRate
        experiment.maximumNorm = clip
        experiment.seed = seed
        // Before the minute is spent.
        try OutputFolder.make(output)

        let progress = ProgressLine(name: "learning", unit: "updates", quiet: options.quiet)
        let results = experiment.run(threads: options.threadCount, progress: progress.show)
        progress.clear()

        let lines = try results.flatMap { result in
            try [JSONLine.encode(result.start)] + result.records.map(JSONLine.encode) + [JSONLine.encode(result.end)]
        }
        try OutputFolder.write(lines.map { $0 + "\n" }.joined().utf8, to: output, "log.jsonl")
        let pictures = GradientPictures(experiment: experiment, results: results)
        for (name, figure) in [("gradient-flow", pictures.flow), ("learning", pictures.learning)] {
            let bytes = try format == .png ? figure.png() : figure.svg()
            try OutputFolder.write(bytes, to: output, "\(name).\(format.rawValue)")
        }
        try table(results).forEach { try Standard.output($0) }
    }

    private func table(_ results: [LongRangeResult]) -> [String] {
        /// The last column has no end to pad to.
        func row(_ cells: String...) -> String {
            zip(cells, [24, 11, 18]).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined()
                + cells.dropFirst(3).joined()
        }
        func share(_ measurement: LongRangeMeasurement) -> String {
            measurement.shareAtFirstStep.map { String(format: $0 == 0 ? "0" : "%.1e", $0) } ?? "-"
        }
        return [
            row("", "") + "gradient at the first step / at the last",
            row("cell", "accuracy", "before training", "after training"),
        ]
            + results.map { result in
                row(
                    result.subject.name, String(format: "%5.1f %%", 100 * result.end.accuracy), share(result.start),
                    share(result.end))
            }
    }
}

/// The formats of pictures.
enum PictureFormat: String, ExpressibleByArgument, CaseIterable {
    case png, svg
}
