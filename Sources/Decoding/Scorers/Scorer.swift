/// What a scorer remembers of a prefix: a number that means something to that scorer alone.
public typealias ScorerState = UInt64

/// What a scorer says of one more character.
public struct ScorerStep: Sendable {
    /// What it remembers from here on.
    public var state: ScorerState
    /// What the character adds to the score of the text, in nats; -infinity forbids it.
    public var score: Float

    /// A state and what the character adds.
    @inline(__always)
    public init(_ state: ScorerState, _ score: Float) { (self.state, self.score) = (state, score) }

    /// No text that begins so is allowed.
    static let forbidden = ScorerStep(0, -.infinity)
}

/// What steers a search: a language model, hot words, a grammar. It gives a text a score, character by character.
///
/// The score of a whole text is what its characters add from ``start()`` on, and then ``finish(_:)``. What was added on
/// the way may be an estimate that later characters correct, as a look-ahead is; only the sum over the whole text counts.
/// A space where no word has begun (at the start, or after another space) must neither change the state nor the score.
///
/// A scorer serves one search at a time. The search asks once for each prefix and remembers the answer.
public protocol Scorer: AnyObject {
    /// The state before the first character. All earlier states may be forgotten.
    func start() -> ScorerState
    /// One more character.
    func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep
    /// A bound on what the character can add after any text; infinity where none is known. A search need not ask about
    /// prefixes that are out of its reach even so.
    func mostGain(for character: CharacterCode) -> Float
    /// What the end of the text adds; -infinity where it may not end here.
    func finish(_ state: ScorerState) -> Float
    /// Says that no states but these are in use, so that what belongs to others can be forgotten. They may be renumbered
    /// in place.
    func retain(_ states: inout [ScorerState])
}

extension Scorer {
    /// No bound is known.
    public func mostGain(for character: CharacterCode) -> Float { .infinity }
    /// Nothing is kept for states that are numbers only.
    public func retain(_ states: inout [ScorerState]) {}
}

/// Steers nothing: every text has the score 0.
public final class NullScorer: Scorer {
    /// The one that does nothing.
    public init() {}
    /// The only state.
    public func start() -> ScorerState { 0 }
    /// Adds 0.
    public func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep { ScorerStep(state, 0) }
    /// 0.
    public func mostGain(for character: CharacterCode) -> Float { 0 }
    /// Adds 0.
    public func finish(_ state: ScorerState) -> Float { 0 }
}

/// Several scorers as one, which gives the sum of what they give and forbids what any of them forbids.
///
/// A state is a row of the scorers' states, numbered; rows live until ``retain(_:)`` leaves them out.
public final class ScorerSum: Scorer {
    private let scorers: [any Scorer]
    private var rows: [ScorerState] = []

    /// Joins scorers.
    public init(_ scorers: [any Scorer]) { self.scorers = scorers }

    /// One scorer for any number of them.
    public static func joining(_ scorers: [any Scorer]) -> any Scorer {
        switch scorers.count {
        case 0: NullScorer()
        case 1: scorers[0]
        default: ScorerSum(scorers)
        }
    }

    /// The row of the scorers' first states.
    public func start() -> ScorerState {
        rows = scorers.map { $0.start() }
        return 0
    }

    /// Every scorer reads the character.
    public func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep {
        let (row, next) = (Int(state) * scorers.count, rows.count)
        var score: Float = 0
        for index in scorers.indices {
            let step = scorers[index].extend(rows[row + index], by: character)
            guard step.score > -.infinity else {
                rows.removeLast(rows.count - next)
                return .forbidden
            }
            rows.append(step.state)
            score += step.score
        }
        return ScorerStep(ScorerState(next / scorers.count), score)
    }

    /// The sum of the scorers' bounds.
    public func mostGain(for character: CharacterCode) -> Float {
        scorers.reduce(0) { $0 + max(0, $1.mostGain(for: character)) }
    }

    /// The sum of the scorers' ends.
    public func finish(_ state: ScorerState) -> Float {
        let row = Int(state) * scorers.count
        return scorers.indices.reduce(0) { $0 + scorers[$1].finish(rows[row + $1]) }
    }

    /// Keeps the rows of these states and passes each scorer its part of them.
    public func retain(_ states: inout [ScorerState]) {
        let width = scorers.count
        var kept = [ScorerState](repeating: 0, count: states.count * width)
        for index in scorers.indices {
            var column = states.map { rows[Int($0) * width + index] }
            scorers[index].retain(&column)
            for (row, state) in column.enumerated() { kept[row * width + index] = state }
        }
        rows = kept
        for index in states.indices { states[index] = ScorerState(index) }
    }
}
