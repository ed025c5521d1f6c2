import CTC
import Foundation

/// One vector of scores for a whole recording, out of those of its steps.
///
/// Each step t has scores z_t for the classes and one number a_t more; with w = softmax over the steps of a,
///
///     z = sum_t w_t z_t
///
/// so that the steps in which something is said count, and the pause around them does not (attention pooling as in
/// Lin et al. 2017, with one head and no hidden layer). With a = 0 it is the mean over time.
public struct PooledScores: Sendable {
    /// z, [classes].
    public let scores: [Float]
    /// w, [steps].
    public let weights: [Float]

    /// - Parameter steps: row-major, [steps, columns]; the last column is a, the others are z.
    /// - Precondition: whole rows of two columns at least.
    public init(steps: UnsafeBufferPointer<Float>, columns: Int) {
        precondition(columns > 1 && steps.count % columns == 0)
        let (count, classes) = (steps.count / columns, columns - 1)
        var weights = (0..<count).map { steps[$0 * columns + classes] }
        let highest = weights.max() ?? 0
        weights = weights.map { exp($0 - highest) }
        let sum = weights.reduce(0, +)
        weights = weights.map { $0 / sum }
        var scores = [Float](repeating: 0, count: classes)
        for step in 0..<count {
            for column in 0..<classes { scores[column] += weights[step] * steps[step * columns + column] }
        }
        (self.scores, self.weights) = (scores, weights)
    }

    /// Log-probabilities of the classes.
    public var logProbabilities: [Float] { scores.logSoftmax }

    /// The cross-entropy of a label, with a share of it spread over all classes (Szegedy et al. 2016), and its gradient.
    /// - Parameters:
    ///   - label: the class that it should be.
    ///   - smoothing: the share that is spread, 0 to below 1.
    ///   - weight: by what the gradient is multiplied.
    ///   - steps: what the scores were made of; the gradient of each takes its place.
    /// - Returns: nats.
    public func backward(
        label: Int, smoothing: Float, weight: Float, steps: UnsafeMutableBufferPointer<Float>
    ) -> Double {
        let (classes, logs) = (scores.count, logProbabilities)
        let target = (0..<classes).map { smoothing / Float(classes) + ($0 == label ? 1 - smoothing : 0) }
        let dz = (0..<classes).map { weight * (exp(logs[$0]) - target[$0]) }
        let columns = classes + 1
        // dL/da_t = w_t (dz . z_t - dz . z)
        let mean = zip(dz, scores).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        for step in weights.indices {
            var product: Float = 0
            for column in 0..<classes {
                product += dz[column] * steps[step * columns + column]
                steps[step * columns + column] = weights[step] * dz[column]
            }
            steps[step * columns + classes] = weights[step] * (product - mean)
        }
        return -zip(target, logs).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    }
}

extension [Float] {
    /// ln softmax(self).
    package var logSoftmax: [Float] {
        let highest = self.max() ?? 0
        let sum = reduce(Float(0)) { $0 + exp($1 - highest) }
        return map { $0 - highest - log(sum) }
    }
}
