import AcousticModel
import Corpora
import Features
import Networks

/// Everything that decides what a training run computes, in five sections. A recipe file holds it as YAML; the keys and
/// their explanations are in ``RecipeKey``.
///
/// Two runs of one recipe on one kind of machine give the same weights, bit for bit.
public struct TrainingRecipe: Sendable, Equatable {
    /// The recordings.
    public var data = Data()
    /// The front end.
    public var features = Features()
    /// The layers.
    public var network = Network()
    /// How the weights are changed.
    public var training = Optimisation()
    /// How recordings are varied.
    public var augmentation = AugmentationOptions()

    /// The defaults.
    public init() {}

    /// The defaults of the first version, and of keys that it had not, the value that stands for what it did.
    package static var first: TrainingRecipe {
        var recipe = TrainingRecipe()
        (recipe.features.melBands, recipe.features.coefficients, recipe.features.lifter) = (40, 40, 22)
        (recipe.features.normalization, recipe.features.range, recipe.features.padding) = (.utterance, 0, 0)
        recipe.network.cell = .lstm
        return recipe
    }

    /// Changes every path that it names.
    mutating func mapPaths(_ change: (String) -> String) {
        data.train = data.train.map(change)
        data.dev = data.dev.map(change)
        for path in [
            \TrainingRecipe.data.cache, \.data.lexicon, \.network.from, \.training.ngramText,
            \.augmentation.noise.folder,
        ]
        where !self[keyPath: path].isEmpty { self[keyPath: path] = change(self[keyPath: path]) }
    }

    /// The recordings.
    public struct Data: Sendable, Equatable {
        /// Paths of manifests to learn from.
        public var train: [String] = []
        /// How often an epoch meets each recording of those manifests, in their order; those beyond the list once. Below 1 an
        /// epoch has a part of them, in turns.
        public var weights: [Double] = []
        /// Paths of manifests by which the best weights are chosen.
        public var dev: [String] = []
        /// The path of a lexicon that says how words are pronounced; needed by a head of phones.
        public var lexicon = ""
        /// The characters of the output besides the space; empty: those of the training texts.
        public var characters = ""
        /// The share of rows that may be bad and are skipped.
        public var maxBad = BadShare.allowed
        /// Whether recordings without a text are learned from, as ones in which nothing is said.
        public var keepsEmptyTexts = false
        /// Seconds of the longest recording that is learned from.
        public var longest = 30.0
        /// A folder in which features, or decoded samples, are kept from epoch to epoch; empty for none.
        public var cache = ""

        /// The weight of a manifest of ``train``.
        func weight(at place: Int) -> Double { weights.indices.contains(place) ? weights[place] : 1 }
    }

    /// The front end.
    public struct Features: Sendable, Equatable {
        /// MFCC or log-mel filter bank.
        public var kind = FeatureKind.mfcc
        /// Samples in a second.
        public var sampleRate = 16_000
        /// Mel bands.
        public var melBands = 80
        /// Cepstral coefficients (MFCC); 0 for as many as bands.
        public var coefficients = 0
        /// The lifter of cepstral coefficients; 0 for none.
        public var lifter = 0.0
        /// Lower edge of the lowest band, Hz.
        public var lowFrequency = 20.0
        /// Upper edge of the highest band, Hz; zero or less is counted from half the sample rate.
        public var highFrequency = -400.0
        /// The frames whose mean is subtracted.
        public var normalization = Normalization.sound
        /// Nats below the loudest at which log-mel energies are held; 0 for none.
        public var range = 15.0
        /// Milliseconds of silence before and after a recording.
        public var padding = 0.0
        /// Frames that make up one step.
        public var stack = 3
        /// Frames from step to step.
        public var stride = 3

        /// The frames whose mean is subtracted from those of an utterance.
        public enum Normalization: String, Sendable, CaseIterable {
            /// Those that hold sound (see `FrontEnd`).
            case sound
            /// All.
            case utterance
        }

        /// As the front end takes them.
        public var options: FeatureOptions {
            var options = FeatureOptions()
            options.kind = kind
            options.sampleRate = sampleRate
            options.melBands = melBands
            if kind == .mfcc { options.coefficients = coefficients == 0 ? melBands : coefficients }
            if kind == .mfcc { options.lifter = lifter }
            options.lowFrequency = lowFrequency
            options.highFrequency = highFrequency
            return options
        }

        /// The front end, its coefficients not yet scaled.
        /// - Precondition: options that can be computed.
        package var frontEnd: FrontEnd {
            FrontEnd(
                options: options, normalisation: normalization == .sound ? .soundMean : .mean, stack: stack,
                stride: stride, range: range == 0 ? nil : range, padding: padding / 1000)
        }
    }

