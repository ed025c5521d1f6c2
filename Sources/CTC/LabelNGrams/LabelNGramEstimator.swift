import Foundation

/// Counts label sequences and smooths the counts to a ``LabelNGram`` (interpolated Witten-Bell: Witten and Bell 1991; Chen and
/// Goodman 1998, section 2.5):
///
///     P(w | h) = (c(h w) + T(h) P(w | h')) / (c(h) + T(h))
///
/// c counts, T(h) is the number of different labels seen behind h, h' is h without its first label; below the single labels
/// lies a uniform distribution over all labels and the end. So nothing that can occur has the probability 0, and the result
/// depends on the counts alone, not on the order of the texts.
///
/// Memory: 4 classes^order bytes.
public struct LabelNGramEstimator: Sendable {
    private let order: Int
    private let classes: Int
    private let blank: Int
    /// [classes, ..., classes]: the labels before, oldest first, then the label; the blank is what stands before the first
    /// label and behind the last.
    private var counts: [UInt32]
    /// Labels and ends counted.
    public private(set) var tokens = 0

    /// The largest table: 128 MiB.
    private static let mostCounts = 1 << 25

    /// Begins without a text.
    /// - Throws: ``LabelNGramError`` where there is no such order, or too many classes for it.
    public init(order: Int, classes: Int, blank: Int = 0) throws(LabelNGramError) {
        guard LabelNGram.orders.contains(order) else { throw .order(order) }
        guard classes > 1, (0..<classes).contains(blank) else {
            throw .sizes(classes: classes, probabilities: 0, blocks: 0)
        }
        var size = 1
        for _ in 0..<order {
            size *= classes
            guard size <= Self.mostCounts else { throw .tooManyClasses(classes, order: order) }
        }
        (self.order, self.classes, self.blank) = (order, classes, blank)
        counts = [UInt32](repeating: 0, count: size)
    }

    /// Counts a text.
    /// - Precondition: labels are classes, and none is the blank.
    public mutating func add(_ labels: some Sequence<Int>) {
        let histories = counts.count / classes
        var history = 0
        for _ in 1..<order { history = history * classes + blank }
        func count(_ label: Int, in counts: inout [UInt32]) {
            let place = history * classes + label
            counts[place] &+= 1
            history = place % histories
        }
        for label in labels {
            precondition(label != blank && (0..<classes).contains(label), "label \(label) of \(classes) classes")
            count(label, in: &counts)
            tokens += 1
        }
        count(blank, in: &counts)
        tokens += 1
    }

    /// The n-gram of what was counted.
    /// - Parameter maximumArcs: at order 4, so many pairs of labels have a block of their own, the most frequent first, that the
    ///   n-gram has no more probabilities than this.
    /// - Throws: ``LabelNGramError/noText`` where nothing was counted.
    public func estimate(maximumArcs: Int = 300_000) throws(LabelNGramError) -> LabelNGram {
        guard tokens > 0 else { throw .noText }
        let square = classes * classes
        // Counts and probabilities of 1 to 3 labels.
        var lower = [counts]
        while lower[0].count > classes { lower.insert(marginal(lower[0]), at: 0) }
        var smoothed = [[Double](repeating: 1 / Double(classes), count: classes)]
        for table in lower.prefix(min(order, 3)) {
            var next = [Double](repeating: 0, count: table.count)
            for start in stride(from: 0, to: table.count, by: classes) {
                let below = start % smoothed[smoothed.count - 1].count
                let row = Self.row(
                    table[start..<start + classes], smoothed[smoothed.count - 1][below..<below + classes])
                next.replaceSubrange(start..<start + classes, with: row)
            }
            smoothed.append(next)
        }
        guard order > 2 else {
            return try LabelNGram(bigram: smoothed[2].map(Self.logarithm), classes: classes, blank: blank)
        }

        // Before the first label there is one start, not two.
        let start = blank * square + blank * classes
        smoothed[3].replaceSubrange(start..<start + classes, with: smoothed[2][blank * classes..<(blank + 1) * classes])
        // The blank's block comes first: a text begins there.
        let singles = [blank] + (0..<classes).filter { $0 != blank }
        var blockOfLabel = [Int](repeating: 0, count: classes)
        for (block, label) in singles.enumerated() { blockOfLabel[label] = block }
        let pairs = order == 4 ? frequentPairs(lower[1], most: maximumArcs / square - classes) : []
        var blockOfPair = [Int?](repeating: nil, count: square)
        for (index, pair) in pairs.enumerated() { blockOfPair[pair] = classes + index }

        var logProbabilities: [Float] = []
        logProbabilities.reserveCapacity((classes + pairs.count) * square)
        var nextBlocks: [Int] = []
        func successors(of label: Int) -> [Int] {
            (0..<classes).map { blockOfPair[label * classes + $0] ?? blockOfLabel[$0] }
        }
        for label in singles {
            logProbabilities += smoothed[3][label * square..<(label + 1) * square].map(Self.logarithm)
            nextBlocks += successors(of: label)
        }
        for pair in pairs {
            for last in 0..<classes {
                let (start, below) = ((pair * classes + last) * classes, (pair % classes * classes + last) * classes)
                let row = Self.row(counts[start..<start + classes], smoothed[3][below..<below + classes])
                logProbabilities += row.map(Self.logarithm)
            }
            nextBlocks += successors(of: pair % classes)
        }
        return try LabelNGram(
            order: order, classes: classes, blank: blank, logProbabilities: logProbabilities, nextBlocks: nextBlocks)
    }

    private static func logarithm(_ probability: Double) -> Float {
        // One that is certain may come out a hair above 1.
        Float(min(0, log(probability)))
    }

    /// The distribution behind one history.
    private static func row(_ counts: ArraySlice<UInt32>, _ below: ArraySlice<Double>) -> [Double] {
        let different = Double(counts.count { $0 > 0 })
        let total = counts.reduce(0) { $0 + Double($1) }
        guard total > 0 else { return Array(below) }
        return zip(counts, below).map { (Double($0) + different * $1) / (total + different) }
    }

    /// The counts without the first label.
    private func marginal(_ table: [UInt32]) -> [UInt32] {
        let size = table.count / classes
        var sums = [UInt32](repeating: 0, count: size)
        for start in stride(from: 0, to: table.count, by: size) {
            for place in 0..<size { sums[place] &+= table[start + place] }
        }
        return sums
    }

    /// The pairs that were seen most often, first label times classes plus second, without those that end in the blank.
    private func frequentPairs(_ table: [UInt32], most: Int) -> [Int] {
        let seen = table.indices.filter { table[$0] > 0 && $0 % classes != blank }
        return seen.sorted { (table[$1], $0) < (table[$0], $1) }.prefix(max(0, most)).sorted()
    }
}
