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
