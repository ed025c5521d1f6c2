import AcousticModel
import CTC
import Corpora
import Evaluation
import Foundation
import Networks
import Training

/// Adapts a model to the vocabulary of a few recordings.
///
/// ```swift
/// var options = AdaptationOptions()
/// options.train = ["commands/train.jsonl"]
/// let base = try AcousticModel(path: "models/english-small.safetensors")
/// let adaptation = try Adaptation(options, base: base, folder: TrainingFolder(path: "work"), threads: 2) { print($0) }
/// try adaptation.run().model.write(to: "commands.safetensors")
/// ```
///
/// First the head learns by itself on encoder outputs that are computed once. Then the encoder is unfrozen from the top, with
/// smaller rates for lower layers; those stages are runs of the ``Trainer``, each in a folder of its own, and go on from its
/// checkpoints. The state with the lowest dev error of all stages is the result.
public final class Adaptation {
    /// What it came to.
    public struct Result: Sendable {
        /// The adapted model.
        public let model: AcousticModel
        /// Its dev error; nil where there was nothing to measure by.
        public let score: DevScore?
        /// Of what that is the error, for people.
        public let measuredOn: String
        /// What the base makes of the same recordings, as it is used; nil where it has no text to be compared.
        public let base: DevScore?
        /// The language model with which both were measured; nil for none.
        public let languageModel: String?
        /// Whether what was learned is of no use there, so that the base's own weights are what is given.
        public let isUnchanged: Bool
        /// The error of the head alone, estimated by cross-validation; nil where there is a dev error.
        public let estimate: DevScore?
        /// Seconds of work.
        public let seconds: Double
    }

    /// The classes, and what became of those of the base.
    public var vocabulary: AdaptationVocabulary { material.vocabulary }

    let options: AdaptationOptions
    let base: AcousticModel
    let folder: TrainingFolder
    let threads: Int
    var material: AdaptationMaterial
    let isInterrupted: @Sendable () -> Bool
    let report: @Sendable (TrainingEvent) -> Void
    let begin = ContinuousClock().now

    /// Looks the data through.
    /// - Parameters:
    ///   - folder: where unfinished work lies; it need not exist.
    ///   - threads: at most this many run at once.
    ///   - isInterrupted: is asked now and then; where it says so, the run stops, after a checkpoint.
    ///   - report: is told what happens.
    /// - Throws: ``DataError`` and the errors of the rooms below: bad data.
    public init(
        _ options: AdaptationOptions, base: AcousticModel, folder: TrainingFolder, threads: Int,
        isInterrupted: @escaping @Sendable () -> Bool = { false },
        report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
    ) throws {
        (self.options, self.base, self.folder, self.threads) = (options, base, folder, threads)
        (self.isInterrupted, self.report) = (isInterrupted, report)
        material = try AdaptationMaterial(options, base: base, threads: threads, report: report)
    }

