import CTC
import Networks

/// A head of characters beside a first head of phones, on the same encoder: it spells what no lexicon has, and it gives the text
/// where no language model is used.
///
/// The posteriors of a model that has one are both heads' columns side by side, the first head's first, each a softmax by itself.
public struct CharacterHead: Sendable {
    /// From hidden units to a score for each class.
    public let layer: Linear
    /// What the classes stand for.
    public let vocabulary: Vocabulary

    /// - Precondition: a class for each symbol, which is a character.
    public init(layer: Linear, vocabulary: Vocabulary) {
        precondition(layer.weight.rows == vocabulary.symbols.count && vocabulary.unit == .character)
        (self.layer, self.vocabulary) = (layer, vocabulary)
    }
}
