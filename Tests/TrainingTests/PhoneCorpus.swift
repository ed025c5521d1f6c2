import Foundation
import TestSupport
import Training

/// Words of tones: each phone is a tone of its own (``ToneCorpus``), a pause stands between words. `or` is always said in its second
/// way.
struct PhoneCorpus {
    static let lexicon = """
        ad AA D
        cab CH AA B
        ba B AA1
        dc D CH
        or AA CH
        or(2) CH B

        """
    private static let sounds = ["ad": "ad", "cab": "cab", "ba": "ba", "dc": "dc", "or": "cb"]

    let train: String, dev: String, lexicon: String

    /// Writes WAVs, manifests and the lexicon.
    init(in folder: TemporaryFolder, recordings: Int = 16) throws {
        var generator = SeededGenerator(seed: 11)
        let words = Self.sounds.keys.sorted()
        func manifest(_ name: String, _ count: Int) throws -> String {
            let lines = try (0..<count).map { index in
                let text = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    words[Int.random(in: 0..<words.count, using: &generator)]
                }
                let sound = text.compactMap { Self.sounds[$0] }.joined(separator: " ")
                try folder.write(ToneCorpus.wav(sound, from: &generator), to: "\(name)\(index).wav")
                return #"{"audio_filepath": "\#(name)\#(index).wav", "text": "\#(text.joined(separator: " "))"}"#
            }
            return try folder.lines(lines, to: "\(name).jsonl")
        }
        train = try manifest("train", recordings)
        dev = try manifest("dev", max(4, recordings / 4))
        lexicon = try folder.write(Self.lexicon.utf8, to: "words.txt")
    }

    /// A recipe that learns phones and characters.
    var recipe: TrainingRecipe {
        var recipe = TrainingRecipe()
        (recipe.data.train, recipe.data.dev, recipe.data.lexicon) = ([train], [dev], lexicon)
        recipe.network.heads = .both
        recipe.network.cell = .lstm
        (recipe.network.layers, recipe.network.hidden, recipe.network.dropout) = (1, 24, 0)
        (recipe.training.epochs, recipe.training.batchSize) = (3, 4)
        (recipe.training.learningRate, recipe.training.warmUp) = (0.02, 0)
        recipe.training.average = .none
        return recipe
    }
}
