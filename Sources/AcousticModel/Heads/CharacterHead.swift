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

extension AcousticModel {
    /// Columns of the posteriors: the classes of the first head (of a classifier one more), then those of ``characterHead``.
    public var posteriorColumns: Int { characterColumns?.upperBound ?? head.weight.rows }

    /// The first head's columns of the posteriors.
    public var headColumns: Range<Int> { 0..<head.weight.rows }

    /// The columns of ``characterHead``; nil where there is none.
    public var characterColumns: Range<Int>? {
        characterHead.map { head.weight.rows..<head.weight.rows + $0.vocabulary.symbols.count }
    }

    /// The classes of ``characterHead``; nil where there is none.
    public var characterVocabulary: Vocabulary? { characterHead?.vocabulary }

    /// The columns from which text is read without a lexicon: those of the characters beside phones, else the first head's.
    public var textColumns: Range<Int> { characterColumns ?? headColumns }

    /// What the classes of ``textColumns`` stand for.
    public var textVocabulary: Vocabulary { characterVocabulary ?? vocabulary }

    /// The posteriors of ``textColumns``.
    public func textPosteriors(of posteriors: LogProbabilities) -> LogProbabilities {
        posteriors.classes == posteriorColumns ? posteriors.columns(textColumns) : posteriors
    }
}
