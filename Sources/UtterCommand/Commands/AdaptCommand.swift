import ArgumentParser
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter adapt`: a new vocabulary from a few recordings.
struct AdaptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapt",
        abstract: "Teach a model a new vocabulary from a few labelled recordings.",
        discussion: """
            Examples:
              utter adapt --train audio/commands/train.jsonl --output commands.safetensors
              utter adapt --train audio/commands/train.jsonl \\
                --output commands.safetensors --adapter
              utter adapt --words commands.txt --output commands.safetensors
              utter adapt --train new.jsonl --dev new-dev.jsonl --keep old.jsonl \\
                --output both.safetensors

            The classes are those of the transcripts: labels, words or characters, whichever they suggest; which are kept, \
            new and dropped is told. The head learns first, then the encoder from the top; the state with the lowest dev \
            error is written. Ctrl-C writes a checkpoint and stops, --resume goes on, also after a power cut. \
            docs/adapting.md is a guide.
            """)

    @OptionGroup var modelOptions: ModelOptions

    @Option(help: "A manifest to learn from; may be given several times.", completion: .file())
    var train: [String] = []

    @Option(help: "A text file of labels, one a line: known as they are said, with or without recordings.")
    var words: String?

    @Option(
        help: """
            How words are said, for a model of phones: a lexicon, compiled or as text (default: the one beside the model that has \
            its name and ends in .lexicon, if there is one).
            """,
        completion: .file())
    var lexicon: String?

    @Option(
        help: """
            A manifest of other speakers to measure by; may be given several times (default: a part of train, if there is \
            enough of it).
            """,
        completion: .file())
    var dev: [String] = []

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file())
    var output: String

    @Flag(help: "Write an adapter: the head and the changed layers alone, for transcribe --model BASE --adapter FILE.")
    var adapter = false

    @Option(
        help: "ctc-phones, ctc-characters, ctc-words, classifier or phrases (default: what the transcripts suggest).")
    var head: HeadKind?

    @Option(help: "Give the head a hidden layer of so many units (default: none, it is linear).")
    var hidden: Int?

    @Option(
        help: "Other speech, of which no label is to be found: a manifest whose texts do not matter.",
        completion: .file())
    var other: [String] = []

    @Option(
        help: "A manifest of the old domain: it is learned from too, and both errors are told and count.",
        completion: .file())
    var keep: String?

    @Option(
        help: """
            What learns, stage by stage, apart by commas: head, a number of highest layers, all (default: head, then half \
            of the layers, then all; head alone of fewer than 20 recordings, or 300 where none are to measure by).
            """)
    var stages: StageList?

    @Option(help: "So many of the lowest layers never change; all for the head alone.")
    var freeze: FrozenLayers = FrozenLayers(count: 0)

    @Option(help: "Pull the weights back towards those of the base: 0.001 is gentle, 0.1 strong.")
    var pull = 0.0

    @Option(help: "Passes over the data in the longest stage (default: 20 to 60, by head and data).")
    var epochs: Int?

    @Flag(help: "Begin with random weights, to see what the base is worth.")
    var fromScratch = false

    @Flag(help: "Go on with the same adaptation where it was stopped.")
    var resume = false

    @Option(help: "What all random numbers come from.")
    var seed: UInt64 = 1

    @Option(help: "The share of rows that may be bad and are skipped, 0 to 1.")
    var maxBad = BadShare.allowed

    @OptionGroup var runOptions: RunOptions

    func validate() throws {
        guard !train.isEmpty || words != nil else {
            throw ValidationError("Give recordings with --train, or a list of labels with --words, or both.")
        }
        if words != nil, fromScratch || hidden != nil {
            throw ValidationError(
                "--words needs the head of the base: leave out \(fromScratch ? "--from-scratch" : "--hidden").")
        }
        if let hidden, !(1...1024).contains(hidden) { throw ValidationError("--hidden \(hidden): give 1 to 1024.") }
        if let epochs, !(1...10_000).contains(epochs) { throw ValidationError("--epochs \(epochs): give 1 to 10000.") }
        guard pull >= 0, pull <= 10 else { throw ValidationError("--pull \(pull): give 0 to 10.") }
        guard (0...1).contains(maxBad) else { throw ValidationError("--max-bad \(maxBad): give 0 to 1.") }
        if fromScratch, adapter { throw ValidationError("--from-scratch changes all layers: leave out --adapter.") }
    }

    func run() throws {
        let log = runOptions.log
        let interruption = Interruption {
            log.notice("stopping at the next checkpoint; Ctrl-C once more stops at once")
        }
        let report = TrainingReport(name: "adapting", quiet: runOptions.quiet, log: log)
        let basePath = try DefaultModel.path(named: modelOptions.model)
        let inputs = [basePath] + train + dev + other + [keep, words, lexicon].compactMap { $0 }
        try ResultWriter.refuse(output, toReplace: inputs, option: "--output")
        let base = try AcousticModel(path: basePath)
        let work = TrainingFolder(path: output + ".work")
        let isThere = FileManager.default.fileExists(atPath: work.path)
        if isThere, !resume {
            throw CommandError(
                "\(OneLine.file(work.path)) holds an adaptation that was stopped: go on with --resume, or remove it")
        }
        let adaptation = try Adaptation(
            options(
                layers: base.encoder.layers.count, lexicon: lexicon ?? DefaultModel.lexicon(beside: basePath),
                decoding: decoding(basePath)),
            base: base, folder: work, threads: runOptions.threadCount,
            isInterrupted: { interruption.isRequested }, report: report.tell)
        do {
            let result = try adaptation.run()
            report.clear()
            try write(result.model, base: base)
            try? FileManager.default.removeItem(atPath: work.path)
            if let worse = worse(result) { Standard.error("warning: \(output): \(worse)") }
            try Standard.output(line(of: result))
        } catch let stop as TrainingInterrupted {
            report.clear()
            Standard.error("\(output): \(stop)")
            throw ExitCode(130)
        }
    }

    private func options(layers: Int, lexicon: String?, decoding: AdaptationDecoding) -> AdaptationOptions {
        var options = AdaptationOptions()
        (options.train, options.dev, options.other, options.keep) = (train, dev, other, keep)
        (options.words, options.lexicon, options.decoding) = (words, lexicon, decoding)
        (options.head, options.hidden, options.stages) = (head, hidden, stages?.stages)
        options.frozenLayers = min(layers, freeze.count)
        (options.pull, options.epochs, options.fromScratch) = (pull, epochs, fromScratch)
        (options.resumes, options.maxBad, options.seed) = (resume, maxBad, seed)
        return options
    }

    /// How a model of text is used beside the base: as transcribe uses it.
    private func decoding(_ basePath: String) -> AdaptationDecoding {
        let name = DefaultModel.languageModel(beside: basePath).map { URL(fileURLWithPath: $0).lastPathComponent }
        return AdaptationDecoding(name: name ?? "no language model") { [lexicon] model in
            var options = try DecodingOptions.parse([])
            // One as text spells the labels; how the words of the language model are said, it need not know.
            if model.head.kind == .phones, let lexicon, LexiconFile.isCompiled(lexicon) { options.lexicon = lexicon }
            return try options.decoder(for: model, at: basePath)
        }
    }

    private func write(_ model: AcousticModel, base: AcousticModel) throws {
        guard adapter else { return try model.write(to: output) }
        guard let adapter = Adapter(model, of: base) else {
            throw CommandError("\(output): the adapted model has not the layers of its base")
        }
        try adapter.write(to: output, base: base)
    }

    /// The language model and the base, where text was measured.
    private func comparison(_ result: Adaptation.Result) -> String {
        guard let base = result.base else { return "" }
        let how = result.languageModel.map { " with \(OneLine.escaped($0))" } ?? " without a language model"
        return "\(how), the base \(base.figures)"
            + (result.isUnchanged ? ": nothing was better than the base, whose weights are written as they are" : "")
            + (worse(result).map { ": \($0)" } ?? "")
    }

    /// That what is written is worse than its base; nil where it is not.
    private func worse(_ result: Adaptation.Result) -> String? {
        guard let base = result.base, let score = result.score, score.wer > base.wer else { return nil }
        return "WORSE THAN ITS BASE: use the base, or give more recordings"
    }

    private func line(of result: Adaptation.Result) throws -> String {
        let bytes = try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int ?? 0
        let error =
            result.score.map { "\($0.figures) on \(result.measuredOn)\(comparison(result))" }
            ?? result.estimate.map { "\($0.figures) by cross-validation of the head alone" } ?? "not measured"
        return "\(output): \(error), \(bytes / 1000) kB, \(Clock.text(result.seconds))"
    }
}

extension HeadKind: ExpressibleByArgument {}

/// Stages apart by commas.
struct StageList: ExpressibleByArgument {
    let stages: [AdaptationOptions.Stage]

    init?(argument: String) {
        var stages: [AdaptationOptions.Stage] = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            switch name {
            case "head": stages.append(.head)
            case "all": stages.append(.all)
            default:
                guard let count = Int(name), (1...64).contains(count) else { return nil }
                stages.append(.top(count))
            }
        }
        self.stages = stages
    }
}

/// A number of layers, or all.
struct FrozenLayers: ExpressibleByArgument {
    let count: Int

    init(count: Int) { self.count = count }

    init?(argument: String) {
        guard let count = argument == "all" ? Int.max : Int(argument), count >= 0 else { return nil }
        self.count = count
    }

    var defaultValueDescription: String { "\(count)" }
}
