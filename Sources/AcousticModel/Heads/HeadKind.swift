import CTC
import Networks

/// What the classes of a model's output are, and how its steps become a text.
public enum HeadKind: String, Sendable, CaseIterable {
    /// CTC over characters: a class for each, and the blank.
    case characters = "ctc-characters"
    /// CTC over words or phrases: a class for each, and the blank.
    case words = "ctc-words"
    /// CTC over phones: a class for each, one for the boundary of words, and the blank. A head of characters may stand beside
    /// it (see ``AcousticModel/characterHead``).
    case phones = "ctc-phones"
    /// One label for a whole recording: a class for each, and one for whatever is none of them. See ``PooledScores``.
    case classifier
    /// The same, where each label is spelled in the characters of the classes. See ``PhraseScores``.
    case phrases

    /// Whether a recording has one label as a whole, or none.
    public var labelsRecordings: Bool { self == .classifier || self == .phrases }

    /// Whether the classes are words or labels, not characters.
    public var isOfWords: Bool { self == .words || self == .classifier }

    /// What a symbol of the classes is.
    public var unit: Vocabulary.Unit {
        switch self {
        case .characters, .phrases: .character
        case .words, .classifier: .word
        case .phones: .phone
        }
    }

    /// Rows of the head's last layer: a classifier has one more than classes, the weight of a step.
    public func outputs(classes: Int) -> Int { self == .classifier ? classes + 1 : classes }
}

extension AcousticModel {
    /// What the classes are.
    public var kind: HeadKind { HeadKind(rawValue: description.head.kind) ?? .characters }

    /// What the first head makes of encoder outputs, before any softmax.
    /// - Parameter hidden: [rows, encoder outputs].
    /// - Returns: [rows, classes], a classifier's with one column more.
    public func scores(ofHidden hidden: Matrix) -> Matrix {
        head.forward(headHidden.map { $0.forward(hidden).rectified() } ?? hidden)
    }

    /// What the model says of each step: log-probabilities of a CTC head; a classifier's scores as they are, to be pooled.
    /// - Returns: [rows, ``posteriorColumns``].
    package func stepScores(ofHidden hidden: Matrix) -> Matrix {
        var scores = scores(ofHidden: hidden)
        if kind != .classifier { scores.applyLogSoftmax() }
        guard let characterHead else { return scores }
        var characters = characterHead.layer.forward(hidden)
        characters.applyLogSoftmax()
        let (first, second) = (scores.columns, characters.columns)
        return Matrix(rows: hidden.rows, columns: first + second) { out in
            scores.withUnsafeBufferPointer { scores in
                characters.withUnsafeBufferPointer { characters in
                    for row in 0..<hidden.rows {
                        let start = row * (first + second)
                        for column in 0..<first { out[start + column] = scores[row * first + column] }
                        for column in 0..<second { out[start + first + column] = characters[row * second + column] }
                    }
                }
            }
        }
    }

    /// The text of a whole recording: the best path of a CTC head, collapsed (that of ``characterHead``, where there is one); the
    /// label of a recording, "" where it is rejected.
    /// - Parameter posteriors: as ``logProbabilities(ofFrames:threads:)`` gives them.
    public func bestText(of posteriors: LogProbabilities) -> String {
        if kind.labelsRecordings { return classify(posteriors).text ?? "" }
        return textVocabulary.text(of: textPath(of: textPosteriors(of: posteriors)).labels(blank: textVocabulary.blank))
    }

    /// The best path of the first head, ``ngram`` counted in.
    /// - Parameter posteriors: of all heads, or of the first.
    public func headPath(of posteriors: LogProbabilities) -> BestPath {
        let columns = posteriors.classes == posteriorColumns ? posteriors.columns(headColumns) : posteriors
        return BestPath(columns, ngram: ngram)
    }

    /// The best path of the classes that text is read from, ``ngram`` counted in where it is theirs.
    /// - Parameter posteriors: of ``textColumns``.
    public func textPath(of posteriors: LogProbabilities) -> BestPath {
        BestPath(posteriors, ngram: characterHead == nil ? ngram : nil)
    }
}
