import CTC
import Features
import Networks
import VectorKernels

/// A front end, an encoder, a head and a vocabulary: what turns a recording into log-probabilities of characters, or of phones and
/// characters.
///
/// ```swift
/// let model = try AcousticModel(path: "models/english-small.safetensors")
/// let frames = try model.frontEnd.frames(of: samples)
/// print(model.bestText(of: model.logProbabilities(ofFrames: [frames])[0]))
/// ```
///
/// A model does not change once loaded, and any number of threads may use it.
public struct AcousticModel: Sendable {
    /// What the model's file says about itself.
    public internal(set) var description: ModelDescription
    /// From features to steps.
    public internal(set) var frontEnd: FrontEnd
    /// The recurrent network.
    public internal(set) var encoder: RecurrentNetwork
    /// From hidden units to a score for each class.
    public let head: Linear
    /// A layer below it, whose outputs are cut off at zero (ReLU); nil for a linear head.
    public let headHidden: Linear?
    /// What the classes stand for.
    public let vocabulary: Vocabulary
    /// A second head, of characters beside phones; nil for a model of one head.
    public let characterHead: CharacterHead?
    /// The labels of recordings, spelled in the classes; nil for other heads.
    public let phrases: PhraseScores?
    /// Knows sounds that are no speech; nil where the model was not taught to.
    public var speechDetector: SpeechDetector?
    /// The n-gram of labels that the scores of ``head`` leave out, since they were learned against it (see `CTCCRFLoss`): what
    /// reads text off them counts it in. nil where they stand by themselves.
    public var ngram: LabelNGram?

    /// Runs the model over a batch of utterances.
    /// - Parameters:
    ///   - utterances: log-mel frames of each, as ``FrontEnd/frames(of:)`` gives them.
    ///   - threads: at most this many run at once.
    /// - Returns: for each utterance, [steps, ``posteriorColumns``]; no step where it is too short for one.
    public func logProbabilities(ofFrames utterances: [FeatureMatrix], threads: Int = 1) -> [LogProbabilities] {
        logProbabilities(ofSteps: utterances.map { frontEnd.steps(ofFrames: $0) }, threads: threads)
    }

    /// Runs the encoder and the heads over a batch of utterances that the front end has already turned into steps.
    /// - Parameters:
    ///   - utterances: [steps, ``FrontEnd/stepDimension``] of each.
    ///   - detectsSpeech: whether what ``speechDetector`` takes for no speech becomes blank.
    ///   - threads: at most this many run at once.
    /// - Returns: for each utterance, [steps, ``posteriorColumns``].
    public func logProbabilities(
        ofSteps utterances: [Matrix], detectsSpeech: Bool = true, threads: Int = 1
    ) -> [LogProbabilities] {
        ModelGroup(self).logProbabilities(ofSteps: utterances, detectsSpeech: detectsSpeech, threads: threads)[0]
    }

    /// Runs the encoder alone.
    /// - Returns: for each utterance, [steps, encoder outputs].
    public func encoderOutputs(ofSteps utterances: [Matrix], threads: Int = 1) -> [Matrix] {
        guard !utterances.isEmpty else { return [] }
        return encoder.forward(SequenceBatch(utterances), threads: threads).output.sequences
    }

    /// The number of weights.
    public var parameterCount: Int {
        encoder.parameters.reduce(0) { $0 + $1.count } + head.weight.values.count + head.bias.count
            + frontEnd.scale.count
            + (headHidden.map { $0.weight.values.count + $0.bias.count } ?? 0)
            + (characterHead.map { $0.layer.weight.values.count + $0.layer.bias.count } ?? 0)
            + (phrases?.bias.count ?? 0) + (speechDetector.map { $0.layer.weight.values.count + 1 } ?? 0)
    }
}
