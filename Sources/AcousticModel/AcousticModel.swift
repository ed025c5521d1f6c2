import CTC
import Features
import Networks
import VectorKernels

/// A front end, an encoder and a head: what turns a recording into log-probabilities of characters, or of phones and characters.
///
/// ```swift
/// let model = try AcousticModel(path: "models/english-small.safetensors")
/// let frames = try model.frontEnd.frames(of: samples)
/// print(model.bestText(of: model.logProbabilities(ofFrames: [frames])[0]))
/// ```
///
/// A model does not change once loaded, and any number of threads may use it.
public struct AcousticModel: Sendable {
    /// The name of the model.
    public let name: String
    /// From features to steps.
    public internal(set) var frontEnd: FrontEnd
    /// The recurrent network.
    public internal(set) var encoder: RecurrentNetwork
    /// What reads its outputs.
    public let head: Head
    /// Knows sounds that are no speech; nil where the model was not taught to.
    public var speechDetector: SpeechDetector?
    /// How it was trained, for people: free text under free names.
    public let training: [String: String]?
    /// The name of the model that it was adapted from; nil for none.
    public let base: String?

    /// Puts a model together from its parts.
    /// - Parameters:
    ///   - name: the name of the model.
    ///   - speechDetector: nil where it was not taught what is no speech.
    ///   - training: how it was trained, for people: free text under free names.
    ///   - base: the name of the model that it was adapted from; nil for none.
    /// - Precondition: a vocabulary of the head's kind; the encoder reads what the front end makes, the head what the encoder
    ///   gives, and the head has a class for each symbol.
    public init(
        name: String, frontEnd: FrontEnd, encoder: RecurrentNetwork, head: Head,
        speechDetector: SpeechDetector? = nil, training: [String: String]? = nil, base: String? = nil
    ) {
        precondition(encoder.inputs == frontEnd.stepDimension && head.reads(encoder.outputs))
        (self.name, self.frontEnd, self.encoder, self.head) = (name, frontEnd, encoder, head)
        (self.speechDetector, self.training, self.base) = (speechDetector, training, base)
    }

    /// Runs the model over a batch of utterances.
    /// - Parameters:
    ///   - utterances: log-mel frames of each, as ``FrontEnd/frames(of:)`` gives them.
    ///   - threads: at most this many run at once.
    /// - Returns: for each utterance, [steps, ``posteriorColumns``]; no step where it is too short for one.
    public func logProbabilities(ofFrames utterances: [FeatureMatrix], threads: Int = 1) -> [LogProbabilities] {
        let heard = utterances.map { frontEnd.stepsOfSound(ofFrames: $0) }
        return encoder.inShards(heard.map(\.steps), threads: threads) { x, mine, threads in
            posteriors(of: x, pauses: mine.map { heard[$0].pauses }, detectsSpeech: true, threads: threads)
        }
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
        encoder.inShards(utterances, threads: threads) { x, _, threads in
            posteriors(of: x, detectsSpeech: detectsSpeech, threads: threads)
        }
    }

    /// Runs the upper layers and the heads on what the lower layers gave.
    /// - Parameters:
    ///   - x: the outputs of the lower layers; steps where there are none of these.
    ///   - lower: how many layers these are.
    ///   - pauses: of each utterance, whose steps are not among these; nil where there are none.
    /// - Returns: for each utterance, in the order in which they were given, [steps, ``posteriorColumns``].
    func posteriors(
        of x: SequenceBatch, above lower: Int = 0, pauses: [Pauses]? = nil, detectsSpeech: Bool, threads: Int
    ) -> [LogProbabilities] {
        let hidden = encoder.outputs(of: x, above: lower, threads: threads)
        func rows(_ sequences: [Matrix], quiet: [Float]) -> [[Float]] {
            guard let pauses else { return sequences.map(\.values) }
            return zip(sequences, pauses).map { $1.restored($0.values, row: quiet) }
        }
        let posteriors = rows(hidden.mapValues(head.stepScores).sequences, quiet: quietRow).map {
            LogProbabilities(classes: posteriorColumns, values: $0)
        }
        guard detectsSpeech, let speechDetector else { return posteriors }
        // A pause speaks neither for speech nor against it.
        let evidence = rows(hidden.mapValues(speechDetector.layer.forward).sequences, quiet: [0])
        return zip(posteriors, evidence).map { speechDetector.mute($0, evidence: $1, of: self) }
    }

    /// Runs the encoder alone.
    /// - Returns: for each utterance, [steps, encoder outputs].
    public func encoderOutputs(ofSteps utterances: [Matrix], threads: Int = 1) -> [Matrix] {
        guard !utterances.isEmpty else { return [] }
        return encoder.outputs(of: SequenceBatch(utterances), threads: threads).sequences
    }
}

extension RecurrentNetwork {
    /// Runs the layers above some of the lowest.
    /// - Parameter lower: how many have run already and gave `x`; with none, `x` are steps.
    fileprivate func outputs(of x: SequenceBatch, above lower: Int = 0, threads: Int) -> SequenceBatch {
        layers.dropFirst(lower).reduce(lower == 0 ? convolved(x) : x) { $1.forward($0, threads: threads).output }
    }

    /// Runs utterances side by side: the directions of a layer have a thread each; threads beyond those take utterances of their
    /// own.
    /// - Parameter run: is given some of the utterances, which of them they are, and a number of threads.
    /// - Returns: what it makes of each utterance.
    func inShards<Output: Sendable>(
        _ utterances: [Matrix], threads: Int, _ run: @Sendable (SequenceBatch, [Int], Int) -> [Output]
    ) -> [Output] {
        guard !utterances.isEmpty else { return [] }
        let shards = max(1, min(utterances.count, threads / layers[0].directions.count))
        let results = Parallel.map(shards, threads: shards) { shard in
            let mine = Array(stride(from: shard, to: utterances.count, by: shards))
            return run(SequenceBatch(mine.map { utterances[$0] }), mine, max(1, threads / shards))
        }
        return utterances.indices.map { results[$0 % shards][$0 / shards] }
    }
}
