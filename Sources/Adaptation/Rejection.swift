import AcousticModel
import Foundation

/// Where a classifier's threshold lies: a label below it is not accepted.
package struct Rejection: Sendable, Equatable {
    /// The probability.
    package let threshold: Double
    /// The share of held-out recordings whose right label is lost by it.
    package let missed: Double
    /// The share of held-out other speech that is taken for a label nevertheless; nil where there is none.
    package let falselyAccepted: Double?

    /// The threshold with the fewest errors of both kinds, the shares added; in the middle of the range that has them.
    /// - Parameters:
    ///   - right: probabilities of the best label, where it is right.
    ///   - false: the same for recordings of which no label is right; a rejected one as 0.
    package init(right: [Double], false wrong: [Double]) {
        func share(_ values: [Double], _ isCounted: (Double) -> Bool) -> Double {
            values.isEmpty ? 0 : Double(values.count(where: isCounted)) / Double(values.count)
        }
        func costs(_ threshold: Double) -> Double { share(right) { $0 < threshold } + share(wrong) { $0 >= threshold } }
        let edges = [0.0] + (right + wrong).filter { $0 > 0 }.sorted() + [1.0]
        // Between two neighbours the counts stay as they are.
        let middles = zip(edges, edges.dropFirst()).map { (low: $0, high: $1, cost: costs(($0 + $1) / 2)) }
        let lowest = middles.map(\.cost).min() ?? 0
        let best = middles.filter { $0.cost <= lowest }.max { $0.high - $0.low < $1.high - $1.low }
        // Without other speech nothing speaks for a threshold but what is unsure.
        let chosen = wrong.isEmpty ? (right.min() ?? 0) / 2 : best.map { ($0.low + $0.high) / 2 } ?? 0
        threshold = min(0.99, max(0, chosen))
        missed = share(right) { [threshold] in $0 < threshold }
        falselyAccepted = wrong.isEmpty ? nil : share(wrong) { [threshold] in $0 >= threshold }
    }
}
