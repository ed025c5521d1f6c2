import AcousticModel
import CTC
import Networks

/// What the trainer begins with where a model is adapted: weights, data that were looked through, and how far each weight may
/// go.
package struct AdaptationStart: Sendable {
    /// The layers that learn and the head, with the weights to begin with.
    package let model: TrainableModel
    package let frontEnd: FrontEnd
    package let vocabulary: Vocabulary
    /// Of a head of characters beside phones; nil where there is one head.
    package var characters: Vocabulary?
    package let train: TrainingSet
    package let dev: TrainingSet
    /// Recordings of the old domain by which forgetting is measured; nil where none is to be kept.
    package let kept: TrainingSet?
    /// By what the learning rate of each tensor is multiplied.
    package let factors: [Double]
    /// The strength of the pull towards the source weights; 0 for none.
    package let pull: Double
    /// The source weights: those of the layers, without the head, which has none.
    package let source: [[Float]]

    package init(
        model: TrainableModel, frontEnd: FrontEnd, vocabulary: Vocabulary, characters: Vocabulary?, train: TrainingSet,
        dev: TrainingSet, kept: TrainingSet?, factors: [Double], pull: Double, source: [[Float]]
    ) {
        (self.model, self.frontEnd, self.vocabulary, self.characters) = (model, frontEnd, vocabulary, characters)
        (self.train, self.dev, self.kept) = (train, dev, kept)
        (self.factors, self.pull, self.source) = (factors, pull, source)
    }

    /// Adds the pull to a gradient. The head, which has no source, is not pulled.
    package func pull(_ parameters: [[Float]], into gradients: inout [[Float]]) {
        guard pull > 0 else { return }
        SourcePull(strength: Float(pull), source: source).add(at: parameters, to: &gradients)
    }

    /// The factor of each tensor: 1 for the head, `decay` less for each layer from the top.
    package static func factors(of model: TrainableModel, encoder: Double, decay: Double) -> [Double] {
        let layers = model.layers
        let heads = model.characterHead == nil ? 1 : 2
        return layers.enumerated().flatMap { place, layer in
            let below = layers.count - 1 - heads - place
            let factor = below < 0 ? 1 : encoder * (0..<below).reduce(1.0) { product, _ in product * decay }
            return layer.tensors.map { _ in factor }
        }
    }
}
