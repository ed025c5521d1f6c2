import CTC

extension AcousticModel {
    /// What the first head's classes stand for.
    public var vocabulary: Vocabulary { head.layers.vocabulary }

    /// What the classes of the characters beside phones stand for; nil where there are none.
    public var characterVocabulary: Vocabulary? { head.characters?.vocabulary }

    /// Columns of the posteriors: the classes of the first head (of a classifier one more), then those of the characters beside it.
    public var posteriorColumns: Int { characterColumns?.upperBound ?? headColumns.upperBound }

    /// The first head's columns of the posteriors.
    public var headColumns: Range<Int> { 0..<head.layers.last.weight.rows }

    /// The columns of the characters beside phones; nil where there are none.
    public var characterColumns: Range<Int>? {
        characterVocabulary.map { headColumns.upperBound..<headColumns.upperBound + $0.symbols.count }
    }

    /// The columns of each head, and that of its blank.
    var blankColumns: [(columns: Range<Int>, blank: Int)] {
        let first = (columns: headColumns, blank: vocabulary.blank)
        guard let columns = characterColumns, let characters = characterVocabulary else { return [first] }
        return [first, (columns, columns.lowerBound + characters.blank)]
    }

    /// The columns from which text is read without a lexicon: those of the characters beside phones, else the first head's.
    public var textColumns: Range<Int> { characterColumns ?? headColumns }

    /// What the classes of ``textColumns`` stand for.
    public var textVocabulary: Vocabulary { characterVocabulary ?? vocabulary }

    /// The n-gram of labels that belongs to the scores of ``textColumns``; nil where there is none.
    public var textNGram: LabelNGram? { head.characters == nil ? head.ngram : nil }

    /// The posteriors of ``textColumns``.
    public func textPosteriors(of posteriors: LogProbabilities) -> LogProbabilities {
        posteriors.classes == posteriorColumns ? posteriors.columns(textColumns) : posteriors
    }

    /// The text of a whole recording: the best path of a CTC head, collapsed (that of the characters beside phones, where there
    /// are some); the label of a recording, "" where it is rejected.
    /// - Parameter posteriors: as ``logProbabilities(ofFrames:threads:)`` gives them.
    public func bestText(of posteriors: LogProbabilities) -> String {
        if head.kind.labelsRecordings { return classify(posteriors).text ?? "" }
        return textVocabulary.text(of: textPath(of: textPosteriors(of: posteriors)).labels(blank: textVocabulary.blank))
    }

    /// The best path of the first head, its n-gram of labels counted in.
    /// - Parameter posteriors: of all heads, or of the first.
    public func headPath(of posteriors: LogProbabilities) -> BestPath {
        let columns = posteriors.classes == posteriorColumns ? posteriors.columns(headColumns) : posteriors
        return BestPath(columns, ngram: head.ngram)
    }

    /// The best path of the classes that text is read from, ``textNGram`` counted in.
    /// - Parameter posteriors: of ``textColumns``.
    public func textPath(of posteriors: LogProbabilities) -> BestPath { BestPath(posteriors, ngram: textNGram) }
}
