import Foundation
import Plotting
import UtterTraining

/// The pictures of `utter gradients`.
struct GradientPictures {
    let experiment: LongRangeExperiment
    let results: [LongRangeResult]

    private var subtitle: String {
        "The first of \(experiment.task.symbols) symbols is to be named after \(experiment.task.steps) steps; "
            + "\(experiment.hidden) units, \(experiment.updates) updates of \(experiment.batch) sequences, seed \(experiment.seed)."
    }

    /// The norm of the gradient at each step, as a share of that at the last.
    var flow: Figure {
        func plot(_ title: String, _ measured: (LongRangeResult) -> LongRangeMeasurement) -> Plot {
            Plot(
                title: title,
                x: Axis("time step t of T = \(experiment.task.steps)", range: 0...Double(experiment.task.steps)),
                y: Axis("‖∂L/∂h(t)‖ / ‖∂L/∂h(T)‖", scale: .logarithmic, range: Self.shares),
                series: results.map { result in
                    let norms = measured(result).hiddenGradientNorms
                    let last = (norms.last ?? nil) ?? 0
                    return Series(
                        result.subject.name, y: norms.map { $0.map { last > 0 ? $0 / last : .nan } ?? .nan }, first: 1)
                })
        }
        return Figure(
            title: "How much of the gradient arrives, on its way from the last step to the first", subtitle: subtitle,
            rows: [[plot("Before training", \.start), plot("After training", \.end)]])
    }

    /// Further off, nothing is to be seen that matters: what is 10^-20 of a gradient teaches nothing.
    private static let shares = 1e-20...1e20

    /// Loss and accuracy.
    var learning: Figure {
        func plot(
            _ title: String, _ y: Axis, guessing: Double, _ value: (LongRangeRecord) -> Double?
        ) -> Plot {
            let ends = [1, Double(experiment.updates)]
            return Plot(
                title: title, x: Axis("updates", range: 0...Double(experiment.updates)), y: y,
                series: results.map { result in
                    Series(result.subject.name, points: Self.smooth(result.records.map { value($0) ?? .nan }))
                } + [Series("guessing", points: ends.map { ($0, guessing) }, style: .reference)])
        }
        let symbols = Double(experiment.task.symbols)
        return Figure(
            title: "What is learned over \(experiment.task.steps) steps",
            subtitle: subtitle + "\nMeans of \(Self.window(experiment.updates)) updates, each on new sequences.",
            rows: [
                [
                    plot("Loss", Axis("cross-entropy / nats"), guessing: log(symbols)) { $0.loss },
                    plot("Accuracy", Axis("right / %", range: 0...102), guessing: 100 / symbols) { 100 * $0.accuracy },
                ]
            ])
    }

    /// Updates of which the mean is shown.
    private static func window(_ updates: Int) -> Int { max(1, updates / 40) }

    /// Means of windows, in the middle of each.
    private static func smooth(_ values: [Double]) -> [(x: Double, y: Double)] {
        let window = window(values.count)
        return stride(from: 0, to: values.count, by: window).map { start in
            let part = values[start..<min(start + window, values.count)]
            return (Double(start) + Double(part.count + 1) / 2, part.reduce(0, +) / Double(part.count))
        }
    }
}