    /// Learns.
    /// - Throws: ``TrainingInterrupted`` where it was asked to stop.
    public func run() throws -> Result {
        try chooseFrontEnd()
        let recipe = AdaptationRecipe(options, material: material)
        let sources = try recipe.sources(frontEnd: material.frontEnd)
        guard !options.train.isEmpty || !options.other.isEmpty else { return try wordsAlone(recipe, sources) }
        var encoder = options.fromScratch ? recipe.randomEncoder(like: base.encoder) : base.encoder
        var head = recipe.head(inputs: base.encoder.outputs, from: options.fromScratch ? nil : base)
        var best: (model: AcousticModel, score: DevScore?)?
        // Of text both are measured as they are used, and what is worse than the base is not taken.
        let used = try measuredBase()
        let isUsed = used != nil && material.kept == nil
        var characters = head.kind == .phones ? TrainableHead(charactersOf: base) : nil
        if let used, isUsed, material.hasDev, head.kind == .phones {
            best = (model(encoder: encoder, head: head, characters: characters), used.score)
        }
        var estimate: DevScore?
        let source = base.encoder
        let stages = options.stages(
            recordings: material.train.utterances.count, hasDev: material.hasDev, layers: encoder.layers.count,
            labelsRecordings: material.vocabulary.kind.labelsRecordings)
        // The first stage notices by itself what cannot be heard.
        if stages.first != .head {
            let heard = Heard(material.train, source: sources.plain, threads: threads) { [report] in
                report(.checking($0))
            }
            try learn(from: heard.usable, problems: heard.problems)
        }
        for (number, stage) in stages.enumerated() {
            if material.hasDev, options.stages == nil, best?.score.map({ $0.wer == 0 && $0.cer == 0 }) ?? false {
                report(
                    .note("no error is left on dev: the other stages could not be told from this one, and are left out")
                )
                break
            }
            let count: Int
            switch stage {
            case .head where head.kind == .phones:
                let trained = try trainBothHeads(head, characters, sources: sources)
                let listener = model(encoder: encoder, head: trained.head, characters: trained.characters)
                let score = isUsed && material.hasDev ? try usedErrors(of: listener).score : nil
                if let score {
                    report(.note("stage 1 of \(stages.count), both heads: \(score.figures) on dev"))
                    if let now = best?.score, !(score < now) { continue }
                }
                (head, characters) = (trained.head, trained.characters)
                best = (listener, score)
                continue
            case .head:
                let trained = try trainHead(head, recipe: recipe, sources: sources)
                (head, estimate) = (trained.head, trained.estimate)
                let listener = model(encoder: encoder, head: head)
                best = (listener, isUsed && material.hasDev ? try usedErrors(of: listener).score : trained.score)
                continue
            case .top(let layers): count = layers
            case .all: count = encoder.layers.count
            }
            var (trained, score) = try train(
                layers: count, of: encoder, head: head, characters: characters, source: source, recipe: recipe,
                share: stages.last == stage ? 1 : 0.4, number: number, used: used)
            if isUsed { score = try usedErrors(of: trained).score }
            report(
                .note(
                    "stage \(number + 1) of \(stages.count), the head and \(count) layers: \(score.figures)"
                        + (isUsed ? used?.beside ?? "" : "") + " on "
                        + (material.hasDev ? whatMeasures : "what was learned from, which says nothing of others")))
            // Without recordings to measure by, the last state counts.
            // Of equals the earlier: it changes less.
            if !material.hasDev || best?.score.map({ score < $0 }) ?? true { best = (trained, score) }
            let next = best?.model ?? trained
            (encoder, head) = (next.encoder, TrainableHead(next.head))
            characters = TrainableHead(charactersOf: next) ?? characters
        }
        guard let best else {
            throw DataError("--stages", "names no stage", mend: "give head, a number of layers, or all")
        }
        let final = try calibrated(best.model, sources: sources)
        let isUnchanged =
            final.head.kind == .phones && final.encoder.parameters == base.encoder.parameters
            && final.head.layers.last.weight.values == base.head.layers.last.weight.values
        return Result(
            model: final, score: material.hasDev ? best.score : nil, measuredOn: whatMeasures,
            base: isUsed && material.hasDev ? used?.score : nil,
            languageModel: isUsed ? used.flatMap { $0.decoded == nil ? nil : $0.name } : nil,
            isUnchanged: isUnchanged, estimate: estimate, seconds: (ContinuousClock().now - begin) / .seconds(1))
    }

    func model(
        encoder: RecurrentNetwork, head: TrainableHead, characters: TrainableHead? = nil, threshold: Double? = nil,
        frontEnd: FrontEnd? = nil
    ) -> AcousticModel {
        var model = AcousticModel(
            name: URL(fileURLWithPath: folder.path).deletingPathExtension().lastPathComponent,
            frontEnd: frontEnd ?? material.frontEnd, encoder: encoder,
            head: head.head(
                material.vocabulary.ofHead,
                beside: characters.flatMap { head in
                    base.characterVocabulary.map { CharacterHead(layer: head.last, vocabulary: $0) }
                }, threshold: threshold),
            training: [
                "base": options.fromScratch ? "none: from scratch" : base.name,
                "data": "\(material.train.utterances.count) recordings", "method": "utter adapt",
            ], base: options.fromScratch ? nil : base.base ?? base.name)
        // It judges the encoder's outputs, and text alone: a word that is cut tightly is too short for it.
        if !head.kind.labelsRecordings, model.encoder.parameters == base.encoder.parameters,
            FrontEndDescription(model.frontEnd) == FrontEndDescription(base.frontEnd)
        {
            model.speechDetector = base.speechDetector
        }
        return model
    }

    /// Of what the errors are by which states are chosen.
    private var whatMeasures: String { material.kept == nil ? "dev" : "dev and the old domain, their mean" }

    // MARK: The head alone

    func texts(of set: TrainingSet, _ usable: [Int]) -> [String] { usable.map { set.utterances[$0].text } }

