import AcousticModel
import CTC
import Corpora
import Foundation
import Networks

/// Trains an acoustic model from a recipe.
///
/// ```swift
/// let trainer = try Trainer(recipe, folder: TrainingFolder(path: "runs/first"), threads: 2) { print($0) }
/// let result = try trainer.run()
/// ```
///
/// Everything that is computed follows from the recipe, the recordings and the number of shards. A run that is killed and
/// resumed goes on from its last checkpoint and ends with the weights of the run that was not killed, bit for bit.
public final class Trainer {
    /// Where the run writes.
    public let folder: TrainingFolder
    /// What it computes.
    public private(set) var recipe: TrainingRecipe
    /// Where it stands.
    public private(set) var progress: TrainingProgress

    private let material: TrainingMaterial
    private let adaptation: AdaptationStart?
    private let threads: Int
    private let exchange: any GradientExchange
    private let report: @Sendable (TrainingEvent) -> Void
    private let isInterrupted: @Sendable () -> Bool
    private let plan: BatchPlan
    private let sharded: ShardedGradient
    /// Of the leader alone, as all files are.
    private let log: TrainingLog?
    private var fingerprint: String
    private var model: TrainableModel
    private var optimiser: any Optimiser
    private var average: WeightAverage
    /// For each recording the number of each word's pronunciation; empty for the first of all.
    private var pronunciations: [[UInt8]]
    private let clock = ContinuousClock()
    private let begin: ContinuousClock.Instant
    private let secondsBefore: Double
    private let stepsBefore: Int
    private var lastCheckpoint: ContinuousClock.Instant

    /// Begins a run, or goes on with one.
    /// - Parameters:
    ///   - recipe: what to compute; for a run that is resumed, the recipe in its folder.
    ///   - folder: a folder in which no run has been, or where `resumes` says so, the one to go on with.
    ///   - epochs: of a run that is resumed, how many there are to be in all, where that is more than it was begun with.
    ///   - threads: at most this many run at once.
    ///   - exchange: with whom the gradients are summed.
    ///   - isInterrupted: is asked after each step; where it says so, a checkpoint is written and the run stops.
    ///   - report: is told what happens.
    /// - Throws: ``DataError`` and the errors of the rooms below: bad data, a folder that is used, a broken checkpoint.
    public convenience init(
        _ recipe: TrainingRecipe, folder: TrainingFolder, resumes: Bool = false, prolongedTo epochs: Int? = nil,
        threads: Int,
        exchange: any GradientExchange = SingleWorker(), isInterrupted: @escaping @Sendable () -> Bool = { false },
        report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
    ) throws {
        try self.init(
            recipe, folder: folder, resumes: resumes, adaptation: nil, threads: threads, exchange: exchange,
            isInterrupted: isInterrupted, report: report)
        if let epochs { try prolong(to: epochs) }
    }

