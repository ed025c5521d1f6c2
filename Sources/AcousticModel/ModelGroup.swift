import CTC
import Networks
import VectorKernels

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
    ///   - utterances: [steps, ``FrontEnd/stepDimension``] of each.
    ///   - detectsSpeech: whether what a model's ``SpeechDetector`` takes for no speech becomes blank.
    ///   - threads: at most this many run at once.
    /// - Returns: for each model, for each utterance, [steps, ``AcousticModel/posteriorColumns``].
    public func logProbabilities(
        ofSteps utterances: [Matrix], detectsSpeech: Bool = true, threads: Int = 1
    ) -> [[LogProbabilities]] {
        guard !utterances.isEmpty else { return models.map { _ in [] } }
        // Directions of a layer run side by side; threads beyond those take utterances of their own.
        let directions = models[0].encoder.layers[0].directions.count
        let shards = max(1, min(utterances.count, threads / directions))
        let results = Parallel.map(shards, threads: shards) { shard in
            let mine = stride(from: shard, to: utterances.count, by: shards).map { utterances[$0] }
            return run(SequenceBatch(mine), detectsSpeech: detectsSpeech, threads: max(1, threads / shards))
        }
        return models.indices.map { model in
            utterances.indices.map { results[$0 % shards][model][$0 / shards] }
        }
    }

    private func run(_ x: SequenceBatch, detectsSpeech: Bool, threads: Int) -> [[LogProbabilities]] {
        var outputs = [x]
        if let base {
            var values = base.convolved(x)
            for layer in base.layers {
                values = layer.forward(values, threads: threads).output
                outputs.append(values)
            }
        }
        return zip(models, shared).map { model, shared in
            var values = shared == 0 ? model.encoder.convolved(x) : outputs[shared]
            for layer in model.encoder.layers.dropFirst(shared) {
                values = layer.forward(values, threads: threads).output
            }
            let scores = values.mapValues { model.stepScores(ofHidden: $0) }
            let posteriors = scores.sequences.map { LogProbabilities(classes: $0.columns, values: $0.values) }
            guard detectsSpeech, let detector = model.speechDetector else { return posteriors }
            let evidence = values.mapValues(detector.layer.forward).sequences
            return zip(posteriors, evidence).map {
                detector.mute($0, evidence: $1.values, of: model)
            }
        }
    }
}
