import VectorKernels

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
    /// Changes some of the tensors, with the share of their gradients that clipping leaves. Call
    /// ``step(_:gradients:threads:)`` instead.
    mutating func update(
        _ tensors: [Int], of parameters: inout [[Float]], gradients: [[Float]], share: Double, threads: Int)
}

/// What a step did.
public struct OptimiserStep: Sendable, Equatable {
    /// The global norm of the gradient, before clipping.
    public let norm: Double
    /// The share of the gradient that was applied: 1 where nothing was clipped, 0 where the step was skipped.
    public let share: Double
    /// Whether nothing was changed, because the norm is not finite.
    public let isSkipped: Bool
    /// Whether a part of the gradient was applied, and not all of it.
    public var isClipped: Bool { share < 1 && !isSkipped }
}

extension Optimiser {
    /// Clips the gradients and changes the parameters once. Where the norm of the gradients is not finite, nothing
    /// changes, neither the parameters nor the state, and the result says so.
    /// - Parameters:
    ///   - parameters: changed where they lie, if nobody else holds them; see ``TrainableLayer/updateParameters(_:)``.
    ///   - gradients: a tensor for each of the parameters.
    ///   - threads: at most this many run at once; the result does not depend on it.
    /// - Precondition: tensors of the sizes with which the optimiser was made.
    @discardableResult
    public mutating func step(
        _ parameters: inout [[Float]], gradients: [[Float]], threads: Int = 1
    ) -> OptimiserStep {
        precondition(parameters.count == sizes.count && gradients.count == sizes.count && factors.count == sizes.count)
        for index in sizes.indices {
            precondition(parameters[index].count == sizes[index] && gradients[index].count == sizes[index])
        }
        let active = sizes.indices.filter { factors[$0] != 0 }
        let norm = GradientClipping.norm(of: active.lazy.map { gradients[$0] }, threads: threads)
        guard norm.isFinite else { return OptimiserStep(norm: norm, share: 0, isSkipped: true) }
        let share = GradientClipping.share(norm: norm, maximum: maximumNorm)
        // The largest first, so that no thread begins one when the others have ended.
        update(
            active.sorted { sizes[$0] > sizes[$1] }, of: &parameters, gradients: gradients, share: share,
            threads: threads)
        return OptimiserStep(norm: norm, share: share, isSkipped: false)
    }
}

/// Calls `body` with the place in the list of each tensor of `order`, and the tensor, on at most `threads` threads. Each
/// number is one call's alone: it may open the tensor of that number in other lists as well.
func forEachTensor(
    _ order: [Int], of tensors: inout [[Float]], threads: Int,
    _ body: @Sendable (Int, inout [Float]) -> Void
) {
    tensors.withUnsafeMutableBufferPointer { tensors in
        nonisolated(unsafe) let tensors = tensors
        Parallel.forEach(order.count, threads: threads) { body(order[$0], &tensors[order[$0]]) }
    }
}
