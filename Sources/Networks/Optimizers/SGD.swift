/// Gradient descent (PyTorch's SGD). With g the gradient plus weightDecay * p, at rate r:
/// v = momentum * v + g, p -= r * v, or p -= r * (g + momentum * v) with Nesterov's momentum.
public struct SGD: Optimiser {
    /// The learning rate of the next step.
    public var learningRate: Double
    /// By what the learning rate of each tensor is multiplied.
    public var factors: [Double]
    /// Gradients of a larger global norm are clipped to it; nil for no clipping.
    public var maximumNorm: Double?
    /// The number of elements of each tensor.
    public let sizes: [Int]
    /// The share of the last change that is repeated.
    public let momentum: Double
    /// Whether the gradient is taken as if the momentum had been applied (Sutskever et al. 2013).
    public let isNesterov: Bool
    /// The pull of each parameter towards 0.
    public let weightDecay: Double
    /// v; empty without momentum.
    private var velocity: [[Float]]

    /// Makes an optimiser for tensors of the sizes of `parameters`.
    public init(
        for parameters: [[Float]], learningRate: Double = 0.01, momentum: Double = 0, isNesterov: Bool = false,
        weightDecay: Double = 0, maximumNorm: Double? = nil
    ) {
        precondition(momentum > 0 || !isNesterov, "Nesterov's momentum needs a momentum")
        self.learningRate = learningRate
        self.momentum = momentum
        self.isNesterov = isNesterov
        self.weightDecay = weightDecay
        self.maximumNorm = maximumNorm
        sizes = parameters.map(\.count)
        factors = [Double](repeating: 1, count: sizes.count)
        velocity = momentum > 0 ? sizes.map { [Float](repeating: 0, count: $0) } : []
    }

    /// `momentum_buffer.N` for each parameter, where there is momentum.
    public var state: TrainingState {
        var state = TrainingState()
        state.set("momentum_buffer", velocity)
        return state
    }

    /// Continues from a saved state.
    public mutating func restore(_ state: TrainingState) throws {
        if momentum > 0 { velocity = try state.list("momentum_buffer", sizes: sizes) }
    }

    /// Changes some of the tensors.
    public mutating func update(
        _ tensors: [Int], of parameters: inout [[Float]], gradients: [[Float]], share: Double, threads: Int
    ) {
        let rates = factors.map { Float(learningRate * $0) }
        let (share, decay, momentum, isNesterov) = (Float(share), Float(weightDecay), Float(momentum), isNesterov)
        velocity.withUnsafeMutableBufferPointer { velocity in
            // A tensor of each number is one thread's alone.
            nonisolated(unsafe) let velocity = velocity
            forEachTensor(tensors, of: &parameters, threads: threads) { index, parameter in
                let rate = rates[index]
                parameter.withUnsafeMutableBufferPointer { p in
                    gradients[index].withUnsafeBufferPointer { gradient in
                        guard !velocity.isEmpty else {
                            for i in p.indices { p[i] -= rate * (share * gradient[i] + decay * p[i]) }
                            return
                        }
                        velocity[index].withUnsafeMutableBufferPointer { velocity in
                            for i in p.indices {
                                let g = share * gradient[i] + decay * p[i]
                                let v = momentum * velocity[i] + g
                                velocity[i] = v
                                p[i] -= rate * (isNesterov ? g + momentum * v : v)
                            }
                        }
                    }
                }
            }
        }
    }
}