    private func trainHead(
        _ head: TrainableHead, recipe: AdaptationRecipe, sources: AdaptationRecipe.Sources
    ) throws -> (head: TrainableHead, score: DevScore?, estimate: DevScore?) {
        let listener = model(encoder: base.encoder, head: head)
        func outputs(_ set: TrainingSet, varied: FeatureSource?) -> EncoderOutputs {
            EncoderOutputs(
                of: set, model: listener, plain: sources.plain, varied: varied,
                copies: EncoderOutputs.copies(of: set, model: listener), threads: threads,
                progress: { [report] in report(.checking($0)) })
        }
        let train = outputs(material.train, varied: sources.varied)
        try learn(from: train.usable, problems: train.problems)
        let (learned, copies) = (material.train, train.usable.map { train.copies[$0] })
        let isMeasured = material.hasDev
        let labels = learned.utterances.map { $0.labels ?? [] }
        var training = HeadTraining(seed: options.seed, threads: threads)
        training.epochs = recipe.headEpochs
        var score: ((TrainableHead) -> DevScore)?
        let dev = isMeasured ? outputs(material.dev, varied: nil) : nil
        if let dev, !dev.problems.isEmpty { report(.skipped(dev.problems)) }
        // What begins with random weights has nothing to lose.
        if head.phrases != nil, !options.fromScratch {
            return try choosePhrases(head, training, copies: copies, dev: dev)
        }
        if let dev {
            let measured = (outputs: dev.copies.compactMap(\.first), texts: texts(of: material.dev, dev.usable))
            // The choice is made on both domains alike, here as in the stages that follow.
            let kept = material.kept.map { set in
                let old = outputs(set, varied: nil)
                return (outputs: old.copies.compactMap(\.first), texts: texts(of: set, old.usable))
            }
            score = { [self] head in
                let new = errors(of: head, outputs: measured.outputs, texts: measured.texts)
                guard let kept else { return new }
                return DevScore(mean: new, errors(of: head, outputs: kept.outputs, texts: kept.texts))
            }
        }
        let result = try training.train(
            head, outputs: copies, labels: labels, score: score, isInterrupted: isInterrupted)
        if let reached = result.score { report(.note("the head alone: \(reached.figures) on \(whatMeasures)")) }
        let estimate = isMeasured ? nil : try crossValidated(head, training, learned, copies, labels)
        return (result.head, result.score, estimate)
    }

    /// Leaves out the recordings in which nothing can be heard.
    func learn(from usable: [Int], problems: [BadLine]) throws {
        if !problems.isEmpty { report(.skipped(problems)) }
        let path = options.train.first ?? "--other"
        guard !usable.isEmpty else {
            throw DataError(
                path,
                "has no recording that can be learned from: \(problems.first?.reason ?? "")",
                mend: "record again, nearer to the microphone")
        }
        try BadShare.check(
            problems, of: material.train.utterances.count, path: path,
            allowed: max(options.maxBad, 0.5))
        material.train = material.train.selecting(usable)
        if !material.hasDev { material.dev = material.train }
        if let warning = material.vocabulary.warning(learningFrom: material.train) { report(.warning(warning)) }
    }

    func errors(of head: TrainableHead, outputs: [Matrix], texts: [String]) -> DevScore {
        let listener = model(encoder: base.encoder, head: head)
        var total = ErrorRate()
        let heard = mapInParallel(outputs.count, threads: threads, progress: RowProgress.ignore) { index in
            let scores = listener.head.stepScores(ofHidden: outputs[index])
            return ErrorRate(
                reference: texts[index],
                hypothesis: listener.bestText(
                    of: LogProbabilities(classes: scores.columns, values: scores.values)))
        }
        for errors in heard { total += errors }
        return DevScore(wer: total.words.rate ?? 0, cer: total.characters.rate ?? 0)
    }

    /// The error of the head on recordings that it has not seen: of other speakers where several are named, else the parts are
    /// drawn.
    private func crossValidated(
        _ head: TrainableHead, _ training: HeadTraining, _ set: TrainingSet, _ copies: [[Matrix]], _ labels: [[Int]]
    ) throws -> DevScore? {
        guard let (fold, folds, isBySpeaker) = folds(of: set) else { return nil }
        var sums = (wer: 0.0, cer: 0.0)
        for number in 0..<folds {
            let (inside, outside) = (
                fold.indices.filter { fold[$0] != number }, fold.indices.filter { fold[$0] == number }
            )
            let trained = try training.train(
                head, outputs: inside.map { copies[$0] }, labels: inside.map { labels[$0] },
                isInterrupted: isInterrupted)
            let reached = errors(
                of: trained.head, outputs: outside.map { copies[$0][0] }, texts: outside.map { set.utterances[$0].text }
            )
            let share = Double(outside.count) / Double(fold.count)
            sums = (sums.wer + share * reached.wer, sums.cer + share * reached.cer)
        }
        let estimate = DevScore(wer: sums.wer, cer: sums.cer)
        report(
            .note(
                "the head alone, estimated on \(folds) parts\(isBySpeaker ? " by speaker" : ""): \(estimate.figures)"))
        return estimate
    }

