import AcousticModel
import CTC
import Corpora
import Features
import Files
import Foundation
import Networks

/// What a run learns from and is measured by, looked through and ready: recordings, symbols, front end.
struct TrainingMaterial: Sendable {
    let train: TrainingSet
    let dev: TrainingSet
    /// What the first head's classes stand for.
    let vocabulary: Vocabulary
    /// What those of a head of characters beside phones stand for; nil where there is one head.
    let characters: Vocabulary?
    let frontEnd: FrontEnd
    /// By which CTC-CRF weighs texts; nil where the loss is plain CTC.
    let ngram: LabelNGram?
    /// Recordings varied anew in each epoch.
    let varied: FeatureSource
    /// Recordings as they are.
    let plain: FeatureSource

    /// An n-gram of labels that there is already, and the symbols of its classes.
    typealias KnownNGram = (ngram: LabelNGram, symbols: [String])

    /// Recordings by which the scale of the features is found.
    private static let sampled = 400

    /// - Parameters:
    ///   - weights: where the run begins. Symbols that it does not know come from the recipe, else from the lexicon and the
    ///     training texts; a scale is measured, an n-gram estimated where the loss needs one.
    /// - Throws: ``DataError``, ``AugmentationError`` or `FeatureError` where the recipe or the data cannot be used.
    init(
        _ recipe: TrainingRecipe, _ weights: InitialWeights, threads: Int, report: @Sendable (TrainingEvent) -> Void
    ) throws {
        if let start = weights.adaptation {
            (train, dev, vocabulary, frontEnd) = (start.train, start.dev, start.vocabulary, start.frontEnd)
            (characters, ngram) = (start.characters, start.model.head.ngram)
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
        let trainRows = try recipe.data.train.enumerated().map { place, path throws(DataError) in
            try TrainingSet.Source(path: path, keepsRepeated: true, weight: recipe.data.weight(at: place))
        }
        let repeated = trainRows.reduce(0) { $0 + $1.repeated }
        if repeated > 0 { report(.note("\(repeated) rows name a recording again: it is met so much more often")) }
        let devRows = try recipe.data.dev.map { path throws(DataError) in try TrainingSet.Source(path: path) }
        let heads = recipe.network.heads
        let symbols = weights.symbols(heads)
        let spelled =
            heads.hasCharacters
            ? try symbols.characters.map { Vocabulary(symbols: $0) } ?? Self.vocabulary(recipe, trainRows) : nil
        let phones =
            heads.hasPhones
            ? try Self.phones(recipe, symbols: symbols.phones, trainRows + devRows, threads: threads) : nil
        guard let vocabulary = phones?.vocabulary ?? spelled else { preconditionFailure("a network without a head") }
        let characters = heads == .both ? spelled : nil
        try recipe.features.options.validate()
        let unscaled = recipe.features.frontEnd
        func rules(isDev: Bool) -> TrainingSet.Rules {
            TrainingSet.Rules(
                vocabulary: vocabulary, phones: phones, characters: characters, geometry: StepGeometry(unscaled),
                maxBad: recipe.data.maxBad, keepsEmptyTexts: recipe.data.keepsEmptyTexts, longest: recipe.data.longest,
                isDev: isDev)
        }
        let progress: @Sendable (RowProgress) -> Void = { report(.checking($0)) }
        let train = try TrainingSet(trainRows, rules: rules(isDev: false), threads: threads, progress: progress)
        let dev = try TrainingSet(devRows, rules: rules(isDev: true), threads: threads, progress: progress)
        report(.skipped(train.problems + dev.problems))
        if let known = weights.ngram, recipe.training.loss == .ctcCRF, known.symbols == vocabulary.symbols {
            ngram = known.ngram
        } else {
            ngram = try Self.ngram(recipe, vocabulary, train, threads, report)
        }
        let cache =
            try recipe.data.cache.isEmpty ? nil : RecordingCache(folder: recipe.data.cache, frontEnd: unscaled)
        let seed = recipe.training.seed
        let factors = try weights.scale ?? Self.scale(of: train, unscaled, cache: cache, seed: seed, threads: threads)
        guard factors.count == recipe.features.options.dimension else {
            throw DataError(
                "features", "are not those of the checkpoint",
                mend: "put the recipe back, or begin anew in another folder")
        }
        let frontEnd = unscaled.scaled(by: factors)
        let augmenter = try Augmenter(recipe.augmentation, sampleRate: recipe.features.sampleRate)
        if let note = augmenter.noteOfNoise { report(.note(note)) }
        plain = FeatureSource(frontEnd: frontEnd, augmenter: nil, cache: cache, seed: seed)
        varied = FeatureSource(frontEnd: frontEnd, augmenter: augmenter, cache: cache, seed: seed)
        (self.train, self.dev, self.vocabulary, self.frontEnd) = (train, dev, vocabulary, frontEnd)
        self.characters = characters
    }

    /// How the texts are pronounced.
    private static func phones(
        _ recipe: TrainingRecipe, symbols: [String]?, _ sources: [TrainingSet.Source], threads: Int
    ) throws -> PhoneSpeller {
        guard !recipe.data.lexicon.isEmpty else {
            throw DataError(
                "data.lexicon", "names no lexicon, and network.heads asks for phones",
                mend: "give one that says how words are pronounced, or set network.heads: characters")
        }
        let lexicon = try LexiconFile(path: recipe.data.lexicon)
        let vocabulary = symbols.map { Vocabulary(symbols: $0, unit: .phone) } ?? PhoneSpeller.vocabulary(of: lexicon)
        return PhoneSpeller(
            lexicon, vocabulary: vocabulary, texts: sources.flatMap { $0.rows.map(\.entry.text) }, threads: threads)
    }

    /// A network that was trained on this, as a model that recognises.
    /// - Parameter training: how it was trained, for people.
    func acousticModel(
        of trained: TrainableModel, name: String, training: [String: String]? = nil
    ) -> AcousticModel {
        var head = trained.head
        head.ngram = ngram
        let second = characters.flatMap { characters in
            trained.characterHead.map { CharacterHead(layer: $0.last, vocabulary: characters) }
        }
        return AcousticModel(
            name: name, frontEnd: frontEnd, encoder: trained.wholeEncoder,
            head: head.head(vocabulary, beside: second), training: training)
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

    /// The n-gram that the recipe's loss needs.
    private static func ngram(
        _ recipe: TrainingRecipe, _ vocabulary: Vocabulary, _ train: TrainingSet, _ threads: Int,
        _ report: @Sendable (TrainingEvent) -> Void
    ) throws -> LabelNGram? {
        guard recipe.training.loss == .ctcCRF else { return nil }
        let lexicon = recipe.network.heads.hasPhones ? try LexiconFile(path: recipe.data.lexicon) : nil
        let transcripts = train.utterances.compactMap(\.labels)
        let (ngram, source) = try LabelText(vocabulary, lexicon: lexicon, threads: threads).ngram(
            order: recipe.training.ngramOrder, path: recipe.training.ngramText, transcripts: transcripts)
        let labels = transcripts.reduce(0) { $0 + $1.count + 1 }
        let nats = -transcripts.reduce(0) { $0 + ngram.logProbability(of: $1) } / Double(max(1, labels))
        report(
            .note(
                "\(ngram.order)-gram of labels from \(source): \(ngram.logProbabilities.count) probabilities, "
                    + String(format: "perplexity of the transcripts %.2f", exp(nats))))
        return ngram
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
    /// and lengths, the n-gram of labels.
    func fingerprint(_ recipe: TrainingRecipe) -> String {
        var recipe = recipe
        recipe.data = TrainingRecipe.Data()
        recipe.augmentation.noise.folder = ""
        recipe.network.from = ""
        recipe.training.ngramText = ""
        let usual = TrainingRecipe.first.training
        recipe.training.checkpointMinutes = usual.checkpointMinutes
        // A run may go on with another precision, as on a processor that has or lacks it.
        recipe.training.precision = usual.precision
        var fingerprint = Fingerprint()
        // Against the defaults of the first version, so that its checkpoints are known.
        for change in RecipeFile.changes(in: recipe, from: .first) { fingerprint.add(change) }
        for utterance in train.utterances + dev.utterances {
            fingerprint.add("\(utterance.text) \(utterance.seconds)\n")
            // Another lexicon says other phones.
            if let spoken = utterance.spoken { fingerprint.add("\(spoken.words)\n") }
        }
        for set in train.sets where set.share < 1 { fingerprint.add("\(set.recordings) \(set.share)\n") }
        for value in ngram?.logProbabilities ?? [] { fingerprint.add(value) }
        for block in ngram?.nextBlocks ?? [] { fingerprint.add(Float(block)) }
        return String(fingerprint.sum, radix: 16)
    }
}
