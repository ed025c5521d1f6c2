import ArgumentParser
import Foundation
import Messages
import Utter

/// `utter lm tune`: finds the weights of a language model on labelled recordings.
struct LMTuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Find how much a language model should count, on labelled recordings.",
        discussion: """
            Example:
              utter lm estimate audio/household.txt --output household.lm
              utter lm tune household.lm --manifest audio/transcripts.jsonl
              utter transcribe --lm household.lm audio/turn-on-the-lamp.wav
              utter posteriors --manifest audio/transcripts.jsonl --output heard.safetensors
              utter lm tune household.lm --manifest audio/transcripts.jsonl --posteriors heard.safetensors

            The acoustic model hears each recording once; then weights and word bonuses are tried, first on a grid, then \
            near the best. Those with the fewest word errors are written beside the language model (household.lm.json), \
            where transcribe and evaluate find them. Tune on other recordings than you measure on. With --posteriors nothing is \
            heard: what utter posteriors wrote of the same manifest is read in place of the recordings and the model.
            """)

    @Argument(help: "The language model, .arpa or .lm.")
    var languageModel: String

    @Option(help: "The manifest with the recordings and what is said in them.")
    var manifest: String

    @OptionGroup var modelOptions: ModelOptions

    @Option(help: "Posteriors of the recordings, as utter posteriors writes them; run no model.")
    var posteriors: String?

    @Flag(help: "Recognise no other words than those of the language model.")
    var knownWords = false

    @Option(help: "How many beginnings of texts are followed at once.")
    var beam = BeamOptions().beam

    @Option(name: .shortAndLong, help: "Write the weights to this file (default: beside the language model).")
    var output: String?

    @Flag(help: "One JSON object for each trial, the best first, instead of a table.")
    var json = false

    @OptionGroup var options: ManifestOptions

    func validate() throws {
        guard (1...BeamOptions.widest).contains(beam) else {
            throw ValidationError("--beam \(beam): give 1 to \(BeamOptions.widest).")
        }
        guard languageModel != "-" else {
            throw ValidationError("the language model must be a file: its weights are kept beside it.")
        }
        guard posteriors == nil || modelOptions.model == nil else {
            throw ValidationError("--posteriors and --model: stored posteriors need no model; give one of them.")
        }
    }

    func run() throws {
        let rows = try options.manifest(manifest).rows
        let source = try Source(posteriors, modelOptions)
        let alphabet = Alphabet(source.vocabulary)
        var decoder = Decoder(alphabet: alphabet, options: BeamOptions(beam: beam))
        decoder.textModel = try TextModels.fit(
            LanguageModelFile.open(languageModel), name: languageModel, alphabet: alphabet, isClosed: knownWords)
        let progress = ProgressLine(name: source.isStored ? "reading" : "listening", quiet: options.quiet)
        let (utterances, problems) = source.utterances(rows, threads: options.threadCount, progress: progress.show)
        progress.clear()
        options.log.report(failed: problems)
        guard !utterances.isEmpty else {
            throw CommandError(
                source.isStored
                    ? "\(manifest): there are posteriors of no recording in it"
                    : "\(manifest): no recording could be heard")
        }

        let trials = WeightTuning(utterances, decoder: decoder, threads: options.threadCount).run()
        guard let best = trials.first else { return }
        let path = output ?? DecodingWeights.path(beside: languageModel)
        let stored = try JSONLine.encode(best.weights) + "\n"
        try AtomicFile.write(to: path) { try $0.append(stored.utf8) }
        for line in try lines(trials) { try Standard.output(line) }
        options.log.notice("\(OneLine.quoted(path, limit: .max)) has the weights of the first line")
        if !problems.isEmpty { throw ExitCode.failure }
    }

    private func lines(_ trials: [WeightTuning.Trial]) throws -> [String] {
        if json { return try trials.map(JSONLine.encode) }
        return ["lm weight  word bonus      WER      CER"]
            + trials.map { trial in
                String(
                    format: "%9.3f%12.3f%9.2f%9.2f", trial.weights.languageModelWeight, trial.weights.wordBonus,
                    100 * (trial.errors.words.rate ?? 0), 100 * (trial.errors.characters.rate ?? 0))
            }
    }
}

/// Where posteriors come from: a model that listens, or a file.
private enum Source {
    case model(AcousticModel)
    case file(PosteriorFile)

    init(_ path: String?, _ options: ModelOptions) throws {
        self =
            if let path {
                .file(try PosteriorFile(path: path))
            } else {
                .model(try AcousticModel(path: DefaultModel.path(named: options.model)))
            }
    }

    var vocabulary: Vocabulary {
        switch self {
        case .model(let model): model.vocabulary
        case .file(let file): file.vocabulary
        }
    }

    var isStored: Bool { if case .file = self { true } else { false } }

    func utterances(
        _ rows: [ManifestRow], threads: Int, progress: @escaping @Sendable (RowProgress) -> Void
    ) -> (utterances: [WeightTuning.Utterance], problems: [BadLine]) {
        switch self {
        case .file(let file):
            return WeightTuning.Utterance.stored(in: file, of: rows, threads: threads, progress: progress)
        case .model(let model):
            let transcriber = Transcriber(model: model, threads: 1)
            return WeightTuning.Utterance.listening(to: rows, threads: threads, progress: progress) {
                try transcriber.posteriors(of: $0)
            }
        }
    }
}
