import AcousticModel
import CTC
import Networks
import Training

/// What an adaptation computes with, as the head and the number of recordings suggest.
struct AdaptationRecipe {
    /// Recordings as they are, and varied.
    typealias Sources = (plain: FeatureSource, varied: FeatureSource)

    private let options: AdaptationOptions
    private let kind: HeadKind
    /// Of the head.
    private let vocabulary: Vocabulary
    private let labels: [String]
    private let speller: LabelSpeller
    private let kept: Set<String>
    private let recordings: Int
    private let hasDev: Bool

    init(_ options: AdaptationOptions, material: AdaptationMaterial) {
        self.options = options
        kind = material.vocabulary.kind
        vocabulary = material.vocabulary.ofHead
        labels = Array(material.vocabulary.vocabulary.symbols.dropFirst())
        speller = material.speller
        kept = Set(material.vocabulary.kept)
        hasDev = material.hasDev
        recordings = material.train.utterances.count
    }

    /// Passes over the recordings for the head alone: some hundred steps at least.
    var headEpochs: Int { max(20, min(100, 6000 / max(1, recordings))) }
    /// By what the rate of the highest layer is multiplied, and that of each further one.
    var encoderFactor: Double { 0.7 }
    var layerDecay: Double { 0.8 }
    var dropout: RecurrentDropout { RecurrentDropout(between: kind.isOfText ? 0.3 : 0.2) }

    /// Speeds stand for other speakers as well as other tempi: what few voices lack.
    private var augmentation: AugmentationOptions {
        var augmentation = AugmentationOptions()
        augmentation.speeds =
            kind.isOfText ? [0.88, 0.94, 1, 1.06, 1.12] : [0.8, 0.87, 0.94, 1, 1.07, 1.14, 1.22]
        augmentation.spectrogram.frequencyMasks = 2
        augmentation.spectrogram.frequencyWidth = 8
        augmentation.spectrogram.timeMasks = 2
        augmentation.spectrogram.timeWidth = 25
        augmentation.spectrogram.timeShare = 0.1
        return augmentation
    }

    func sources(frontEnd: FrontEnd) throws -> Sources {
        (
            FeatureSource(frontEnd: frontEnd, augmenter: nil, cache: nil, seed: options.seed),
            FeatureSource(
                frontEnd: frontEnd,
                augmenter: try Augmenter(augmentation, sampleRate: frontEnd.options.sampleRate), cache: nil,
                seed: options.seed)
        )
    }

    /// The recipe of a stage that trains layers.
    /// - Parameter share: of the usual epochs.
    func training(share: Double) -> TrainingRecipe {
        var recipe = TrainingRecipe()
        recipe.augmentation = augmentation
        // The adaptation brings its own data; what the recipe names is noted for people alone.
        recipe.data.train = options.train
        recipe.data.dev = options.dev
        let usual = options.epochs ?? (kind == .phones ? 12 : kind == .characters ? 60 : recordings < 300 ? 40 : 20)
        recipe.training.epochs = max(1, Int((Double(usual) * share).rounded()))
        recipe.training.batchSize = kind.isOfText ? 8 : 16
        recipe.training.learningRate =
            options.fromScratch ? 1.5e-3 : kind == .phones ? 3e-4 : kind == .characters ? 1e-3 : 7e-4
        recipe.training.warmUp = 1
        recipe.training.clip = kind.isOfText ? 5 : 1
        let steps = Double(recipe.training.epochs * max(1, recordings / recipe.training.batchSize))
        recipe.training.averageDecay = min(0.999, max(0.5, 1 - 20 / max(40, steps)))
        // Without recordings to measure by nothing says when it is enough: the time is fixed.
        recipe.training.stopAfter = hasDev ? max(6, recipe.training.epochs / 2) : 0
        recipe.training.seed = options.seed
        recipe.training.checkpointMinutes = 1
        return recipe
    }

    /// The head to begin with: rows of symbols that the base has are its own, the others random.
    /// - Parameters:
    ///   - inputs: encoder outputs.
    ///   - base: nil for all random.
    func head(inputs: Int, from base: AcousticModel?) -> TrainableHead {
        var generator = SplitMix64(seed: Streams.seed(options.seed, .weights, 1))
        let outputs = kind.outputs(classes: vocabulary.symbols.count)
        let hidden = options.hidden.map { Linear(outputs: $0, inputs: inputs, from: &generator) }
        var last = Linear(outputs: outputs, inputs: hidden?.weight.rows ?? inputs, from: &generator)
        if kind == .classifier {
            // All steps weigh alike at first.
            for column in 0..<last.weight.columns { last.weight[outputs - 1, column] = 0 }
            last.bias[outputs - 1] = 0
        }
        let phrases = kind == .phrases ? speller.phrases(labels) : nil
        if let base, kind == .phrases, base.vocabulary == vocabulary, base.head.layers.hidden == nil {
            return TrainableHead(kind: kind, last: base.head.layers.last, phrases: phrases)
        }
        if let base, kind == .phones {
            var head = TrainableHead(kind: kind, last: base.head.layers.last)
            head.ngram = base.head.ngram
            return head
        }
        guard let base, hidden == nil, base.head.layers.hidden == nil, base.head.kind != .classifier,
            kind != .classifier, base.textVocabulary.unit != .phone
        else {
            return TrainableHead(kind: kind, hidden: hidden, last: last, phrases: phrases)
        }
        let taken = base.head.characters?.layer ?? base.head.layers.last
        let rows = Dictionary(base.textVocabulary.symbols.enumerated().map { ($1, $0) }) { first, _ in first }
        for (row, symbol) in vocabulary.symbols.enumerated() {
            let isBlank = row == vocabulary.blank
            guard let from = isBlank ? base.textVocabulary.blank : kept.contains(symbol) ? rows[symbol] : nil else {
                continue
            }
            for column in 0..<inputs { last.weight[row, column] = taken.weight[from, column] }
            last.bias[row] = taken.bias[from]
        }
        var head = TrainableHead(kind: kind, hidden: hidden, last: last, phrases: phrases)
        // Scores that were learned against an n-gram of labels go on with it, as long as the labels are the same.
        if base.head.characters == nil, kind == base.head.kind, vocabulary.symbols == base.vocabulary.symbols {
            head.ngram = base.head.ngram
        }
        return head
    }

    /// Layers of the same sizes with random weights.
    func randomEncoder(like encoder: RecurrentNetwork) -> RecurrentNetwork {
        var generator = SplitMix64(seed: Streams.seed(options.seed, .weights, 0))
        return RecurrentNetwork(
            convolution: encoder.convolution.map {
                StepConvolution(
                    outputs: $0.outputs, inputs: $0.inputs * $0.frames, frames: $0.frames, from: &generator)
            },
            layers: encoder.layers.map {
                RecurrentLayer(
                    cell: $0.cell, inputs: $0.inputs, hidden: $0.hidden, directions: $0.directions.count,
                    from: &generator)
            })
    }
}
