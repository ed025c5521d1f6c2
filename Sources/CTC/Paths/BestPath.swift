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
