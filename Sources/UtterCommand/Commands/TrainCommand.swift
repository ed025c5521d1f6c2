import ArgumentParser
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter train`: from labelled recordings to a model.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a model on labelled recordings.",
        discussion: """
            Examples:
              utter train --train audio/transcripts.jsonl --dev audio/transcripts.jsonl \\
                --output run --set network.hidden=32 --epochs 3
              utter train --recipe recipe.yaml --output run
              utter train --recipe recipe.yaml --from models/english-small.safetensors \\
                --output run
              utter train --output run --resume
              utter train --output run --resume --epochs 80
              utter train --print-recipe > recipe.yaml

            A recipe says what is computed; --print-recipe shows every key with its default, and --set changes one. After \
            each epoch the error on the dev recordings is told; run/best.safetensors is the model with the lowest, \
            run/last.safetensors the last. run/log.jsonl has a line of JSON for each epoch. Ctrl-C writes a checkpoint and \
            stops; --resume goes on from the last checkpoint, also after a power cut, and ends with the same model; with --epochs it \
            goes on to more passes than the run was begun with.
            """)

    @Option(help: "The recipe, a YAML file; what it leaves out has its default.", completion: .file())
    var recipe: String?

    @Option(
        help: "A manifest to learn from, in place of the recipe's; may be given several times.", completion: .file())
    var train: [String] = []

    @Option(
        help: "A manifest to measure by, in place of the recipe's; may be given several times.", completion: .file())
    var dev: [String] = []

    @Option(name: .shortAndLong, help: "The folder of the run: models, checkpoint, log.", completion: .directory)
    var output: String?

    @Option(
        help: "A model to begin with, in place of random weights: for more data, or another domain.",
        completion: .file())
    var from: String?

    @Flag(help: "Go on with the run in the folder.")
    var resume = false

    @Option(name: .customLong("set"), help: "Change a key of the recipe: KEY=VALUE, such as network.hidden=256.")
    var assignments: [String] = []

    @Option(help: "Passes over the data, in place of the recipe's.")
    var epochs: Int?

    @Option(help: "What all random numbers come from, in place of the recipe's.")
    var seed: UInt64?

    @Flag(help: "Print the recipe with every key, what it means and its value, and do nothing else.")
    var printRecipe = false

    @Flag(help: "Only see whether the network can learn eight of the recordings by heart, in a minute at the most.")
    var sanity = false

    @Option(help: "The share of rows that may be bad and are skipped, 0 to 1, in place of the recipe's.")
    var maxBad: Double?

    @OptionGroup var runOptions: RunOptions

    func validate() throws {
        if printRecipe { return }
        if output == nil, !sanity { throw ValidationError("--output: name the folder of the run.") }
        if resume,
            sanity || !assignments.isEmpty || recipe != nil || seed != nil || maxBad != nil
                || from != nil || !(train + dev).isEmpty
        {
            throw ValidationError(
                "--resume goes on with the recipe in the folder: give only --output, --threads and --epochs.")
        }
        if !resume, recipe == nil, train.isEmpty || dev.isEmpty {
            throw ValidationError("Nothing to learn from: give --recipe, or --train and --dev.")
        }
    }

    func run() throws {
        if printRecipe {
            print(RecipeFile.yaml(try chosenRecipe()), terminator: "")
            return
        }
        let log = runOptions.log
        let interruption = Interruption {
            log.notice("stopping after this step and a checkpoint; Ctrl-C once more stops at once")
        }
        let report = TrainingReport(quiet: runOptions.quiet, log: log)
        if sanity { return try checkSanity(report, interruption) }
        let folder = TrainingFolder(path: output ?? "")
        let trainer = try Trainer(
            resume ? RecipeFile.readNoted(folder.recipe) : chosenRecipe(), folder: folder, resumes: resume,
            prolongedTo: resume ? epochs : nil, threads: runOptions.threadCount,
            isInterrupted: { interruption.isRequested }, report: report.tell)
        do {
            let result = try trainer.run()
            report.clear()
            try Standard.output(
                "\(result.best): \(result.score.figures) on dev, epoch \(result.epoch), \(Clock.text(result.seconds)) of "
                    + "training")
        } catch let stop as TrainingInterrupted {
            report.clear()
            Standard.error("\(folder.path): \(stop)")
            throw ExitCode(130)
        }
    }

    private func chosenRecipe() throws -> TrainingRecipe {
        var chosen = try recipe.map { path in try RecipeFile.read(path) } ?? TrainingRecipe()
        if !train.isEmpty { (chosen.data.train, chosen.data.weights) = (train, []) }
        if !dev.isEmpty { chosen.data.dev = dev }
        if let from { chosen.network.from = from }
        for assignment in assignments { try RecipeFile.assign(assignment, to: &chosen) }
        if let epochs { try RecipeFile.assign("training.epochs=\(epochs)", to: &chosen) }
        if let seed { try RecipeFile.assign("training.seed=\(seed)", to: &chosen) }
        if let maxBad { try RecipeFile.assign("data.max_bad=\(maxBad)", to: &chosen) }
        return chosen
    }

    private func checkSanity(_ report: TrainingReport, _ interruption: Interruption) throws {
        let check = try SanityCheck(chosenRecipe(), threads: runOptions.threadCount, report: report.tell)
        let outcome = try check.run(isInterrupted: { interruption.isRequested }) { steps, seconds, loss, cer in
            report.show(
                String(format: "%d steps, %.0f s, loss %.3f, CER %.1f %%", steps, seconds, loss, 100 * cer))
        }
        report.clear()
        let figures = String(
            format: "%d recordings, %d steps, %.0f s: CER %.2f %%", outcome.utterances, outcome.steps, outcome.seconds,
            100 * outcome.cer)
        try Standard.output(figures)
        guard !outcome.isPassed else { return }
        for pair in outcome.pairs where pair.reference != pair.hypothesis { report.tell(pair) }
        throw CommandError(
            "the network does not learn them by heart in a minute: see whether the texts belong to the recordings (utter data "
                + "check), or try a smaller network")
    }
}
