import Foundation

/// The learning rate of each step: a rise to a peak, then what the shape says.
///
/// ```swift
/// var schedule = LearningRateSchedule(peak: 3e-4, warmUp: 500, shape: .cosine(steps: 20_000, minimum: 1e-6))
/// optimiser.learningRate = schedule.rate  // before each step
/// schedule.advance()  // after it
/// ```
///
/// The whole value is `Codable`: its state is its place, and a decoded one continues as the encoded one would have.
public struct LearningRateSchedule: Sendable, Equatable, Codable {
    /// What follows the rise.
    public enum Shape: Sendable, Equatable, Codable {
        /// The peak, for ever.
        case constant
        /// Half a cosine from the peak to `minimum`, which is reached at step `steps`, counted from the beginning, and
        /// kept (Loshchilov and Hutter 2017, without restarts): minimum + (peak - minimum) (1 + cos(pi q)) / 2, where q
        /// is the share of the way from the end of the rise.
        case cosine(steps: Int, minimum: Double)
        /// A straight line from the peak to `minimum`, likewise.
        case linear(steps: Int, minimum: Double)
        /// The peak, multiplied by `factor` whenever more than `patience` reports in a row have brought no improvement,
        /// but never below `minimum` (PyTorch's ReduceLROnPlateau). An improvement is a value below the best by more than
        /// the share `threshold` of it.
        case plateau(patience: Int, factor: Double, minimum: Double, threshold: Double = 1e-4)
    }

    /// The highest rate.
    public let peak: Double
    /// The number of steps of the rise: their rates are peak/warmUp, 2 peak/warmUp, ... peak.
    public let warmUp: Int
    /// What follows the rise.
    public let shape: Shape
    /// The number of steps done.
    public private(set) var step = 0
    /// The best value reported; nil before the first.
    public private(set) var best: Double?
    /// The number of reports since the best, or since the last cut.
    public private(set) var reportsWithoutImprovement = 0
    /// The rate to which a plateau has brought the peak.
    private var reduced: Double

    /// Takes peak, rise and shape.
    public init(peak: Double, warmUp: Int = 0, shape: Shape = .constant) {
        precondition(warmUp >= 0)
        self.peak = peak
        self.warmUp = warmUp
        self.shape = shape
        reduced = peak
    }

    /// The rate of the coming step.
    public var rate: Double {
        let rise = step < warmUp ? Double(step + 1) / Double(warmUp) : 1
        switch shape {
        case .constant: return rise * peak
        case .plateau: return rise * reduced
        case .cosine(let steps, let minimum):
            guard step >= warmUp else { return rise * peak }
            return minimum + (peak - minimum) * (1 + cos(.pi * progress(to: steps))) / 2
        case .linear(let steps, let minimum):
            guard step >= warmUp else { return rise * peak }
            return peak + (minimum - peak) * progress(to: steps)
        }
    }

    /// Goes on to the next step.
    public mutating func advance() { step += 1 }

    /// Takes in a loss or an error rate of held-out data, lower being better: after each epoch, say. Only a plateau
    /// listens. A value that is no number counts as no improvement.
    /// - Returns: whether the rate was cut.
    @discardableResult
    public mutating func report(_ value: Double) -> Bool {
        guard case .plateau(let patience, let factor, let minimum, let threshold) = shape else { return false }
        if value.isFinite, best.map({ value < $0 - threshold * abs($0) }) ?? true {
            best = value
            reportsWithoutImprovement = 0
            return false
        }
        reportsWithoutImprovement += 1
        guard reportsWithoutImprovement > patience else { return false }
        reportsWithoutImprovement = 0
        let before = reduced
        reduced = min(reduced, max(minimum, reduced * factor))
        return reduced < before
    }

    /// The share of the way from the end of the rise to step `steps`, at most 1.
    private func progress(to steps: Int) -> Double {
        guard steps > warmUp else { return 1 }
        return min(1, Double(step - warmUp) / Double(steps - warmUp))
    }
}
