import CTC
import Networks

/// Several models on one encoder, run in one pass: what they share is computed once.
///
/// Adapters of one base differ in their heads and perhaps in their upper layers; each says how many of the lowest layers are
/// the base's own.
public struct ModelGroup: Sendable {
    /// The models, each whole.
    public let models: [AcousticModel]
    /// How many of the lowest layers of each are those of the base.
    private let shared: [Int]
    /// The layers of the base as far as anybody shares them; nil where nobody does.
    private let base: RecurrentNetwork?

    /// One model by itself.
    public init(_ model: AcousticModel) {
        (models, shared, base) = ([model], [0], nil)
    }

    /// A base with adapters.
    /// - Precondition: at least one adapter.
    public init(base: AcousticModel, adapters: [Adapter]) {
        precondition(!adapters.isEmpty)
        models = adapters.map(\.model)
        shared = adapters.map(\.sharedLayers)
        let most = shared.max() ?? 0
        self.base = most > 0 ? base.encoder.prefix(most) : nil
    }

    /// What every model reads.
    public var frontEnd: FrontEnd { models[0].frontEnd }

    /// Runs all models over a batch of utterances that the front end has already turned into steps.
    /// - Parameters:
    ///   - utterances: [steps, ``FrontEnd/stepDimension``] of each, without those of its pauses.
    ///   - pauses: of each; nil where there are none.
    ///   - detectsSpeech: whether what a model's ``SpeechDetector`` takes for no speech becomes blank.
    ///   - threads: at most this many run at once.
    /// - Returns: for each model, for each utterance, [steps, ``AcousticModel/posteriorColumns``].
    package func logProbabilities(
        ofSteps utterances: [Matrix], pauses: [Pauses]? = nil, detectsSpeech: Bool = true, threads: Int = 1
    ) -> [[LogProbabilities]] {
        let results = models[0].encoder.inShards(utterances, threads: threads) { x, mine, threads in
            run(x, pauses.map { pauses in mine.map { pauses[$0] } }, detectsSpeech: detectsSpeech, threads: threads)
        }
        return models.indices.map { model in results.map { $0[model] } }
    }

    /// - Returns: for each utterance, the posteriors of each model.
    private func run(
        _ x: SequenceBatch, _ pauses: [Pauses]?, detectsSpeech: Bool, threads: Int
    ) -> [[LogProbabilities]] {
        var outputs = [x]
        if let base {
            var values = base.convolved(x)
            for layer in base.layers {
                values = layer.forward(values, threads: threads).output
                outputs.append(values)
            }
        }
        let all = zip(models, shared).map { model, shared in
            model.posteriors(
                of: outputs[shared], above: shared, pauses: pauses, detectsSpeech: detectsSpeech, threads: threads)
        }
        return x.layout.lengths.indices.map { utterance in all.map { $0[utterance] } }
    }
}
