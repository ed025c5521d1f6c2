import Networks

/// Remember the first symbol of a sequence until its end: the plainest task of long range (after the latching of Bengio et
/// al. 1994, and experiment 2 of Hochreiter and Schmidhuber 1997).
///
/// The first step is one of `symbols` symbols, all others are drawn from as many that mean nothing, and after the last
/// step the first is to be named. Guessing is right once in `symbols` times, and nothing but what came through all the
/// steps does better.
public struct RememberingTask: Sendable, Equatable {
    /// Steps of a sequence.
    public let steps: Int
    /// Symbols to tell from each other.
    public let symbols: Int

    /// Takes both.
    /// - Precondition: 2 steps or more, 2 symbols or more.
    public init(steps: Int = 200, symbols: Int = 8) {
        precondition(steps >= 2 && symbols >= 2)
        self.steps = steps
        self.symbols = symbols
    }

    /// Features of a step: 1 for its symbol, else 0; those that mean nothing have the second half.
    public var inputs: Int { 2 * symbols }

    /// Draws sequences.
    /// - Returns: the sequences, each [steps, inputs], and the first symbol of each.
    public func batch(of count: Int, from generator: inout SplitMix64) -> (x: SequenceBatch, targets: [Int]) {
        var targets: [Int] = []
        let sequences = (0..<count).map { _ in
            var sequence = Matrix(rows: steps, columns: inputs)
            targets.append(generator.below(symbols))
            sequence[0, targets[targets.count - 1]] = 1
            for step in 1..<steps { sequence[step, symbols + generator.below(symbols)] = 1 }
            return sequence
        }
        return (SequenceBatch(sequences), targets)
    }
}
