import Foundation
import VectorKernels

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
    /// Of no elements unless AMSGrad.
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
        largestSquare = isAMSGrad ? mean : sizes.map { _ in [] }
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
        if isAMSGrad { state.set("max_exp_avg_sq", largestSquare) }
        return state
    }

    /// Continues from a saved state.
    public mutating func restore(_ state: TrainingState) throws {
        let steps = try sizes.indices.map { try state.count("step.\($0)") }
        let mean = try state.list("exp_avg", sizes: sizes)
        let square = try state.list("exp_avg_sq", sizes: sizes)
        let largestSquare = isAMSGrad ? try state.list("max_exp_avg_sq", sizes: sizes) : largestSquare
        (self.steps, self.mean, self.square, self.largestSquare) = (steps, mean, square, largestSquare)
    }

    /// Changes some of the tensors.
    public mutating func update(
        _ tensors: [Int], of parameters: inout [[Float]], gradients: [[Float]], share: Double, threads: Int
    ) {
        for index in tensors { steps[index] += 1 }
        let settings = sizes.indices.map { kernelSettings($0, share: share) }
        mean.withUnsafeMutableBufferPointer { mean in
            square.withUnsafeMutableBufferPointer { square in
                largestSquare.withUnsafeMutableBufferPointer { largest in
                    // A tensor of each number is one thread's alone.
                    nonisolated(unsafe) let (mean, square, largest) = (mean, square, largest)
                    forEachTensor(tensors, of: &parameters, threads: threads) { index, parameter in
                        Self.apply(
                            settings[index], to: &parameter, gradient: gradients[index], mean: &mean[index],
                            square: &square[index], largest: &largest[index])
                    }
                }
            }
        }
    }

    /// In double precision: 1 - 0.999 in float32 is wrong in the fifth digit.
    private func kernelSettings(_ index: Int, share: Double) -> utter_adam {
        let (rate, count) = (learningRate * factors[index], Double(steps[index]))
        let (pull, keep): (Double, Double) =
            switch weightDecay {
            case .coupled(let decay): (decay, 1)
            case .decoupled(let decay): (0, 1 - rate * decay)
            }
        return utter_adam(
            share: Float(share), pull: Float(pull), keep: Float(keep), mean_keep: Float(betas.0),
            mean_take: Float(1 - betas.0), square_keep: Float(betas.1), square_take: Float(1 - betas.1),
            step_size: Float(rate / (1 - pow(betas.0, count))),
            root_scale: Float(1 / (1 - pow(betas.1, count)).squareRoot()), epsilon: Float(epsilon))
    }

    /// - Parameter largest: of no elements unless AMSGrad.
    private static func apply(
        _ settings: utter_adam, to parameter: inout [Float], gradient: [Float], mean: inout [Float],
        square: inout [Float], largest: inout [Float]
    ) {
        var settings = settings
        parameter.withUnsafeMutableBufferPointer { p in
            gradient.withUnsafeBufferPointer { gradient in
                mean.withUnsafeMutableBufferPointer { mean in
                    square.withUnsafeMutableBufferPointer { square in
                        largest.withUnsafeMutableBufferPointer { largest in
                            VectorKernels.best.table.pointee.adam(
                                &settings, p.baseAddress, gradient.baseAddress, mean.baseAddress, square.baseAddress,
                                largest.isEmpty ? nil : largest.baseAddress, p.count)
                        }
                    }
                }
            }
        }
    }
}
