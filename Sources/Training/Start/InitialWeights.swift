/// Where a run's weights begin, and with them its symbols, the scale of its features and its n-gram of labels.
enum InitialWeights {
    /// Random, from the recipe's seed.
    case random
    /// Those of the model that the recipe names: `--from`.
    case model(StartingModel)
    /// Those of a model that is adapted.
    case adaptation(AdaptationStart)
    /// Those of a run that was begun before: `--resume`. What an adaptation began with says what it learns from.
    case checkpoint(Checkpoint, adaptation: AdaptationStart? = nil)

    /// A checkpoint goes before all else; the model of the recipe is read only where its weights are needed.
    /// - Throws: ``DataError`` where the recipe's model is of another kind than ``Trainer`` makes; the errors of its file.
    init(_ recipe: TrainingRecipe, checkpoint: Checkpoint? = nil, adaptation: AdaptationStart? = nil) throws {
        if let checkpoint {
            self = .checkpoint(checkpoint, adaptation: adaptation)
        } else if let adaptation {
            self = .adaptation(adaptation)
        } else {
            self = try StartingModel(recipe).map { .model($0) } ?? .random
        }
    }

    /// What an adaptation begins with; nil for a training.
    var adaptation: AdaptationStart? {
        switch self {
        case .random, .model: nil
        case .adaptation(let start): start
        case .checkpoint(_, let start): start
        }
    }

    /// The recipe, with the network and the front end of the model where there is one.
    func recipe(_ recipe: TrainingRecipe) -> TrainingRecipe {
        if case .model(let model) = self { model.recipe } else { recipe }
    }

    /// The symbols of each of the heads; nil where they are to be found.
    func symbols(_ heads: TrainingRecipe.Network.Heads) -> HeadSymbols {
        switch self {
        case .random, .adaptation: HeadSymbols()
        case .model(let model): model.symbols
        case .checkpoint(let checkpoint, _): checkpoint.state.symbols(heads)
        }
    }

    /// By what features are multiplied; nil where that is to be measured.
    var scale: [Float]? {
        switch self {
        case .random, .adaptation: nil
        case .model(let model): model.scale
        case .checkpoint(let checkpoint, _): checkpoint.scale
        }
    }

    /// The n-gram of labels; nil where it is to be estimated, if the loss needs one.
    var ngram: TrainingMaterial.KnownNGram? {
        switch self {
        case .random, .adaptation: nil
        case .model(let model): model.ngram
        case .checkpoint(let checkpoint, _): checkpoint.ngram
        }
    }

    /// The network for a material. Of a checkpoint it has the tensors, whose values are put in once the checkpoint is known to
    /// be of the same run.
    func network(_ recipe: TrainingRecipe, _ material: TrainingMaterial) -> TrainableModel {
        if case .model(let model) = self { return model.trainable(material) }
        return adaptation?.model
            ?? TrainableModel(
                recipe, frontEnd: material.frontEnd, vocabulary: material.vocabulary, characters: material.characters)
    }
}
