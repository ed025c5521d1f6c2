/// Dropout in training: each element is 0 with a probability p, else divided by 1 - p, so that the expectation stays and
/// recognition needs no dropout at all ("inverted"; Srivastava et al. 2014, PyTorch's Dropout).
///
/// Masks come from a seed: the same seed gives the same mask, on every machine.
public struct Dropout: Sendable, Equatable {
    /// The probability of an element to become 0.
    public let probability: Double

    /// What was kept, and by what it was multiplied.
    public struct Mask: Sendable, Equatable {
        /// 0 or 1 / (1 - p). A row for each row of the input, or for each sequence, the longest first.
        public let factors: Matrix
        /// The rows of the input that take the first rows of `factors`, then the next that do, and so on.
        fileprivate let rowsAtStep: [Int]

        /// x times the mask, element by element; also the backward pass, with dy for x.
        public func applied(to x: Matrix) -> Matrix {
            precondition(x.columns == factors.columns && x.rows == rowsAtStep.reduce(0, +))
            return Matrix(rows: x.rows, columns: x.columns) { y in
                _ = withPointers(x, factors) { x, factors in
                    var start = 0
                    for rows in rowsAtStep {
                        let count = rows * self.factors.columns
                        for index in 0..<count { y[start + index] = x[start + index] * factors[index] }
                        start += count
                    }
                }
            }
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

    /// Drops the same features at every step of a sequence, others in each sequence (Gal and Ghahramani 2016), so that a
    /// recurrent layer does not see a feature flicker.
    /// - Parameter seeds: one for each sequence, in the order in which they were given. The mask of a sequence depends on
    ///   its seed alone: the way in which a batch is split over threads does not matter.
    /// - Returns: sequences of the same size, and the mask for ``backward(_:saved:)``.
    public func forwardTraining(_ x: SequenceBatch, seeds: [UInt64]) -> (output: SequenceBatch, saved: Mask) {
        let layout = x.layout
        precondition(seeds.count == layout.count)
        let mask = Mask(
            factors: factors(rows: layout.count, columns: x.values.columns, seeds: layout.order.map { seeds[$0] }),
            rowsAtStep: layout.rowsAtStep)
        return (x.mapValues(mask.applied), mask)
    }

    /// dx = dy times the mask.
    public func backward(_ dy: Matrix, saved: Mask) -> Matrix { saved.applied(to: dy) }

    /// Seeds for the sequences of a batch, all from one.
    public static func seeds(from seed: UInt64, count: Int) -> [UInt64] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in generator.next() }
    }

    /// Factors of `rows` rows, as many for each of the seeds.
    private func factors(rows: Int, columns: Int, seeds: some Collection<UInt64>) -> Matrix {
        let perSeed = rows / max(seeds.count, 1) * columns
        let kept = Float(1 / (1 - probability))
        // Of 2^32 numbers, those below this drop the element. 2^32 bits are enough: two elements for a random number.
        let threshold = UInt64((probability * 4_294_967_296).rounded())
        return Matrix(rows: rows, columns: columns) { factors in
            for (index, seed) in seeds.enumerated() {
                var generator = SplitMix64(seed: seed)
                var bits: UInt64 = 0
                for element in 0..<perSeed {
                    bits = element % 2 == 0 ? generator.next() : bits >> 32
                    factors[index * perSeed + element] = bits & 0xffff_ffff < threshold ? 0 : kept
                }
            }
        }
    }
}
