import CTC
import Foundation
import TestSupport

/// The loss and its gradient as Graves et al. (2006) write them, in double and in log space; slow and plain.
struct PlainCTC {
    let loss: Double
    /// d loss / d logits, [frames][classes]; zeros where no path exists.
    let gradient: [[Double]]

    init(logits: [[Double]], targets: [Int], blank: Int) {
        let y = logits.map { row -> [Double] in
            let sum = PlainCTC.logSum(row)
            return row.map { $0 - sum }
        }
        // The extended labels: a blank before, between and after.
        let labels = [blank] + targets.flatMap { [$0, blank] }
        let (frames, states) = (logits.count, labels.count)
        func skips(_ s: Int) -> Bool { s >= 2 && labels[s] != blank && labels[s] != labels[s - 2] }
        var forward = [[Double]](repeating: [Double](repeating: -.infinity, count: states), count: frames)
        var backward = forward
        for t in 0..<frames {
            for s in 0..<states {
                var from = t == 0 ? (s < 2 ? [0] : []) : [forward[t - 1][s]]
                if t > 0, s > 0 { from.append(forward[t - 1][s - 1]) }
                if t > 0, skips(s) { from.append(forward[t - 1][s - 2]) }
                forward[t][s] = PlainCTC.logSum(from) + y[t][labels[s]]
            }
        }
        for t in (0..<frames).reversed() {
            for s in 0..<states {
                let last = t == frames - 1
                var to = last ? (s >= states - 2 ? [0] : []) : [backward[t + 1][s] + y[t + 1][labels[s]]]
                if !last, s + 1 < states { to.append(backward[t + 1][s + 1] + y[t + 1][labels[s + 1]]) }
                if !last, s + 2 < states, skips(s + 2) { to.append(backward[t + 1][s + 2] + y[t + 1][labels[s + 2]]) }
                backward[t][s] = PlainCTC.logSum(to)
            }
        }
        let total = frames == 0 ? (targets.isEmpty ? 0 : -.infinity) : PlainCTC.logSum(forward[frames - 1].suffix(2))
        loss = -total
        gradient = (0..<frames).map { t in
            guard total > -.infinity else { return y[t].map { _ in 0 } }
            var row = y[t].map(exp)
            for s in 0..<states { row[labels[s]] -= exp(forward[t][s] + backward[t][s] - total) }
            return row
        }
    }

    /// ln of the sum of e^x.
    static func logSum(_ values: some Collection<Double>) -> Double {
        guard let largest = values.max(), largest > -.infinity else { return -.infinity }
        return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
    }
}

/// An utterance with random logits and targets.
struct RandomUtterance {
    let logits: LogProbabilities
    let targets: [Int]

    /// Normal logits times `scale`; labels other than the blank, about a third of them equal to the one before.
    init(
        frames: Int, classes: Int, labels: Int, blank: Int = 0, scale: Float = 3, using generator: inout SeededGenerator
    ) {
        logits = LogProbabilities(
            classes: classes,
            values: (0..<frames * classes).map { _ in
                (0..<12).reduce(-6) { sum, _ in sum + Float.random(in: 0...1, using: &generator) } * scale
            })
        var targets: [Int] = []
        for _ in 0..<labels {
            var label = Int.random(in: 0..<classes, using: &generator)
            if label == blank { label = (label + 1) % classes }
            if let last = targets.last, Int.random(in: 0..<3, using: &generator) == 0 { label = last }
            targets.append(label)
        }
        self.targets = targets
    }

    var rows: [[Double]] { (0..<logits.steps).map { logits[$0].map(Double.init) } }
}

/// The largest difference of a gradient from the plain one.
func largestDifference(_ gradient: LogProbabilities, _ plain: [[Double]]) -> Double {
    Double(largestDifference(gradient.values, plain.joined().map(Float.init)))
}
