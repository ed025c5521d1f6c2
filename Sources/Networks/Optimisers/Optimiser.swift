/// What changes parameters so that a loss falls: SGD or Adam.
///
/// Parameters are a list of tensors in a fixed order, and gradients are another in the same order.
///
/// ```swift
/// var optimiser = Adam(for: parameters)
/// optimiser.learningRate = schedule.rate
/// let step = optimiser.step(&parameters, gradients: gradients)
/// if step.isSkipped { print("warning: the gradient is not finite; this batch was left out") }
/// ```
///
/// A tensor whose factor is 0 is frozen: it stays as it is, and its gradient is not looked at, as if it had none.
public protocol Optimiser: Sendable {
    /// The learning rate of the next step; a ``LearningRateSchedule`` sets it.
    var learningRate: Double { get set }
    /// By what the learning rate of each tensor is multiplied: 1, unless lower layers are to learn more slowly, or not at
    /// all (0).
    var factors: [Double] { get set }
    /// Gradients of a larger global norm are clipped to it; nil for no clipping.
    var maximumNorm: Double? { get set }
    /// The number of elements of each tensor.
    var sizes: [Int] { get }
    /// What it remembers. The three settings above are not part of it: their owner sets them anew.
    var state: TrainingState { get }

    /// Continues from a saved state.
    /// - Throws: ``TrainingStateError`` where it was saved by another optimiser or for other tensors; nothing is changed then.
    mutating func restore(_ state: TrainingState) throws
    /// Changes one tensor, with the share of its gradient that clipping leaves. Call ``step(_:gradients:)`` instead.
    mutating func update(_ index: Int, _ parameter: inout [Float], gradient: [Float], share: Double)
}

/// What a step did.
public struct OptimiserStep: Sendable, Equatable {
    /// The global norm of the gradient, before clipping.
    public let norm: Double
    /// The share of the gradient that was applied: 1 where nothing was clipped, 0 where the step was skipped.
    public let share: Double
    /// Whether nothing was changed, because the norm is not finite.
    public let isSkipped: Bool
}

extension Optimiser {
    /// Clips the gradients and changes the parameters once. Where the norm of the gradients is not finite, nothing
    /// changes, neither the parameters nor the state, and the result says so.
    /// - Precondition: tensors of the sizes with which the optimiser was made.
    @discardableResult
    public mutating func step(_ parameters: inout [[Float]], gradients: [[Float]]) -> OptimiserStep {
        let sizes = sizes
        precondition(parameters.count == sizes.count && gradients.count == sizes.count && factors.count == sizes.count)
        for index in sizes.indices {
            precondition(parameters[index].count == sizes[index] && gradients[index].count == sizes[index])
        }
        let active = sizes.indices.filter { factors[$0] != 0 }
        let norm = GradientClipping.norm(of: active.lazy.map { gradients[$0] })
        guard norm.isFinite else { return OptimiserStep(norm: norm, share: 0, isSkipped: true) }
        let share = GradientClipping.share(norm: norm, maximum: maximumNorm)
        for index in active { update(index, &parameters[index], gradient: gradients[index], share: share) }
        return OptimiserStep(norm: norm, share: share, isSkipped: false)
    }
}
