import AcousticModel
import CTC
import Features
import Foundation
import Networks
import TensorFiles

/// What a run learns from and is measured by, looked through and ready: recordings, symbols, front end.
struct TrainingMaterial: Sendable {
    let train: TrainingSet
    let dev: TrainingSet
    let vocabulary: Vocabulary
    let frontEnd: FrontEnd
    /// Recordings varied anew in each epoch.
    let varied: FeatureSource
    /// Recordings as they are.
    let plain: FeatureSource

    /// Recordings by which the scale of the features is found.
    private static let sampled = 400

    /// - Parameters:
    ///   - symbols: those of a checkpoint or a model; nil: from the recipe, else from the training texts.
    ///   - scale: that of a checkpoint or a model; nil: measured.
    ///   - start: what an adaptation begins with; nil for a training from nothing.
    /// - Throws: ``DataError``, ``AugmentationError`` or `FeatureError` where the recipe or the data cannot be used.
    init(
        _ recipe: TrainingRecipe, symbols: [String]? = nil, scale: [Float]? = nil, start: AdaptationStart? = nil,
        threads: Int, report: @Sendable (TrainingEvent) -> Void
    ) throws {
        if let start {
            (train, dev, vocabulary, frontEnd) = (start.train, start.dev, start.vocabulary, start.frontEnd)
            let seed = recipe.training.seed
            plain = FeatureSource(frontEnd: frontEnd, augmenter: nil, cache: nil, seed: seed)
            varied = FeatureSource(
                frontEnd: frontEnd,
                augmenter: try Augmenter(recipe.augmentation, sampleRate: frontEnd.options.sampleRate), cache: nil,
                seed: seed)
            return
        }
        guard !recipe.data.train.isEmpty, !recipe.data.dev.isEmpty else {
            throw DataError(
                recipe.data.train.isEmpty ? "data.train" : "data.dev", "names no manifest",
                mend: "give one in the recipe, or by --\(recipe.data.train.isEmpty ? "train" : "dev")")
        }
        let trainRows = try recipe.data.train.map { path throws(DataError) in
            try TrainingSet.Source(path: path, keepsRepeated: true)
        }
        let repeated = trainRows.reduce(0) { $0 + $1.repeated }
        if repeated > 0 { report(.note("\(repeated) rows name a recording again: it is met so much more often")) }
        let devRows = try recipe.data.dev.map { path throws(DataError) in try TrainingSet.Source(path: path) }
        let vocabulary = try symbols.map { Vocabulary(symbols: $0) } ?? Self.vocabulary(recipe, trainRows)
        try recipe.features.options.validate()
        let unscaled = recipe.features.frontEnd
        func rules(isDev: Bool) -> TrainingSet.Rules {
            TrainingSet.Rules(
                vocabulary: vocabulary, geometry: StepGeometry(unscaled), maxBad: recipe.data.maxBad,
                keepsEmptyTexts: recipe.data.keepsEmptyTexts, longest: recipe.data.longest, isDev: isDev)
        }
        let progress: @Sendable (RowProgress) -> Void = { report(.checking($0)) }
        let train = try TrainingSet(trainRows, rules: rules(isDev: false), threads: threads, progress: progress)
        let dev = try TrainingSet(devRows, rules: rules(isDev: true), threads: threads, progress: progress)
        report(.skipped(train.problems + dev.problems))
        let cache =
            try recipe.data.cache.isEmpty ? nil : RecordingCache(folder: recipe.data.cache, frontEnd: unscaled)
        let seed = recipe.training.seed
        let factors = try scale ?? Self.scale(of: train, unscaled, cache: cache, seed: seed, threads: threads)
        guard factors.count == recipe.features.options.dimension else {
            throw DataError(
                "features", "are not those of the checkpoint",
                mend: "put the recipe back, or begin anew in another folder")
        }
        let frontEnd = unscaled.scaled(by: factors)
        plain = FeatureSource(frontEnd: frontEnd, augmenter: nil, cache: cache, seed: seed)
        varied = FeatureSource(
            frontEnd: frontEnd,
            augmenter: try Augmenter(recipe.augmentation, sampleRate: recipe.features.sampleRate), cache: cache,
            seed: seed)
        (self.train, self.dev, self.vocabulary, self.frontEnd) = (train, dev, vocabulary, frontEnd)
    }

    /// A network that was trained on this, as a model that recognises.
    /// - Parameter training: how it was trained, for people.
    func acousticModel(
        of trained: TrainableModel, name: String, training: [String: String]? = nil
    ) -> AcousticModel {
        AcousticModel(
            name: name, frontEnd: frontEnd, encoder: trained.wholeEncoder, head: trained.head.last,
            vocabulary: vocabulary, kind: trained.head.kind, headHidden: trained.head.hidden,
            phrases: trained.head.phrases, training: training)
    }

    /// The symbols that the recipe names, else those of the texts.
    private static func vocabulary(
        _ recipe: TrainingRecipe, _ sources: [TrainingSet.Source]
    ) throws(DataError) -> Vocabulary {
        var characters = Set(recipe.data.characters.precomposedStringWithCanonicalMapping)
        if characters.isEmpty {
            for source in sources { for row in source.rows { characters.formUnion(row.entry.text) } }
        }
        return try Vocabulary(characters: characters, from: recipe.data.train[0])
    }

    /// One over the standard deviation of each coefficient, within recordings: over all, or over some hundred that are
    /// spread evenly. A recording that cannot be read is passed over here; an epoch tells of it.
    private static func scale(
        of set: TrainingSet, _ unscaled: FrontEnd, cache: RecordingCache?, seed: UInt64, threads: Int
    ) throws -> [Float] {
        // Of single frames: coefficient by coefficient.
        let frames = FrontEnd(
            options: unscaled.options, normalisation: unscaled.normalisation, stack: 1, stride: 1,
            range: unscaled.range,
            padding: unscaled.padding)
        let source = FeatureSource(frontEnd: frames, augmenter: nil, cache: cache, seed: seed)
        let count = set.utterances.count
        let stride = max(1, count / sampled)
        let indices = Array(Swift.stride(from: 0, to: count, by: stride))
        let features = mapInParallel(indices.count, threads: threads, progress: RowProgress.ignore) { place in
            let index = indices[place]
            return (try? source.steps(of: set.utterances[index], index: index, epoch: 0)).map { steps in
                let features = FeatureMatrix(dimension: steps.columns, values: steps.values)
                return MeanVariance(features).normalise(features)
            }
        }
        var total = MeanVariance(dimension: unscaled.options.dimension)
        for case let features? in features { total.add(features) }
        return total.variance.map { 1 / max($0, 1e-10).squareRoot() }
    }

    /// A sum over all that decides what a run computes: the recipe but for its paths and its times, the recordings' texts
    /// and lengths.
    func fingerprint(_ recipe: TrainingRecipe) -> String {
        var recipe = recipe
        recipe.data = TrainingRecipe.Data()
        recipe.augmentation.noise.folder = ""
        recipe.network.from = ""
        let usual = TrainingRecipe.first.training
        recipe.training.checkpointMinutes = usual.checkpointMinutes
        // A run may go on with another precision, as on a processor that has or lacks it.
        recipe.training.precision = usual.precision
        var fingerprint = Fingerprint()
        // Against the defaults of the first version, so that its checkpoints are known.
        for change in RecipeFile.changes(in: recipe, from: .first) { fingerprint.add(change) }
        for utterance in train.utterances + dev.utterances {
            fingerprint.add("\(utterance.text) \(utterance.seconds)\n")
        }
        return String(fingerprint.sum, radix: 16)
    }
}