    /// The layers.
    public struct Network: Sendable, Equatable {
        /// What the network tells of each step.
        public enum Heads: String, Sendable, CaseIterable {
            /// Characters alone.
            case characters
            /// Phones alone.
            case phones
            /// Phones, and characters beside them.
            case both = "phones and characters"

            /// Whether there is a head of phones.
            var hasPhones: Bool { self != .characters }
            /// Whether there is a head of characters.
            var hasCharacters: Bool { self != .phones }
        }

        /// The path of a model whose weights, characters, front end and sizes are begun with; empty for random weights.
        public var from = ""
        /// What is learned of each step.
        public var heads = Heads.characters
        /// The recurrent cell.
        public var cell = RecurrentCell.gru
        /// Whether each layer runs in both directions.
        public var isBidirectional = true
        /// Filters of a convolution over the frames of a step; 0 for none.
        public var convolution = 0
        /// Recurrent layers.
        public var layers = 4
        /// Units in each direction of a layer.
        public var hidden = 320
        /// The share of each layer's output that is dropped in training.
        public var dropout = 0.2
        /// The share of the recurrent connection that is dropped in training, the same units at every step.
        public var recurrentDropout = 0.0

        /// As the encoder takes it.
        var encoderDropout: RecurrentDropout { RecurrentDropout(between: dropout, recurrent: recurrentDropout) }
    }

    /// How the weights are changed.
    public struct Optimisation: Sendable, Equatable {
        /// The rule.
        public enum Rule: String, Sendable, CaseIterable {
            case sgd, adam, adamw
        }

        /// The course of the learning rate after the rise.
        public enum Schedule: String, Sendable, CaseIterable {
            case constant, linear, cosine, plateau
        }

        /// The weights that are measured and kept.
        public enum Average: String, Sendable, CaseIterable {
            /// Those of the last step.
            case none
            /// An exponential moving average over the steps.
            case moving
            /// The mean over the ends of the last epochs.
            case epochs
        }

        /// What is made small.
        public enum Loss: String, Sendable, CaseIterable {
            /// Connectionist temporal classification.
            case ctc
            /// A conditional random field with CTC's topology: all texts compete, weighed by an n-gram of labels.
            case ctcCRF = "ctc-crf"
        }

        /// What is made small.
        public var loss = Loss.ctc
        /// The share of plain CTC that is added to CTC-CRF.
        public var ctcWeight = 0.05
        /// The order of CTC-CRF's n-gram.
        public var ngramOrder = 3
        /// The text that the n-gram is estimated from; empty for the training texts.
        public var ngramText = ""
        /// Passes over the data.
        public var epochs = 60
        /// Recordings in a batch.
        public var batchSize = 16
        /// Seconds of audio in a batch at the most.
        public var batchSeconds = 240.0
        /// The rule.
        public var rule = Rule.adamw
        /// The highest learning rate.
        public var learningRate = 1e-3
        /// The course of the learning rate.
        public var schedule = Schedule.cosine
        /// Epochs over which the learning rate rises.
        public var warmUp = 2.0
        /// The share of the highest learning rate that is left at the end.
        public var finalShare = 0.01
        /// Epochs without a better dev error before a plateau cuts the rate.
        public var patience = 3
        /// By what a plateau multiplies the rate.
        public var plateauFactor = 0.5
        /// The momentum of SGD.
        public var momentum = 0.9
        /// The pull of weights towards 0.
        public var weightDecay = 0.01
        /// How much the loss of the characters counts beside that of the phones.
        public var characterWeight = 0.3
        /// Epochs after which the pronunciation that is heard in each recording is chosen anew; 0 for never.
        public var realign = 0
        /// Gradients of a larger global norm are clipped to it; 0 for no clipping.
        public var clip = 5.0
        /// The weights that are measured and kept.
        public var average = Average.moving
        /// The decay of the moving average.
        public var averageDecay = 0.999
        /// Epochs in the mean over epochs.
        public var averagedEpochs = 5
        /// Epochs without a better dev error before training ends; 0 for never.
        public var stopAfter = 0
        /// Of the products of matrices.
        public var precision = ProductPrecision.single
        /// Parts of a batch that are computed side by side; 0: as many as there are threads for.
        public var shards = 0
        /// What all random numbers come from.
        public var seed: UInt64 = 1
        /// Minutes from checkpoint to checkpoint.
        public var checkpointMinutes = 5.0
        /// Steps from one line of gradient norms in the log to the next.
        public var logEvery = 50
    }
}
