import ArgumentParser
import Files
import Foundation
import Logging
import Messages
import UtterTraining

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
              utter posteriors --manifest audio/transcripts.jsonl \\
                --output heard.safetensors
              utter lm tune household.lm --manifest audio/transcripts.jsonl \\
                --posteriors heard.safetensors

            The acoustic model hears each recording once; then weights and word bonuses are tried, first on a grid, then \
            near the best. Those with the fewest word errors are written beside the language model (household.lm.json), \
            where transcribe and evaluate find them. Tune on other recordings than you measure on. Several manifests count \
            alike, however long each is: the mean of their error rates decides. With --posteriors nothing is heard: what \
            utter posteriors wrote of the same manifest is read in place of the recordings and the model.
            """)

    @Argument(help: "The language model, .arpa or .lm.", completion: .file())
    var languageModel: String

    @Option(
        name: .customLong("manifest"),
        help: "The manifest with the recordings and what is said in them; several count alike.",
        completion: .file())
    var manifests: [String]

    @OptionGroup var modelOptions: ModelOptions

    @Option(
        help: "Posteriors of the recordings, as utter posteriors writes them, a file for each manifest; run no model.",
        completion: .file())
    var posteriors: [String] = []

    @Option(
        help:
            "How words are said, for a model of phones: a compiled lexicon (default: the one beside the acoustic model).",
        completion: .file())
    var lexicon: String?

    @Flag(help: "Recognise no other words than those of the language model.")
    var knownWords = false

    @Option(help: "How many beginnings of texts are followed at once.")
    var beam = BeamOptions().beam

    @Option(
        name: .shortAndLong, help: "Write the weights to this file (default: beside the language model).",
        completion: .file())
    var output: String?

    @Flag(help: "One JSON object for each trial, the best first, instead of a table.")
    var json = false

    @OptionGroup var options: ManifestOptions

    func validate() throws {
        guard (1...BeamOptions.widest).contains(beam) else {
            throw ValidationError("--beam \(beam): give 1 to \(BeamOptions.widest).")
        }
        guard !StandardStream.isNamed(by: languageModel) else {
            throw ValidationError("the language model must be a file: its weights are kept beside it.")
        }
        guard posteriors.isEmpty || modelOptions.model == nil else {
            throw ValidationError("--posteriors and --model: stored posteriors need no model; give one of them.")
        }
        guard posteriors.isEmpty || posteriors.count == manifests.count else {
            throw ValidationError(
                "--posteriors: \(posteriors.count) for \(manifests.count) manifests; give one for each, in their order."
            )
        }
    }

    func run() throws {
        let rows = try manifests.map { try options.manifest($0).rows }
        let source = try Source(posteriors, modelOptions)
        var decoder = try decoder(for: source)
        let progress = ProgressLine(name: source.isStored ? "reading" : "listening", quiet: options.quiet)
        var (sets, isWhole) = ([[WeightTuning.Utterance]](), true)
        for (set, manifest) in manifests.enumerated() {
            let (utterances, problems) = source.utterances(
                rows[set], of: set, threads: options.threadCount, progress: progress.show)
            progress.clear()
            options.log.report(failed: problems)
            guard !utterances.isEmpty else {
                throw CommandError(
                    source.isStored
                        ? "\(manifest): there are posteriors of no recording in it"
                        : "\(manifest): no recording could be heard")
            }
            sets.append(utterances)
            isWhole = isWhole && problems.isEmpty
        }

        let trials = try WeightTuning(
            sets, decoder: decoder, columns: decoder.spokenWords == nil ? source.text.columns : nil,
            threads: options.threadCount
        ).run()
        guard let best = trials.first else { return }
        decoder.weights = best.weights
        decoder.weights.confidence = source.confidence(
            in: sets, decoder: decoder, threads: options.threadCount,
            progress: ProgressLine(name: "confidences", quiet: options.quiet), log: options.log)
        let path = output ?? DecodingWeights.path(beside: languageModel)
        let stored = try JSONLine.encode(decoder.weights) + "\n"
        try AtomicFile.write(to: path) { try $0.append(stored.utf8) }
        for line in try lines(trials, byPhones: decoder.spokenWords != nil) { try Standard.output(line) }
        options.log.notice("\(OneLine.quoted(path, limit: .max)) has the weights of the first line")
        if !isWhole { throw ExitCode.failure }
    }

    /// What is tuned: words by their phones where the model hears those, else by the characters.
    private func decoder(for source: Source) throws -> Decoder {
        let alphabet = Alphabet(source.text.vocabulary)
        var decoder = Decoder(alphabet: alphabet, options: BeamOptions(beam: beam))
        decoder.options.pauseSteps = BeamOptions.pauseSteps(secondsPerStep: source.secondsPerStep)
        guard let phones = source.phones, let lexicon = lexicon ?? source.lexicon else {
            guard alphabet.vocabulary.unit == .character else {
                throw CommandError("the model hears phones, and there is no lexicon beside it: give one with --lexicon")
            }
            decoder.textModel = try TextModels.fit(
                LanguageModelFile.open(languageModel), name: languageModel, alphabet: alphabet, isClosed: knownWords)
            return decoder
        }
        decoder.weights = .usualForPhones
        let pronunciations = try PronunciationLexicon(path: lexicon)
        let (model, _) = try Recognizer.Configuration.mixed(
            LanguageModelFile.open(languageModel), lm: languageModel, lexicon: pronunciations, at: source.path,
            isClosed: knownWords)
        decoder.spokenWords = try SpokenWords(
            lexicon: pronunciations, languageModel: model, name: languageModel,
            vocabulary: phones.vocabulary, characters: phones.characters, isClosed: knownWords)
        return decoder
    }

    private func lines(_ trials: [WeightTuning.Trial], byPhones: Bool) throws -> [String] {
        if json { return try trials.map(JSONLine.encode) }
        // Of several sets the mean, and then each word error rate in the order of the manifests.
        let several = manifests.count > 1
        let numbers = several ? manifests.indices.map { "    WER " + String($0 + 1) } : []
        return [
            "lm weight  word bonus" + (byPhones ? "  joined   blank" : "") + "      WER      CER" + numbers.joined()
        ]
            + trials.map { trial in
                let rates =
                    [trial.meanWordErrorRate, trial.meanCharacterErrorRate]
                    + (several ? trial.sets.map { $0.words.rate ?? 0 } : [])
                return String(
                    format: "%9.3f%12.3f", trial.weights.languageModelWeight, trial.weights.wordBonus)
                    + (byPhones
                        ? String(format: "%8.2f%8.2f", trial.weights.spoken.joinedWords, trial.weights.spoken.blank)
                        : "")
                    + rates.map { String(format: "%9.2f", 100 * $0) }.joined()
            }
    }
}

/// Where posteriors come from: a model that listens, or a file for each manifest.
private enum Source {
    case model(AcousticModel, path: String)
    case files([PosteriorFile])

    init(_ paths: [String], _ options: ModelOptions) throws {
        guard !paths.isEmpty else {
            let path = try DefaultModel.path(named: options.model)
            self = .model(try AcousticModel(path: path), path: path)
            return
        }
        let files = try paths.map(PosteriorFile.init(path:))
        for (path, file) in zip(paths, files)
        where (file.vocabulary, file.characterVocabulary) != (files[0].vocabulary, files[0].characterVocabulary) {
            throw CommandError("\(path): its classes are not those of \(paths[0]); give posteriors of one model")
        }
        self = .files(files)
    }

    var secondsPerStep: Double {
        switch self {
        case .model(let model, _): model.frontEnd.secondsPerStep
        case .files(let files): files[0].description.secondsPerStep
        }
    }

    /// What the posteriors are decoded by, and its columns.
    var text: (vocabulary: Vocabulary, columns: Range<Int>) {
        switch self {
        case .model(let model, _): (model.textVocabulary, model.textColumns)
        case .files(let files): (files[0].textVocabulary, files[0].textColumns)
        }
    }

    /// The classes of phones, and those of the characters behind them; nil where there are none.
    var phones: (vocabulary: Vocabulary, characters: Vocabulary?)? {
        let (vocabulary, characters) =
            switch self {
            case .model(let model, _): (model.vocabulary, model.characterVocabulary)
            case .files(let files): (files[0].vocabulary, files[0].characterVocabulary)
            }
        return vocabulary.unit == .phone ? (vocabulary, characters) : nil
    }

    /// The file of the model; nil where there are posteriors.
    var path: String? { if case .model(_, let path) = self { path } else { nil } }
    /// The lexicon beside the model.
    var lexicon: String? { path.flatMap(DefaultModel.lexicon) }

    var isStored: Bool { if case .files = self { true } else { false } }

    /// What the confidences of words are worth with a decoder that does not scale them yet; nil where there is no
    /// model: words are aligned by its classes and steps.
    func confidence(
        in sets: [[WeightTuning.Utterance]], decoder: Decoder, threads: Int, progress: ProgressLine, log: Logger
    ) -> ConfidenceScale? {
        guard case .model(let model, _) = self else { return nil }
        let transcriber = Transcriber(model: model, threads: 1, decoder: decoder)
        var fit = ConfidenceFit()
        let problems = sets.flatMap {
            fit.addSet($0, transcriber: transcriber, threads: threads, progress: progress.show)
        }
        progress.clear()
        for problem in problems { log.warning("\(problem); the confidences are fitted without this recording") }
        return fit.scale
    }

    func utterances(
        _ rows: [ManifestRow], of set: Int, threads: Int, progress: @escaping @Sendable (RowProgress) -> Void
    ) -> (utterances: [WeightTuning.Utterance], problems: [BadLine]) {
        switch self {
        case .files(let files):
            return WeightTuning.Utterance.stored(in: files[set], of: rows, threads: threads, progress: progress)
        case .model(let model, _):
            let transcriber = Transcriber(model: model, threads: 1)
            return WeightTuning.Utterance.listening(to: rows, threads: threads, progress: progress) {
                try transcriber.posteriors(of: $0)
            }
        }
    }
}
