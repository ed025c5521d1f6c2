import AcousticModel
import CTC
import Networks

/// L2-SP (Li et al. 2018): the pull of weights w towards those of a source, w0.
package struct SourcePull {
    package let strength: Float
    package let source: [[Float]]

    package init(strength: Float, source: [[Float]]) { (self.strength, self.source) = (strength, source) }

    /// Adds strength (w - w0) to the gradient, that of strength / 2 |w - w0|^2; tensors beyond those of the source are left.
    package func add(at parameters: [[Float]], to gradients: inout [[Float]]) {
        for (tensor, source) in source.enumerated() {
            for index in source.indices {
                gradients[tensor][index] += strength * (parameters[tensor][index] - source[index])
            }
        }
    }
}

/// What the trainer begins with where a model is adapted: weights, data that were looked through, and how far each weight may
/// go.
struct AdaptationStart: Sendable {
    /// The layers that learn and the head, with the weights to begin with.
    let model: TrainableModel
    let frontEnd: FrontEnd
    let vocabulary: Vocabulary
    /// Of a head of characters beside phones; nil where there is one head.
    var characters: Vocabulary?
    let train: TrainingSet
    let dev: TrainingSet
    /// Recordings of the old domain by which forgetting is measured; nil where none is to be kept.
    let kept: TrainingSet?
    /// By what the learning rate of each tensor is multiplied.
    let factors: [Double]
    /// The strength of the pull towards the source weights; 0 for none.
    let pull: Double
    /// The source weights: those of the layers, without the head, which has none.
    let source: [[Float]]

    /// Adds the pull to a gradient. The head, which has no source, is not pulled.
    func pull(_ parameters: [[Float]], into gradients: inout [[Float]]) {
        guard pull > 0 else { return }
        SourcePull(strength: Float(pull), source: source).add(at: parameters, to: &gradients)
    }

    /// The factor of each tensor: 1 for the head, `decay` less for each layer from the top.
    static func factors(of model: TrainableModel, encoder: Double, decay: Double) -> [Double] {
        let layers = model.layers
        let heads = model.characterHead == nil ? 1 : 2
        return layers.enumerated().flatMap { place, layer in
            let below = layers.count - 1 - heads - place
            let factor = below < 0 ? 1 : encoder * (0..<below).reduce(1.0) { product, _ in product * decay }
            return layer.tensors.map { _ in factor }
        }
    }
}