    /// The part of each recording in which it is held out by cross-validation: parts of other speakers where several are named.
    /// - Returns: nil where there are too few.
    func folds(of set: TrainingSet) -> (fold: [Int], count: Int, isBySpeaker: Bool)? {
        let speakers = Set(set.utterances.compactMap(\.speaker)).sorted()
        let isBySpeaker = speakers.count > 1
        let folds = isBySpeaker ? min(5, speakers.count) : min(5, set.utterances.count)
        guard folds > 1 else { return nil }
        let place = Dictionary(uniqueKeysWithValues: speakers.enumerated().map { ($1, $0 % folds) })
        let fold = set.utterances.indices.map { index in
            isBySpeaker ? set.utterances[index].speaker.flatMap { place[$0] } ?? index % folds : index % folds
        }
        return (fold, folds, isBySpeaker)
    }

    // MARK: Layers of the encoder

    private func train(
        layers count: Int, of encoder: RecurrentNetwork, head: TrainableHead, characters: TrainableHead?,
        source: RecurrentNetwork, recipe: AdaptationRecipe, share: Double, number: Int, used: UsedErrors?
    ) throws -> (AcousticModel, DevScore) {
        let kept = encoder.layers.count - count
        let trainable = TrainableModel(
            frozen: kept > 0 ? encoder.prefix(kept) : nil,
            encoder: encoder.suffix(count), head: head, characterHead: characters,
            dropout: recipe.dropout)
        let start = AdaptationStart(
            model: trainable, frontEnd: material.frontEnd,
            vocabulary: material.vocabulary.ofHead, characters: characters == nil ? nil : base.characterVocabulary,
            train: material.train, dev: material.dev, kept: material.kept,
            factors: AdaptationStart.factors(
                of: trainable, encoder: options.fromScratch ? 1 : recipe.encoderFactor,
                decay: options.fromScratch ? 1 : recipe.layerDecay),
            pull: options.fromScratch ? 0 : options.pull,
            source: source.suffix(count).parameters)
        let place = TrainingFolder(path: "\(folder.path)/stage-\(number + 1)")
        let resumes = options.resumes && place.isUsed
        let trainer = try Trainer(
            recipe.training(share: share), folder: place, resumes: resumes, adaptation: start, threads: threads,
            isInterrupted: isInterrupted
        ) { [report] event in
            report(event)
            if case .epoch = event, let used { report(.note("    the base: \(used.figures)")) }
        }
        let result = try trainer.run()
        let path = material.hasDev ? place.best : place.last
        return (try AcousticModel(path: path), result.score)
    }

    // MARK: The threshold

    /// A model that labels recordings, with its threshold; other models as they are.
    func calibrated(_ trained: AcousticModel, sources: AdaptationRecipe.Sources) throws -> AcousticModel {
        let head = TrainableHead(trained.head)
        guard head.kind.labelsRecordings, material.hasDev || material.heldBack != nil else {
            return model(encoder: trained.encoder, head: head, characters: TrainableHead(charactersOf: trained))
        }
        func classified(_ set: TrainingSet) -> [(text: String, found: Classification)] {
            let outputs = EncoderOutputs(
                of: set, model: trained, plain: sources.plain, varied: nil, copies: 1, threads: threads,
                progress: RowProgress.ignore)
            return outputs.usable.map { index in
                let scores = trained.head.stepScores(ofHidden: outputs.copies[index][0])
                return (
                    set.utterances[index].text,
                    trained.classify(LogProbabilities(classes: scores.columns, values: scores.values))
                )
            }
        }
        let dev = classified(material.dev)
        let right = dev.filter { $0.text == $0.found.text }.map(\.found.probability)
        let foreign = (material.heldBack.map(classified) ?? []) + dev.filter { $0.text.isEmpty }
        let rejection = Rejection(right: right, false: foreign.map { $0.found.text == nil ? 0 : $0.found.probability })
        report(
            .note(
                String(
                    format: "threshold %.3f: %.1f %% of right labels lost", rejection.threshold, 100 * rejection.missed)
                    + (rejection.falselyAccepted.map {
                        String(format: ", %.1f %% of %d other recordings accepted", 100 * $0, foreign.count)
                    } ?? "; give --other speech that is to be rejected")))
        return model(encoder: trained.encoder, head: head, threshold: rejection.threshold)
    }
}
