import AcousticModel
import Features

/// A trained model with whose weights, characters and front end a run begins, in place of random weights.
struct StartingModel {
    /// The symbols of its head, the blank first.
    let symbols: [String]
    /// By what its features are multiplied.
    let scale: [Float]
    /// The recipe, with the network and the front end of the model.
    let recipe: TrainingRecipe
    private let model: AcousticModel

    /// - Returns: nil where the recipe names none.
    /// - Throws: ``DataError`` where it is of another kind than ``Trainer`` makes; the errors of its file.
    init?(_ recipe: TrainingRecipe) throws {
        let path = recipe.network.from
        guard !path.isEmpty else { return nil }
        let model = try AcousticModel(path: path)
        let (encoder, frontEnd) = (model.encoder, model.frontEnd)
        guard model.kind == .characters, model.headHidden == nil, model.vocabulary.blank == TrainableHead.blank else {
            throw DataError(path, "has a head of another kind", mend: "give a model of characters with a linear head")
        }
        var taken = recipe
        taken.data.characters = model.vocabulary.symbols.dropFirst().filter { $0 != " " }.joined()
        let layer = encoder.layers[0]
        taken.network.cell = layer.cell
        taken.network.isBidirectional = layer.directions.count == 2
        (taken.network.layers, taken.network.hidden) = (encoder.layers.count, layer.hidden)
        taken.network.convolution = encoder.convolution?.outputs ?? 0
        let options = frontEnd.options
        (taken.features.kind, taken.features.sampleRate) = (options.kind, options.sampleRate)
        taken.features.melBands = options.melBands
        if options.kind == .mfcc {
            (taken.features.coefficients, taken.features.lifter) = (options.coefficients, options.lifter)
        }
        (taken.features.lowFrequency, taken.features.highFrequency) = (options.lowFrequency, options.highFrequency)
        (taken.features.stack, taken.features.stride) = (frontEnd.stack, frontEnd.stride)
        taken.features.normalization = frontEnd.normalisation.isOfSound ? .sound : .utterance
        (taken.features.range, taken.features.padding) = (frontEnd.range ?? 0, 1000 * frontEnd.padding)
        guard taken.features.options == options, frontEnd.normalisation != .none else {
            throw DataError(
                path, "has a front end that a recipe cannot describe", mend: "go on with it by utter adapt")
        }
        symbols = model.vocabulary.symbols
        scale =
            frontEnd.normalisation.hasScale
            ? frontEnd.scale : [Float](repeating: 1, count: options.dimension)
        (self.recipe, self.model) = (taken, model)
    }

    /// Its weights, as they learn on.
    var trainable: TrainableModel {
        TrainableModel(
            frozen: nil, encoder: model.encoder, head: TrainableHead(model), dropout: recipe.network.encoderDropout,
            precision: recipe.training.precision)
    }
}
