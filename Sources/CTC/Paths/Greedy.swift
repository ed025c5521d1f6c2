/// The collapse rule of connectionist temporal classification (Graves et al. 2006).
///
/// A path gives one class to each step. The text that it spells is found in two moves, in this order: steps in a row
/// with the same class count once, then blanks are dropped. So `_ a a _ a b b _` spells `a a b`: the blank between the
/// two runs of `a` keeps them apart, and a doubled letter always needs one.
public struct Collapse: Sendable {
    /// The class that spells nothing.
    public let blank: Int
    /// The labels so far.
    public private(set) var labels: [Int] = []
    private var last: Int?

    /// Begins with an empty path.
    public init(blank: Int = 0) { self.blank = blank }

    /// Goes one step along the path.
    public mutating func append(_ label: Int) {
        if label != last, label != blank { labels.append(label) }
        last = label
    }

    /// The labels that a whole path spells.
    public static func labels(of path: some Sequence<Int>, blank: Int = 0) -> [Int] {
        var collapse = Collapse(blank: blank)
        for label in path { collapse.append(label) }
        return collapse.labels
    }
}

/// The best path: at each step the class of the highest probability.
public struct BestPath: Sendable, Equatable {
    /// A class for each step; where several are equally likely, the lowest.
    public let classes: [Int]
    /// The natural logarithm of the probability of this one path (that of its text is higher: other paths spell it too).
    public let logProbability: Double

    init(classes: [Int], logProbability: Double) { (self.classes, self.logProbability) = (classes, logProbability) }

    /// Finds the best path.
    public init(_ logProbabilities: LogProbabilities) {
        var classes: [Int] = []
        classes.reserveCapacity(logProbabilities.steps)
        var total = 0.0
        let count = logProbabilities.classes
        logProbabilities.values.withUnsafeBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: count) {
                var best = 0
                for label in 1..<max(count, 1) where values[start + label] > values[start + best] { best = label }
                classes.append(best)
                total += Double(values[start + best])
            }
        }
        self.classes = classes
        logProbability = total
    }

    /// What the path spells: repeats merged, then blanks dropped (see ``Collapse``).
    public func labels(blank: Int = 0) -> [Int] { Collapse.labels(of: classes, blank: blank) }
}
