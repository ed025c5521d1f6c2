import CTC
import Features
import Foundation
import Networks

/// What a model file says about itself: the JSON under the key `utter` of its metadata.
///
/// The README of `models/` shows a whole one. Every field is needed to compute what the model computes, but for
/// `training`, which is for people.
public struct ModelDescription: Codable, Sendable, Equatable {
    /// The version of this layout; this program reads and writes ``currentFormat``.
    public var format: Int
    /// The name of the model.
    public var name: String
    /// Samples in a second of the recordings that it expects.
    public var sampleRate: Int
    /// How recordings become features.
    public var features: FrontEndDescription
    /// The recurrent network.
    public var encoder: EncoderDescription
    /// What the network's output means.
    public var head: HeadDescription
    /// A second head, of characters beside phones (kind `ctc-characters`, linear); absent for a model of one head.
    public var characterHead: HeadDescription?
    /// How sounds that are no speech are known: ``SpeechDetector/kind``; absent where they are not.
    public var speechDetector: String?
    /// How the model was trained: data, licences, figures; free text under free names.
    public var training: [String: String]?
    /// The name of the model that it was adapted from, whose language model and lexicon serve it too; absent for none.
    public var base: String?

    /// The version of the layout that this program reads and writes.
    public static let currentFormat = 1

    enum CodingKeys: String, CodingKey {
        case format, name, features, encoder, head, training, base
        case characterHead = "character_head"
        case sampleRate = "sample_rate"
        case speechDetector = "speech_detector"
    }
}

/// The front end: features of frames, normalised, some stacked to one step.
public struct FrontEndDescription: Codable, Sendable, Equatable {
    /// How the features of an utterance are normalised before they are stacked.
    public enum Normalisation: String, Codable, Sendable {
        /// As they are.
        case none
        /// Each coefficient loses its mean over the utterance.
        case mean = "subtract the utterance mean"
        /// Then it is multiplied by the tensor `frontend.scale`, one factor for each coefficient.
        case meanAndScale = "subtract the utterance mean, multiply by frontend.scale"
        /// Each coefficient loses its mean over the frames that hold sound (``FrontEnd/steps(ofFrames:isWindow:masking:)``).
        case soundMean = "subtract the mean of frames that hold sound"
        /// Then it is multiplied by the tensor `frontend.scale`.
        case soundMeanAndScale = "subtract the mean of frames that hold sound, multiply by frontend.scale"

        /// Whether a mean is that of frames that hold sound.
        public var isOfSound: Bool { self == .soundMean || self == .soundMeanAndScale }

        /// Whether there is a factor for each coefficient.
        public var hasScale: Bool { self == .meanAndScale || self == .soundMeanAndScale }

        /// The same over frames that hold sound, or over all; `none` subtracts no mean.
        package func of(sound: Bool) -> Self {
            self == .none
                ? .none : sound ? (hasScale ? .soundMeanAndScale : .soundMean) : hasScale ? .meanAndScale : .mean
        }

        /// The same with factors, or without; `none` has none.
        func withScale(_ hasScale: Bool) -> Self {
            switch self {
            case .none: .none
            case .mean, .meanAndScale: hasScale ? .meanAndScale : .mean
            case .soundMean, .soundMeanAndScale: hasScale ? .soundMeanAndScale : .soundMean
            }
        }
    }

    /// `mfcc` or `fbank`.
    public var kind: String
    /// Length of a frame, milliseconds.
    public var windowLength: Double
    /// From frame to frame, milliseconds.
    public var frameShift: Double
    /// The window's shape (see `WindowShape`).
    public var window: String
    /// The pre-emphasis.
    public var preemphasis: Float
    /// Whether each frame loses its mean.
    public var removesDC: Bool
    /// Points of the Fourier transform: the power of two that holds a frame.
    public var fft: Int
    /// Number of mel bands.
    public var melBands: Int
    /// Number of cepstral coefficients; absent for filter banks.
    public var coefficients: Int?
    /// Lower edge of the lowest band, Hz.
    public var lowFrequency: Double
    /// Upper edge of the highest band, Hz; zero or less is counted from half the sample rate.
    public var highFrequency: Double
    /// The lifter; absent for filter banks.
    public var lifter: Double?
    /// Whether C0 is the logarithm of the energy.
    public var usesEnergy: Bool
    /// Noise added to the samples; only 0 is read.
    public var dither: Double
    /// Whether frames lie wholly inside the recording.
    public var snipsEdges: Bool
    /// The scale of samples; only `int16 range` (-32768 ... 32767) is read.
    public var samples: String
    /// How the features are normalised.
    public var normalisation: Normalisation
    /// Frames that make up one step.
    public var stack: Int
    /// Frames from step to step.
    public var stride: Int
    /// How far below the loudest of an utterance its log-mel energies may lie, nats (see ``FrontEnd/range``); absent
    /// where they are as they are.
    public var range: Double?
    /// Silence before and after a recording, milliseconds (see ``FrontEnd/padding``); absent where there is none.
    public var padding: Double?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, window, preemphasis, fft, lifter, dither, samples, normalisation, stack, stride, range
        case windowLength = "window_ms"
        case frameShift = "shift_ms"
        case removesDC = "remove_dc"
        case melBands = "num_mel_bins"
        case coefficients = "num_ceps"
        case lowFrequency = "low_freq"
        case highFrequency = "high_freq"
        case usesEnergy = "use_energy"
        case snipsEdges = "snip_edges"
        case padding = "padding_ms"
    }
}

/// The encoder: recurrent layers of one size, on a convolution or on the steps themselves.
public struct EncoderDescription: Codable, Sendable, Equatable {
    /// `tanh`, `relu`, `gru` or `lstm`.
    public var cell: String
    /// Whether each layer runs in both directions.
    public var bidirectional: Bool
    /// Units in each direction of a layer.
    public var hidden: Int
    /// The number of layers.
    public var layers: Int
    /// Features of an input step: coefficients times stacked frames.
    public var input: Int
    /// Filters of the convolution over the frames of a step that the lowest layer reads (see `StepConvolution`); absent where
    /// it reads the step itself.
    public var convolution: Int?
}

/// The head: what the classes of the output are.
public struct HeadDescription: Codable, Sendable, Equatable {
    /// A ``HeadKind``: `ctc-characters`, `ctc-words`, `ctc-phones`, `classifier` or `phrases`.
    public var kind: String
    /// The class of the CTC blank.
    public var blank: Int
    /// The symbol of each class.
    public var vocabulary: [String]
    /// Units of the layer below the last; absent where there is none.
    public var hidden: Int?
    /// The labels of a head of phrases, which its classes spell; absent for other heads.
    public var phrases: [String]?
    /// How each of these is said, in one way or more, where the classes are phones (`HH-AH-L-OW W-ER-L-D`); absent where they are
    /// characters.
    public var pronunciations: [[String]]?
    /// The lowest probability at which the label of a recording is accepted; absent for 0 and for other heads.
    public var threshold: Double?
    /// The n-gram of labels that belongs to the scores (see ``Head``); absent where there is none.
    public var ngram: NGramDescription?
}

/// The n-gram of labels of a head; the tensors are as `LabelNGram` has them.
public struct NGramDescription: Codable, Sendable, Equatable {
    /// The labels that a probability is of.
    public var order: Int
    /// Contexts before the last label.
    public var blocks: Int

    init(_ ngram: LabelNGram) { (order, blocks) = (ngram.order, ngram.blocks) }
}
