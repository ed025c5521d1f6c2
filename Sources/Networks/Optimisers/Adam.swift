import Foundation

/// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), as PyTorch defines them.
///
/// With g the gradient, at step t of a tensor and rate r: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// p -= r m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon); with AMSGrad, v in the last line is the largest that it ever was
/// (Reddi et al. 2018). Each tensor counts its own steps, so that one that was frozen at first starts as a new one would.
public struct Adam: Optimiser {
    /// How parameters are pulled towards 0.
    public enum WeightDecay: Sendable, Equatable {
        /// Added to the gradient: g + d p, as in PyTorch's Adam.
        case coupled(Double)
        /// Apart from the gradient: p -= r d p, as in AdamW.
        case decoupled(Double)
    }

    /// The learning rate of the next step.
    public var learningRate: Double
    /// By what the learning rate of each tensor is multiplied.
    public var factors: [Double]
    /// Gradients of a larger global norm are clipped to it; nil for no clipping.
    public var maximumNorm: Double?
    /// The number of elements of each tensor.
    public let sizes: [Int]
    /// How slowly the mean of the gradient (b1) and of its square (b2) change.
    public let betas: (Double, Double)
    /// Added to the root, against a division by 0.
    public let epsilon: Double
    /// How parameters are pulled towards 0.
    public let weightDecay: WeightDecay
    /// Whether the largest v is taken.
    public let isAMSGrad: Bool
    private var steps: [Int]
    private var mean: [[Float]]
    private var square: [[Float]]
    /// Empty unless AMSGrad.
    private var largestSquare: [[Float]]

    /// Makes an optimiser for tensors of the sizes of `parameters`.
    public init(
        for parameters: [[Float]], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
        epsilon: Double = 1e-8, weightDecay: WeightDecay = .coupled(0), isAMSGrad: Bool = false,
        maximumNorm: Double? = nil
    ) {
        precondition((0..<1).contains(betas.0) && (0..<1).contains(betas.1) && epsilon >= 0)
        self.learningRate = learningRate
        self.betas = betas
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.isAMSGrad = isAMSGrad
        self.maximumNorm = maximumNorm
        sizes = parameters.map(\.count)
        factors = [Double](repeating: 1, count: sizes.count)
        steps = [Int](repeating: 0, count: sizes.count)
        mean = sizes.map { [Float](repeating: 0, count: $0) }
        square = mean
        largestSquare = isAMSGrad ? mean : []
    }

    /// AdamW: Adam with decoupled weight decay.
    public static func w(
        for parameters: [[Float]], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
        epsilon: Double = 1e-8, weightDecay: Double = 0.01, isAMSGrad: Bool = false, maximumNorm: Double? = nil
    ) -> Adam {
        Adam(
            for: parameters, learningRate: learningRate, betas: betas, epsilon: epsilon,
            weightDecay: .decoupled(weightDecay), isAMSGrad: isAMSGrad, maximumNorm: maximumNorm)
    }

    /// `step.N`, `exp_avg.N` (m), `exp_avg_sq.N` (v) and with AMSGrad `max_exp_avg_sq.N`, PyTorch's names.
    public var state: TrainingState {
        var state = TrainingState()
        state.set("step", steps)
        state.set("exp_avg", mean)
        state.set("exp_avg_sq", square)
        state.set("max_exp_avg_sq", largestSquare)
        return state
    }

    /// Continues from a saved state.
    public mutating func restore(_ state: TrainingState) throws {
        let steps = try sizes.indices.map { try state.count("step.\($0)") }
        let mean = try state.list("exp_avg", sizes: sizes)
        let square = try state.list("exp_avg_sq", sizes: sizes)
        let largestSquare = isAMSGrad ? try state.list("max_exp_avg_sq", sizes: sizes) : []
        (self.steps, self.mean, self.square, self.largestSquare) = (steps, mean, square, largestSquare)
    }

    /// Changes one tensor.
    public mutating func update(_ index: Int, _ parameter: inout [Float], gradient: [Float], share: Double) {
        steps[index] += 1
        let rate = learningRate * factors[index]
        // In double precision: 1 - 0.999 in float32 is wrong in the fifth digit.
        let count = Double(steps[index])
        let stepSize = Float(rate / (1 - pow(betas.0, count)))
        let rootScale = Float(1 / (1 - pow(betas.1, count)).squareRoot())
        let (b1, c1, b2, c2) = (Float(betas.0), Float(1 - betas.0), Float(betas.1), Float(1 - betas.1))
        let (share, epsilon, isAMSGrad) = (Float(share), Float(epsilon), isAMSGrad)
        let (pull, keep): (Float, Float) =
            switch weightDecay {
            case .coupled(let decay): (Float(decay), 1)
            case .decoupled(let decay): (0, Float(1 - rate * decay))
            }
        // Two plain loops, which the compiler turns into vectors; one with a choice inside it does not become any.
        func apply(_ square: UnsafeMutableBufferPointer<Float>, _ mean: UnsafeMutableBufferPointer<Float>) {
            parameter.withUnsafeMutableBufferPointer { p in
                for i in p.indices {
                    p[i] = keep * p[i] - stepSize * mean[i] / (square[i].squareRoot() * rootScale + epsilon)
                }
            }
        }
        mean[index].withUnsafeMutableBufferPointer { mean in
            square[index].withUnsafeMutableBufferPointer { square in
                parameter.withUnsafeBufferPointer { p in
                    gradient.withUnsafeBufferPointer { gradient in
                        for i in p.indices {
                            let g = share * gradient[i] + pull * p[i]
                            mean[i] = b1 * mean[i] + c1 * g
                            square[i] = b2 * square[i] + c2 * g * g
                        }
                    }
                }
                guard isAMSGrad else { return apply(square, mean) }
                largestSquare[index].withUnsafeMutableBufferPointer { largest in
                    for i in largest.indices { largest[i] = max(largest[i], square[i]) }
                    apply(largest, mean)
                }
            }
        }
    }
}
