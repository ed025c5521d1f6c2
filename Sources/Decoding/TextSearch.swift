import CTC

/// A search for the text of a recording, whatever it goes by.
///
/// ``begin()``, ``step(_:)`` as often as there are posteriors, ``end()``; between two of them ``decide()``, to have what was said
/// so far.
public protocol TextSearch: AnyObject {
    /// Begins a recording.
    func begin()
    /// Takes the next steps of the recording.
    func step(_ posteriors: LogProbabilities)
    /// Decides on the best text so far.
    /// - Returns: what was not decided before; nil where nothing can be decided yet.
    func decide() -> DecidedPart?
    /// Ends the recording.
    /// - Returns: the best texts, best first; none where nothing is possible.
    func end() -> [Hypothesis]
    /// The part of a hypothesis that comes after all that was decided.
    func undecided(_ hypothesis: Hypothesis) -> DecidedPart
}

/// What a search found in a part of a recording.
public enum DecidedPart: Sendable, Equatable {
    /// Classes that spell it, spaces among them.
    case labels([Int])
    /// Words by their phones.
    case words([SpokenWord])
}

extension BeamSearch: TextSearch {
    /// See ``settle()``.
    public func decide() -> DecidedPart? { .labels(settle()) }

    /// The labels of a hypothesis that ``settle()`` has not given out.
    public func undecided(_ hypothesis: Hypothesis) -> DecidedPart {
        .labels(Array(hypothesis.labels.dropFirst(settledLabels)))
    }
}

extension PronunciationSearch: TextSearch {
    /// See ``settle()``.
    public func decide() -> DecidedPart? { settle().map(DecidedPart.words) }

    /// The words of a hypothesis that ``settle()`` has not given out.
    public func undecided(_ hypothesis: Hypothesis) -> DecidedPart {
        .words(Array(hypothesis.words.dropFirst(settledWords)))
    }
}
