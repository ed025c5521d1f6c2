import AcousticModel
import CTC
import Corpora
import Features
import Networks

/// A trained model with whose weights, symbols and front end a run begins, in place of random weights.
///
/// The encoder is taken whole. A head that the recipe asks for and the model has is taken too: characters with the model's symbols,
/// phones as far as the lexicon's are the model's. One that the model lacks begins with random weights.
struct StartingModel {
    /// The characters of its head, the blank first; nil where it has none or the recipe asks for none.
    let symbols: HeadSymbols
    /// By what its features are multiplied.
    let scale: [Float]
    /// The recipe, with the network and the front end of the model.
    let recipe: TrainingRecipe
    private let model: AcousticModel

    /// The n-gram of labels that the model was learned against, and the symbols of the labels, where the recipe goes on so and
    /// names no other text.
    var ngram: TrainingMaterial.KnownNGram? {
        guard recipe.training.loss == .ctcCRF, recipe.training.ngramText.isEmpty else { return nil }
        return model.head.ngram.map { ($0, model.vocabulary.symbols) }
    }

    /// Whether the model has an n-gram that plain CTC leaves behind.
    var losesItsNGram: Bool { model.head.ngram != nil && recipe.training.loss == .ctc }

    /// - Returns: nil where the recipe names none.
    /// - Throws: ``DataError`` where it is of another kind than ``Trainer`` makes; the errors of its file.
    init?(_ recipe: TrainingRecipe) throws {
        let path = recipe.network.from
        guard !path.isEmpty else { return nil }
        let model = try AcousticModel(path: path)
        let (encoder, frontEnd) = (model.encoder, model.frontEnd)
        guard [.characters, .phones].contains(model.head.kind), model.head.layers.hidden == nil,
            model.vocabulary.blank == TrainableHead.blank,
            model.textVocabulary.blank == TrainableHead.blank
        else {
            throw DataError(
                path, "has a head of another kind", mend: "give a model of characters or phones with a linear head")
        }
        let characters = Self.characters(of: model)?.vocabulary.symbols
        var taken = recipe
        if let characters { taken.data.characters = characters.dropFirst().filter { $0 != " " }.joined() }
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
        symbols = HeadSymbols(characters: recipe.network.heads.hasCharacters ? characters : nil)
        scale =
            frontEnd.normalisation.hasScale
            ? frontEnd.scale : [Float](repeating: 1, count: options.dimension)
        (self.recipe, self.model) = (taken, model)
    }

    /// The weights to begin with, for the heads of the recipe and the symbols of its material.
    func trainable(_ material: TrainingMaterial) -> TrainableModel {
        var generator = SplitMix64(seed: Streams.seed(recipe.training.seed, .weights, 1))
        let phones = model.head.kind == .phones ? model.head.layers : nil
        let hasPhones = recipe.network.heads.hasPhones
        let first = Self.head(
            of: material.vocabulary, from: hasPhones ? phones : Self.characters(of: model),
            inputs: model.encoder.outputs,
            &generator)
        let second = material.characters.map {
            Self.head(of: $0, from: Self.characters(of: model), inputs: model.encoder.outputs, &generator)
        }
        return TrainableModel(
            frozen: nil, encoder: model.encoder,
            head: TrainableHead(kind: hasPhones ? .phones : .characters, last: first),
            characterHead: second.map { TrainableHead(kind: .characters, last: $0) },
            dropout: recipe.network.encoderDropout, precision: recipe.training.precision)
    }

    private static func characters(of model: AcousticModel) -> OutputLayers? {
        if let second = model.head.characters { return OutputLayers(last: second.layer, vocabulary: second.vocabulary) }
        return model.head.kind == .characters ? model.head.layers : nil
    }

    /// A head for a vocabulary: the rows of symbols that a trained one has are its own, the others random.
    private static func head(
        of vocabulary: Vocabulary, from trained: OutputLayers?, inputs: Int, _ generator: inout SplitMix64
    ) -> Linear {
        if let trained, trained.vocabulary.symbols == vocabulary.symbols { return trained.last }
        var layer = Linear(outputs: vocabulary.symbols.count, inputs: inputs, from: &generator)
        guard let trained else { return layer }
        for (row, symbol) in vocabulary.symbols.enumerated() {
            guard let from = trained.vocabulary.symbols.firstIndex(of: symbol) else { continue }
            for column in 0..<inputs { layer.weight[row, column] = trained.last.weight[from, column] }
            layer.bias[row] = trained.last.bias[from]
        }
        return layer
    }
}
