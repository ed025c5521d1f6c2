extension SplitMix64 {
    /// A whole number from 0 to below `bound`, by multiplication: independent of how a standard library draws.
    package mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// The elements in random order (Fisher and Yates).
    package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        for last in stride(from: result.count - 1, to: 0, by: -1) { result.swapAt(last, below(last + 1)) }
        return result
    }
}

extension SplitMix64 {
    /// A number from 0 to below 1, a multiple of 2^-53.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number of a range, each as likely as the next.
    package mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// True with a probability; 0 is never, 1 always.
    package mutating func happens(with probability: Double) -> Bool { unit() < probability }

    /// The numbers of one use of a seed, independent of those of its other uses: a use more or less, or one that draws
    /// more numbers than before, leaves the others as they were.
    package static func stream(_ use: UInt64, of seed: UInt64) -> SplitMix64 {
        // Seeds that differ by a multiple of the generator's own increment give shifted copies of one sequence; a round
        // through the generator parts them.
        var seeds = SplitMix64(seed: seed)
        var mixed = SplitMix64(seed: seeds.next() ^ (use &* 0xd134_2543_de82_ef95))
        return SplitMix64(seed: mixed.next())
    }
}

extension Matrix {
    /// Numbers drawn evenly from -bound to bound.
    package init(rows: Int, columns: Int, uniform bound: Float, from generator: inout SplitMix64) {
        self.init(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { _ in Float(2 * generator.unit() - 1) * bound })
    }
}
