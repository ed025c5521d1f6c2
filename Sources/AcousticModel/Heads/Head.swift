import CTC
import Networks

/// What reads the encoder's outputs: the scores of classes, and what becomes of them.
public enum Head: Sendable {
    /// CTC over characters. The n-gram of labels is what the scores leave out, since they were learned against it (see
    /// `CTCCRFLoss`): what reads text off them counts it in. nil where they stand by themselves.
    case characters(OutputLayers, ngram: LabelNGram? = nil)
    /// CTC over words or phrases.
    case words(OutputLayers, ngram: LabelNGram? = nil)
    /// CTC over phones, perhaps with characters beside them.
    case phones(OutputLayers, beside: CharacterHead? = nil, ngram: LabelNGram? = nil)
    /// One label for a whole recording (see ``PooledScores``). The threshold is the lowest probability of a label that is
    /// accepted; nil for 0.
    case classifier(OutputLayers, threshold: Double? = nil)
    /// The same, where each label is spelled in characters or phones.
    case phrases(OutputLayers, PhraseScores, threshold: Double? = nil)

    /// Which of these it is.
    public var kind: HeadKind {
        switch self {
        case .characters: .characters
        case .words: .words
        case .phones: .phones
        case .classifier: .classifier
        case .phrases: .phrases
        }
    }

    /// What gives the scores.
    public var layers: OutputLayers {
        switch self {
        case .characters(let layers, _), .words(let layers, _), .phones(let layers, _, _), .classifier(let layers, _),
            .phrases(let layers, _, _):
            layers
        }
    }

    /// Characters beside phones; nil where there are none.
    public var characters: CharacterHead? {
        if case .phones(_, let characters, _) = self { characters } else { nil }
    }

    /// The n-gram of labels that belongs to the scores; nil where there is none.
    public var ngram: LabelNGram? {
        switch self {
        case .characters(_, let ngram), .words(_, let ngram), .phones(_, _, let ngram): ngram
        case .classifier, .phrases: nil
        }
    }

    /// The labels of recordings, spelled in the classes; nil for other heads.
    public var phrases: PhraseScores? {
        if case .phrases(_, let phrases, _) = self { phrases } else { nil }
    }

    /// The lowest probability of a label that is accepted; nil for 0 and for other heads.
    public var threshold: Double? {
        switch self {
        case .classifier(_, let threshold), .phrases(_, _, let threshold): threshold
        case .characters, .words, .phones: nil
        }
    }

    /// What the model says of each step: log-probabilities of a CTC head; a classifier's scores as they are, to be pooled.
    /// - Parameter hidden: [rows, encoder outputs].
    /// - Returns: [rows, columns]; those of ``characters`` behind those of ``layers``.
    package func stepScores(ofHidden hidden: Matrix) -> Matrix {
        var scores = layers.scores(ofHidden: hidden)
        if kind != .classifier { scores.applyLogSoftmax() }
        guard let characters else { return scores }
        var spelled = characters.layer.forward(hidden)
        spelled.applyLogSoftmax()
        let (first, second) = (scores.columns, spelled.columns)
        return Matrix(rows: hidden.rows, columns: first + second) { out in
            scores.withUnsafeBufferPointer { scores in
                spelled.withUnsafeBufferPointer { spelled in
                    for row in 0..<hidden.rows {
                        let start = row * (first + second)
                        for column in 0..<first { out[start + column] = scores[row * first + column] }
                        for column in 0..<second { out[start + first + column] = spelled[row * second + column] }
                    }
                }
            }
        }
    }

    /// Whether it reads so many encoder outputs and has a score for each class.
    func reads(_ inputs: Int) -> Bool {
        layers.inputs == inputs && (characters.map { $0.layer.weight.columns == inputs } ?? true)
            && layers.last.weight.rows == kind.outputs(classes: layers.vocabulary.symbols.count)
    }
}