    /// - Parameter adaptation: what an adaptation begins with, in place of random weights and the recipe's data.
    package init(
        _ recipe: TrainingRecipe, folder: TrainingFolder, resumes: Bool, adaptation: AdaptationStart?, threads: Int,
        exchange: any GradientExchange = SingleWorker(), isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws {
        self.adaptation = adaptation
        begin = clock.now
        lastCheckpoint = begin
        let checkpoint = try resumes ? folder.readCheckpoint() : nil
        let weights = try InitialWeights(recipe, checkpoint: checkpoint, adaptation: adaptation)
        let recipe = weights.recipe(recipe)
        if !resumes, exchange.worker == 0 { try folder.begin(recipe) }
        material = try TrainingMaterial(recipe, weights, threads: threads, report: report)
        if case .model(let model) = weights, model.losesItsNGram {
            report(
                .warning(
                    "\(recipe.network.from) was learned against an n-gram of labels, which training.loss: ctc leaves behind; "
                        + "training.loss: ctc-crf keeps it"))
        }
        let options = recipe.training
        plan = BatchPlan(
            seconds: material.train.utterances.map(\.seconds), batchSize: options.batchSize,
            batchSeconds: options.batchSeconds, seed: options.seed, sets: material.train.sets)
        model = weights.network(recipe, material)
        fingerprint = material.fingerprint(recipe)
        let loss = TrainingLoss(
            blank: material.vocabulary.blank, ngram: material.ngram, ctcWeight: options.ctcWeight)
        sharded = ShardedGradient(
            of: model, loss: loss, shards: checkpoint?.state.shards ?? options.shards, threads: threads)
        progress =
            checkpoint?.state.progress
            ?? TrainingProgress(schedule: options.schedule(stepsInEpoch: plan.batches(epoch: 1).count))
        let parameters = model.parameters
        optimiser = options.optimiser(for: parameters)
        if let adaptation { optimiser.factors = adaptation.factors }
        average = WeightAverage(options, of: parameters)
        pronunciations = try checkpoint?.pronunciations(of: material.train) ?? material.train.utterances.map { _ in [] }
        if let checkpoint {
            guard checkpoint.state.fingerprint == fingerprint else {
                throw DataError(
                    folder.checkpoint, "belongs to other recordings or another recipe than it now finds",
                    mend: "put the manifests and the recipe back, or begin anew in another folder")
            }
            model.parameters = try checkpoint.parameters(named: model.names, like: parameters)
            try optimiser.restore(checkpoint.optimiser)
            try average.restore(checkpoint.average, for: parameters)
        }
        log =
            exchange.worker == 0
            ? try TrainingLog(path: folder.log, continuingAt: checkpoint?.state.logBytes ?? 0) : nil
        (secondsBefore, stepsBefore) = (progress.seconds, progress.step)
        (self.recipe, self.folder, self.threads, self.exchange) = (recipe, folder, threads, exchange)
        (self.report, self.isInterrupted) = (report, isInterrupted)
    }

    /// Makes a run that goes on longer than it was begun, as though that had been asked for in the beginning: a learning rate
    /// that falls to the end of the run is where it would be by now.
    private func prolong(to epochs: Int) throws {
        guard epochs > progress.epoch else {
            throw DataError(
                folder.path, "has done \(progress.epoch) epochs", mend: "give more with --epochs, or leave it out")
        }
        guard epochs != recipe.training.epochs else { return }
        recipe.training.epochs = epochs
        fingerprint = material.fingerprint(recipe)
        progress.isComplete = false
        switch progress.schedule.shape {
        case .constant, .plateau: break
        case .cosine, .linear:
            var schedule = recipe.training.schedule(stepsInEpoch: plan.batches(epoch: 1).count)
            for _ in 0..<progress.step { schedule.advance() }
            progress.schedule = schedule
        }
        guard log != nil else { return }
        try folder.note(recipe)
        try writeCheckpoint()
    }

    /// Trains until all epochs are done, or for as long as the dev error falls where the recipe says so.
    /// - Throws: ``TrainingInterrupted`` where it was asked to stop; the errors of files where one cannot be written.
    public func run() throws -> TrainingResult {
        describe()
        while !progress.isComplete {
            try trainEpoch()
            try finishEpoch()
        }
        guard let best = progress.best, let epoch = progress.bestEpoch else {
            throw DataError(folder.path, "holds a run of no epoch", mend: "begin anew in another folder")
        }
        return TrainingResult(best: folder.best, score: best, epoch: epoch + 1, seconds: progress.seconds)
    }

    private func describe() {
        let (train, dev) = (material.train, material.dev)
        report(
            .note(
                String(
                    format:
                        "%d recordings, %.2f h, to learn from; %d, %.2f h, to measure by; %@; %.2f million weights",
                    train.utterances.count, train.seconds / 3600, dev.utterances.count, dev.seconds / 3600,
                    symbolCounts, Double(model.parameters.reduce(0) { $0 + $1.count }) / 1e6)))
        if train.sets.contains(where: { $0.share < 1 }) {
            let met = plan.batches(epoch: 1).joined()
            let hours = met.reduce(0.0) { $0 + train.utterances[$1].seconds } / 3600
            report(.note(String(format: "an epoch has %d of them, %.2f h", met.count, hours)))
        }
        if adaptation == nil {
            for warning in Diagnosis.resemblance(train: train, dev: dev) { report(.warning(warning)) }
        }
        if progress.step > 0 {
            report(.note("going on at epoch \(progress.epoch + 1), batch \(progress.batch + 1)"))
        }
    }

    private var symbolCounts: String {
        let first = material.vocabulary
        return (first.unit == .phone ? "\(first.symbols.count) phones" : "\(first.symbols.count) symbols")
            + (material.characters.map { " and \($0.symbols.count) characters" } ?? "")
    }

    // MARK: One epoch

    private func trainEpoch() throws {
        let batches = plan.batches(epoch: progress.epoch)
        // Everybody makes the same steps; each takes every so-many-th recording of a batch.
        let mine = batches.map { batch in
            stride(from: exchange.worker, to: batch.count, by: exchange.workers).map { batch[$0] }
        }
        let loader = BatchLoader(
            source: material.varied, utterances: material.train.utterances, plan: mine, epoch: progress.epoch,
            first: progress.batch, threads: threads)
        defer { loader.cancel() }
        var lastStep = clock.now
        while progress.batch < batches.count, let batch = loader.next() {
            try step(batch, planned: batches[progress.batch])
            progress.batch += 1
            let now = clock.now
            progress.tally.seconds += (now - lastStep) / .seconds(1)
            lastStep = now
            report(.step(stepProgress(batches: batches.count)))
            try pause(at: now, batches: batches.count)
        }
    }

    /// Writes a checkpoint where it is time, and stops where that is asked for.
    private func pause(at now: ContinuousClock.Instant, batches: Int) throws {
        let stops = isInterrupted()
        let isDue = (now - lastCheckpoint) / .seconds(60) >= recipe.training.checkpointMinutes
        guard stops || isDue else { return }
        try writeCheckpoint()
        guard stops else { return }
        throw TrainingInterrupted(
            description: "stopped after batch \(progress.batch) of \(batches) of epoch \(progress.epoch + 1); "
                + "go on with --resume")
    }

    private func step(_ batch: TrainingBatch, planned: [Int]) throws {
        let seeds = batch.utterances.map { Streams.seed(recipe.training.seed, .dropout, progress.epoch, $0) }
        // Of all workers' recordings, so that the sum of the workers' gradients is that of the mean over labels.
        let count = planned.reduce(0) { $0 + max(1, labels(of: $1).count) }
        let characters = planned.reduce(0) { $0 + max(1, material.train.utterances[$1].characters?.count ?? 0) }
        let targets = TrainableModel.Targets(
            labels: batch.utterances.map(labels), weight: 1 / Float(count),
            characters: batch.utterances.map { material.train.utterances[$0].characters ?? [] },
            characterWeight: Float(recipe.training.characterWeight) / Float(characters))
        let isLogged = progress.step % recipe.training.logEvery == 0
        var result = try sharded.gradient(
            of: model, steps: batch.steps, targets: targets, seeds: seeds, recordsFlow: isLogged)
        adaptation?.pull(model.parameters, into: &result.gradients)
        try exchange.sum(&result.gradients)
        var counted = [
            result.loss, Double(result.impossible), Double(batch.problems.count), Double(batch.steps.count),
            result.characterLoss,
        ]
        try exchange.sum(&counted)
        if !batch.problems.isEmpty, progress.epoch == 0 { report(.skipped(batch.problems)) }
        progress.tally.impossible += Int(counted[1])
        progress.tally.unread += Int(counted[2])
        progress.step += 1
        defer { progress.schedule.advance() }
        // No recording of the batch could be read: there is nothing to learn from it.
        guard counted[3] > 0 else { return }
        progress.tally.audio += planned.reduce(0) { $0 + material.train.utterances[$1].seconds }
        optimiser.learningRate = progress.schedule.rate
        let step = model.updateParameters { [threads] parameters in
            optimiser.step(&parameters, gradients: result.gradients, threads: threads)
        }
        if !step.isSkipped { average.update(model.parameters, threads: threads) }
        progress.tally.count(
            step, loss: counted[0], labels: count,
            characters: model.characterHead == nil ? nil : (counted[4], characters))
        if isLogged { try logStep(step, result, loss: counted[0] / Double(count)) }
    }

    /// The labels of a training recording, with the pronunciations that were chosen.
    private func labels(of index: Int) -> [Int] {
        let utterance = material.train.utterances[index]
        let choices = pronunciations[index]
        return choices.isEmpty ? utterance.labels ?? [] : utterance.spoken?.labels(choosing: choices) ?? []
    }

    private func logStep(_ step: OptimiserStep, _ result: TrainableModel.Result, loss: Double) throws {
        let norms = model.layers.map { GradientClipping.norm(of: result.gradients[$0.tensors]) }
        if !step.isSkipped { progress.tally.countLayers(norms) }
        guard let log else { return }
        try log.write(
            "step",
            StepRecord(
                step: progress.step, epoch: progress.epoch + 1, loss: loss.orNil,
                learningRate: progress.schedule.rate, gradientNorm: step.norm.orNil,
                layerGradientNorms: Dictionary(
                    uniqueKeysWithValues: zip(model.layers.map(\.name), norms.map(\.orNil))),
                hiddenGradientNorms: result.flow?.hiddenNorms ?? [:], isClipped: step.isClipped,
                isSkipped: step.isSkipped))
    }

    private func stepProgress(batches: Int) -> StepProgress {
        let tally = progress.tally
        return StepProgress(
            epoch: progress.epoch + 1, epochs: recipe.training.epochs, batch: progress.batch, batches: batches,
            loss: tally.meanLoss, timesRealTime: tally.timesRealTime,
            secondsLeft: secondsLeft(batches: batches))
    }

    private func secondsLeft(batches: Int) -> Double {
        let done = progress.step - stepsBefore
        guard done > 0 else { return 0 }
        let left = (recipe.training.epochs - progress.epoch) * batches - progress.batch
        return (clock.now - begin) / .seconds(1) / Double(done) * Double(max(0, left))
    }

    // MARK: The end of an epoch

    /// Measures the weights, keeps them, says so, and goes on to the next epoch.
    private func finishEpoch() throws {
        var average = average
        average.endEpoch(model.parameters)
        var trained = model
        if let weights = average.weights { trained.parameters = weights }
        guard
            let dev = try DevEvaluation(
                of: acousticModel(of: trained), on: material.dev, source: material.plain, loss: sharded.loss,
                threads: threads,
                isInterrupted: isInterrupted)
        else {
            // Measured anew when the run goes on.
            try writeCheckpoint()
            throw TrainingInterrupted(
                description: "stopped at the end of epoch \(progress.epoch + 1); go on with --resume")
        }
        let old = try adaptation?.kept.flatMap {
            try DevEvaluation(
                of: acousticModel(of: trained), on: $0, source: material.plain, loss: sharded.loss, threads: threads,
                isInterrupted: { false })
        }
        if let choice = try chooseByEar(with: trained) { pronunciations = choice }
        if !dev.problems.isEmpty, progress.epoch == 0 { report(.skipped(dev.problems)) }
        self.average = average
        let measured = acousticModel(of: trained, score: dev.score)
        let tally = progress.tally
        // The choice is made on both domains alike, where an old one is to be kept.
        let score = old.map { DevScore(mean: dev.score, $0.score) } ?? dev.score
        let isBest = progress.best.map { score < $0 } ?? true
        if isBest { (progress.best, progress.bestEpoch) = (score, progress.epoch) }
        progress.schedule.report(dev.score.sum)
        let warnings = Diagnosis.warnings(after: &progress, dev: dev)
        let record = record(dev, old: old?.score, tally, isBest: isBest)
        let isLeader = log != nil
        if isLeader, isBest { try measured.write(to: folder.best) }
        try log?.write("epoch", record)
        report(.epoch(record))
        for warning in warnings { report(.warning(warning)) }
        let patience = recipe.training.stopAfter
        let isStale = patience > 0 && progress.epoch - (progress.bestEpoch ?? 0) >= patience
        if isStale {
            report(.note("no better dev error for \(patience) epochs: training ends here (training.stop_after)"))
        }
        progress.epoch += 1
        progress.batch = 0
        progress.tally = EpochTally()
        progress.isComplete = isStale || progress.epoch >= recipe.training.epochs
        if isLeader { try measured.write(to: folder.last) }
        try writeCheckpoint()
    }

    /// The pronunciations that a network hears in the training recordings, where it is time to choose them anew.
    private func chooseByEar(with trained: TrainableModel) throws -> [[UInt8]]? {
        let (every, epoch) = (recipe.training.realign, progress.epoch + 1)
        guard every > 0, epoch % every == 0, epoch < recipe.training.epochs, material.vocabulary.unit == .phone else {
            return nil
        }
        let heard = HeardPronunciations(
            of: material.train, by: acousticModel(of: trained), source: material.plain, now: pronunciations,
            threads: threads)
        report(
            .note(
                "pronunciations chosen anew: \(heard.changed) words of \(heard.words) that can be said in several ways")
        )
        return heard.choices
    }

    private func record(
        _ dev: DevEvaluation, old: DevScore?, _ tally: EpochTally, isBest: Bool
    ) -> EpochRecord {
        let batches = progress.batch
        let steps = Double(max(1, tally.steps))
        return EpochRecord(
            epoch: progress.epoch + 1, epochs: recipe.training.epochs, step: progress.step, loss: tally.meanLoss,
            devLoss: dev.loss.orNil, cer: dev.score.cer, wer: dev.score.wer, per: dev.score.per,
            characterLoss: tally.meanCharacterLoss, oldCER: old?.cer, oldWER: old?.wer,
            blankShare: dev.blankShare,
            learningRate: optimiser.learningRate, gradientNorm: tally.meanNorm, largestGradientNorm: tally.largestNorm,
            layerGradientNorms: Dictionary(uniqueKeysWithValues: zip(model.layers.map(\.name), tally.meanLayerNorms)),
            clippedShare: Double(tally.clipped) / steps, skippedShare: Double(tally.skipped) / steps,
            impossible: tally.impossible, unread: tally.unread,
            timesRealTime: tally.timesRealTime, seconds: elapsed,
            secondsLeft: secondsLeft(batches: batches), isBest: isBest, pairs: dev.pairs)
    }

    private var elapsed: Double { secondsBefore + (clock.now - begin) / .seconds(1) }

    /// The model as it is measured and, with what it scored, written.
    private func acousticModel(of trained: TrainableModel, score: DevScore? = nil) -> AcousticModel {
        let figures = score.map { "dev \($0.figures), greedy" }
        return material.acousticModel(
            of: trained, name: URL(fileURLWithPath: folder.path).lastPathComponent,
            training: [
                "data": String(
                    format: "%d recordings, %.2f h", material.train.utterances.count, material.train.seconds / 3600),
                "method": "\(lossName), utter train, epoch \(progress.epoch + 1)",
                "figures": figures ?? "not measured yet",
            ])
    }

    private var lossName: String {
        material.ngram.map { "CTC-CRF with a \($0.order)-gram of labels" } ?? "CTC"
    }

    private func writeCheckpoint() throws {
        lastCheckpoint = clock.now
        guard let log else { return }
        progress.seconds = elapsed
        let checkpoint = Checkpoint(
            state: Checkpoint.State(
                progress: progress, symbols: material.vocabulary.symbols, characters: material.characters?.symbols,
                shards: sharded.shards, logBytes: log.bytes, fingerprint: fingerprint),
            weights: Dictionary(uniqueKeysWithValues: zip(model.names, model.parameters)),
            scale: material.frontEnd.scale, optimiser: optimiser.state, average: average.state,
            pronunciations: Checkpoint.flattened(pronunciations, of: material.train), ngram: material.ngram)
        try checkpoint.write(to: folder.checkpoint)
    }
}
