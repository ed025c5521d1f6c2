import CTC
import Foundation
import TestSupport

/// The loss of CTC-CRF as its definition says, in double and slow.
struct PlainCRF {
    let ngram: LabelNGram
    var ctcWeight = 0.0

    /// By every path there is; for a few frames of a few classes.
    func lossOfEnumeration(logits: [[Double]], targets: [Int]) -> Double {
        let rows = logits.map { row in row.map { $0 - PlainCTC.logSum(row) } }
        let paths = Int(pow(Double(ngram.classes), Double(rows.count)))
        var (all, mine, plain) = ([Double](), [Double](), [Double]())
        for number in 0..<paths {
            var (path, rest) = ([Int](), number)
            for _ in rows {
                path.append(rest % ngram.classes)
                rest /= ngram.classes
            }
            let labels = Collapse.labels(of: path, blank: ngram.blank)
            let acoustic = zip(rows, path).reduce(0) { $0 + $1.0[$1.1] }
            all.append(acoustic + ngram.logProbability(of: labels))
            if labels == targets {
                mine.append(all[all.count - 1])
                plain.append(acoustic)
            }
        }
        return PlainCTC.logSum(all) - PlainCTC.logSum(mine) - ctcWeight * PlainCTC.logSum(plain)
    }

    /// By a recursion over states in log space, with the gradient from the recursion's forward and backward parts.
    func evaluate(logits: [[Double]], targets: [Int]) -> (loss: Double, gradient: [[Double]]) {
        let numerator = PlainCTC(logits: logits, targets: targets, blank: ngram.blank)
        let prior = ngram.logProbability(of: targets)
        guard numerator.loss < .infinity, prior > -.infinity else {
            return (.infinity, logits.map { $0.map { _ in 0 } })
        }
        let y = logits.map { row in row.map { $0 - PlainCTC.logSum(row) } }
        let (frames, classes) = (y.count, ngram.classes)
        // State (block, last label, whether a blank has passed).
        let states = ngram.blocks * classes * 2
        func split(_ state: Int) -> (block: Int, last: Int, isBlank: Bool) {
            (state / 2 / classes, state / 2 % classes, state % 2 == 1)
        }
        func successors(_ state: Int) -> [(state: Int, label: Int, weight: Double)] {
            let (block, last, isBlank) = split(state)
            var found = [(state: state / 2 * 2 + 1, label: ngram.blank, weight: 0.0)]
            if !isBlank { found.append((state, last, 0)) }
            for label in 0..<classes where label != ngram.blank && (isBlank || label != last) {
                let weight = Double(ngram.logProbability(of: label, after: last, in: block))
                let next = ngram.nextBlocks[block * classes + last]
                if weight > -.infinity { found.append(((next * classes + label) * 2, label, weight)) }
            }
            return found
        }
        let arcs = (0..<states).map { split($0).last == ngram.blank && !split($0).isBlank ? [] : successors($0) }
        let ends = (0..<states).map {
            Double(ngram.logProbability(of: ngram.blank, after: split($0).last, in: split($0).block))
        }
        let none = [Double](repeating: -.infinity, count: states)
        var forward = [[Double]](repeating: none, count: frames + 1)
        forward[0][ngram.blank * 2 + 1] = 0
        for t in 0..<frames {
            var sums = [[Double]](repeating: [], count: states)
            for state in 0..<states where forward[t][state] > -.infinity {
                for arc in arcs[state] { sums[arc.state].append(forward[t][state] + arc.weight + y[t][arc.label]) }
            }
            forward[t + 1] = sums.map { PlainCTC.logSum($0) }
        }
        let total = PlainCTC.logSum(zip(forward[frames], ends).map { $0 + $1 })
        var backward = ends
        var gradient = logits.map { $0.map { _ in 0.0 } }
        for t in (0..<frames).reversed() {
            for state in 0..<states where forward[t + 1][state] > -.infinity {
                let (_, last, isBlank) = split(state)
                gradient[t][isBlank ? ngram.blank : last] += exp(forward[t + 1][state] + backward[state] - total)
            }
            for label in 0..<classes {
                gradient[t][label] += (1 + ctcWeight) * numerator.gradient[t][label] - exp(y[t][label])
            }
            backward = (0..<states).map { state in
                PlainCTC.logSum(arcs[state].map { $0.weight + y[t][$0.label] + backward[$0.state] })
            }
        }
        return (total - prior + (1 + ctcWeight) * numerator.loss, gradient)
    }
}

extension LabelNGram {
    /// One of texts that are drawn so that some labels often follow others.
    static func random(
        order: Int, classes: Int, blank: Int = 0, texts: Int = 60, maximumArcs: Int = 300_000,
        using generator: inout SeededGenerator
    ) throws -> LabelNGram {
        var estimator = try LabelNGramEstimator(order: order, classes: classes, blank: blank)
        for _ in 0..<texts {
            var labels: [Int] = []
            while Int.random(in: 0..<6, using: &generator) > 0 {
                let likely = ((labels.last ?? 0) * 2 + 1) % classes
                let drawn =
                    Int.random(in: 0..<2, using: &generator) == 0
                    ? likely : Int.random(in: 0..<classes, using: &generator)
                if drawn != blank { labels.append(drawn) }
            }
            estimator.add(labels)
        }
        return try estimator.estimate(maximumArcs: maximumArcs)
    }
}
