import Foundation
import Networks
import TestSupport
import Testing
import VectorKernels

@Suite struct OptimiserKernelTests {
    /// Around the lanes of every instruction set, and enough for several tensors a thread.
    private static let sizes = [1, 3, 16, 17, 33, 1000, 4099, 70_001]

    private static var start: [[Float]] { sizes.enumerated().map { random($1, seed: UInt64($0)) } }

    private static var all: [any Optimiser] {
        [
            SGD(for: start, learningRate: 0.1, momentum: 0.9, isNesterov: true, weightDecay: 0.01, maximumNorm: 1),
            Adam(for: start, learningRate: 0.1, weightDecay: .coupled(0.1)),
            Adam.w(for: start, learningRate: 0.1, weightDecay: 0.1, isAMSGrad: true, maximumNorm: 1),
        ]
    }

    @Test("any number of threads gives the same bits", arguments: all.indices)
    func threads(kind: Int) {
        let gradients = (0..<3).map { step in
            Self.sizes.enumerated().map { random($1, seed: UInt64(100 * (step + 1) + $0)) }
        }
        func run(threads: Int) -> (parameters: [[Float]], state: TrainingState, norms: [Double]) {
            var (optimiser, parameters) = (Self.all[kind], Self.start)
            optimiser.factors[2] = 0
            let norms = gradients.map { optimiser.step(&parameters, gradients: $0, threads: threads).norm }
            return (parameters, optimiser.state, norms)
        }
        let alone = run(threads: 1)
        for threads in [2, 3, 16] {
            let together = run(threads: threads)
            #expect(together.parameters == alone.parameters && together.state == alone.state)
            #expect(together.norms == alone.norms)
        }
    }

    @Test("a moving average is the same for any number of threads")
    func average() {
        var (alone, together) = (ExponentialAverage(of: Self.start), ExponentialAverage(of: Self.start))
        let weights = Self.sizes.enumerated().map { random($1, seed: UInt64(50 + $0)) }
        for _ in 0..<3 {
            alone.update(weights)
            together.update(weights, threads: 4)
        }
        #expect(alone == together)
        #expect(alone.tensors != Self.start)
    }

    /// Elements of a tensor, and what was remembered of them.
    private struct AdamTensor: Equatable {
        var p: [Float]
        var mean: [Float]
        var square: [Float]
        var largest: [Float]
    }

    @Test("Adam on every instruction set is the formula, for any number of elements", arguments: [false, true])
    func adam(isAMSGrad: Bool) {
        var settings = utter_adam(
            share: 0.5, pull: 0.01, keep: 0.999, mean_keep: 0.9, mean_take: 0.1, square_keep: 0.99, square_take: 0.01,
            step_size: 0.02, root_scale: 1.5, epsilon: 1e-3)
        for count in Self.sizes.dropLast(2) {
            let gradient = random(count, seed: 1)
            let before = AdamTensor(
                p: random(count, seed: 2), mean: random(count, seed: 3), square: random(count, seed: 4).map(abs),
                largest: random(count, seed: 5).map(abs))
            let expected = plainAdam(before, gradient, settings, isAMSGrad: isAMSGrad)
            for kernels in VectorKernels.available {
                var ours = before
                ours.p.withUnsafeMutableBufferPointer { p in
                    ours.mean.withUnsafeMutableBufferPointer { mean in
                        ours.square.withUnsafeMutableBufferPointer { square in
                            ours.largest.withUnsafeMutableBufferPointer { largest in
                                kernels.table.pointee.adam(
                                    &settings, p.baseAddress, gradient, mean.baseAddress, square.baseAddress,
                                    isAMSGrad ? largest.baseAddress : nil, count)
                            }
                        }
                    }
                }
                let comment = Comment(rawValue: "\(kernels.name), \(count) elements")
                #expect(largestDifference(ours.p, expected.p) < 1e-6, comment)
                #expect(largestDifference(ours.mean, expected.mean) < 1e-6, comment)
                #expect(largestDifference(ours.square, expected.square) < 1e-6, comment)
                #expect(largestDifference(ours.largest, expected.largest) < 1e-6, comment)
            }
        }
    }

    /// The formula at ``Adam``, in double precision.
    private func plainAdam(
        _ tensor: AdamTensor, _ gradient: [Float], _ settings: utter_adam, isAMSGrad: Bool
    ) -> AdamTensor {
        var result = tensor
        for i in tensor.p.indices {
            let p = Double(tensor.p[i])
            let g = Double(settings.share) * Double(gradient[i]) + Double(settings.pull) * p
            let mean = Double(settings.mean_keep) * Double(tensor.mean[i]) + Double(settings.mean_take) * g
            let square = Double(settings.square_keep) * Double(tensor.square[i]) + Double(settings.square_take) * g * g
            let bound = isAMSGrad ? max(Double(tensor.largest[i]), square) : square
            let root = bound.squareRoot() * Double(settings.root_scale) + Double(settings.epsilon)
            result.p[i] = Float(Double(settings.keep) * p - Double(settings.step_size) * mean / root)
            (result.mean[i], result.square[i]) = (Float(mean), Float(square))
            if isAMSGrad { result.largest[i] = Float(bound) }
        }
        return result
    }

    @Test("the sum of squares is that in double precision, on every instruction set")
    func squares() {
        for count in [0] + Self.sizes {
            let x = random(count, seed: 9, scale: 1e20)
            let expected = x.reduce(0) { $0 + Double($1) * Double($1) }
            for kernels in VectorKernels.available {
                #expect(abs(kernels.table.pointee.squares(x, count) - expected) <= 1e-13 * expected, "\(kernels.name)")
            }
        }
    }
}
