import VectorKernels

/// Dropout in training: each element is 0 with a probability p, else divided by 1 - p, so that the expectation stays and
/// recognition needs no dropout at all ("inverted"; Srivastava et al. 2014, PyTorch's Dropout).
///
/// Masks come from a seed: the same seed gives the same mask, on every machine.
public struct Dropout: Sendable, Equatable {
    /// The probability of an element to become 0.
    public let probability: Double

    /// How often the mask of a sequence is drawn.
    public enum Draws: String, Sendable, CaseIterable {
        /// Once: the same features are dropped at every step (Gal and Ghahramani 2016), so that a recurrent layer does
        /// not see a feature flicker.
        case perSequence
        /// For every step anew.
        case perStep
    }

    /// What was kept, and by what it was multiplied.
    public struct Mask: Sendable, Equatable {
        /// 0 or 1 / (1 - p). A row for each row of the input, or for each sequence, the longest first.
        public let factors: Matrix
        /// The rows of the input that take the first rows of `factors`, then the next that do, and so on.
        fileprivate let rowsAtStep: [Int]

        /// x times the mask, element by element; also the backward pass, with dy for x.
        public func applied(to x: Matrix, threads: Int = 1) -> Matrix {
            precondition(x.columns == factors.columns && x.rows == rowsAtStep.reduce(0, +))
            let chunks = chunks
            return Matrix(rows: x.rows, columns: x.columns) { y in
                _ = withPointers(x, factors) { x, factors in
                    nonisolated(unsafe) let (x, factors, y) = (x, factors, y)
                    Parallel.forEach(chunks.count, threads: threads) { index in
                        var start = chunks[index].firstRow * self.factors.columns
                        for rows in rowsAtStep[chunks[index].steps] {
                            let count = rows * self.factors.columns
                            for element in 0..<count { y[start + element] = x[start + element] * factors[element] }
                            start += count
                        }
                    }
                }
            }
        }

        /// Steps that a thread takes, and the row at which they begin: as many as make up some hundred rows.
        private var chunks: [(steps: Range<Int>, firstRow: Int)] {
            var (chunks, step, row): ([(steps: Range<Int>, firstRow: Int)], Int, Int) = ([], 0, 0)
            while step < rowsAtStep.count {
                let (first, firstRow) = (step, row)
                while step < rowsAtStep.count, row - firstRow < 256 {
                    row += rowsAtStep[step]
                    step += 1
                }
                chunks.append((first..<step, firstRow))
            }
            return chunks
        }
    }

    /// Takes the probability.
    /// - Precondition: 0 or more and less than 1.
    public init(probability: Double) {
        precondition(probability >= 0 && probability < 1, "dropout of \(probability)")
        self.probability = probability
    }

    /// Drops elements of a matrix, each by itself.
    /// - Returns: a matrix of the same size, and the mask for ``backward(_:saved:)``.
    public func forwardTraining(_ x: Matrix, seed: UInt64) -> (output: Matrix, saved: Mask) {
        let mask = Mask(
            factors: factors(rows: x.rows, columns: x.columns, seeds: CollectionOfOne(seed)), rowsAtStep: [x.rows])
        return (mask.applied(to: x), mask)
    }

    /// Drops features of sequences, others in each sequence.
    /// - Parameters:
    ///   - seeds: one for each sequence, in the order in which they were given. The mask of a sequence depends on its
    ///     seed alone: the way in which a batch is split over threads does not matter.
    ///   - draws: whether all steps of a sequence share a mask.
    ///   - threads: at most this many run at once; nothing depends on it.
    /// - Returns: sequences of the same size, and the mask for ``backward(_:saved:)``.
    public func forwardTraining(
        _ x: SequenceBatch, seeds: [UInt64], draws: Draws = .perSequence, threads: Int = 1
    ) -> (output: SequenceBatch, saved: Mask) {
        let mask = mask(for: x.layout, features: x.values.columns, seeds: seeds, draws: draws)
        return (x.mapValues { mask.applied(to: $0, threads: threads) }, mask)
    }

    /// A mask for sequences of `features` features.
    func mask(for layout: BatchLayout, features: Int, seeds: [UInt64], draws: Draws) -> Mask {
        precondition(seeds.count == layout.count, "\(seeds.count) seeds for \(layout.count) sequences")
        let ranked = layout.order.map { seeds[$0] }
        guard draws == .perStep else {
            return Mask(
                factors: factors(rows: layout.count, columns: features, seeds: ranked), rowsAtStep: layout.rowsAtStep)
        }
        let factors = Matrix(rows: layout.rows, columns: features) { factors in
            for (rank, seed) in ranked.enumerated() {
                var draw = FactorGenerator(seed: seed, probability: probability)
                for step in 0..<layout.lengths[layout.order[rank]] {
                    let start = layout.row(step: step, rank: rank) * features
                    for column in 0..<features { factors[start + column] = draw.next() }
                }
            }
        }
        return Mask(factors: factors, rowsAtStep: [layout.rows])
    }

    /// dx = dy times the mask.
    public func backward(_ dy: Matrix, saved: Mask, threads: Int = 1) -> Matrix {
        saved.applied(to: dy, threads: threads)
    }

    /// Seeds for the sequences of a batch, all from one.
    public static func seeds(from seed: UInt64, count: Int) -> [UInt64] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in generator.next() }
    }

    /// Factors of `rows` rows, as many for each of the seeds.
    func factors(rows: Int, columns: Int, seeds: some Collection<UInt64>) -> Matrix {
        let perSeed = rows / max(seeds.count, 1) * columns
        return Matrix(rows: rows, columns: columns) { factors in
            for (index, seed) in seeds.enumerated() {
                var draw = FactorGenerator(seed: seed, probability: probability)
                for element in 0..<perSeed { factors[index * perSeed + element] = draw.next() }
            }
        }
    }
}

/// Factors one after another.
private struct FactorGenerator {
    private var generator: SplitMix64
    /// Of 2^32 numbers, those below this drop the element.
    private let threshold: UInt64
    private let kept: Float
    // 32 bits are enough: two elements for a random number.
    private var bits: UInt64 = 0
    private var hasHalf = false

    init(seed: UInt64, probability: Double) {
        generator = SplitMix64(seed: seed)
        threshold = UInt64((probability * 4_294_967_296).rounded())
        kept = Float(1 / (1 - probability))
    }

    mutating func next() -> Float {
        bits = hasHalf ? bits >> 32 : generator.next()
        hasHalf.toggle()
        return bits & 0xffff_ffff < threshold ? 0 : kept
    }
}
