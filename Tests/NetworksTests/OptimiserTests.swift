import Foundation
import Networks
import Testing

@Suite struct OptimiserTests {
    private static let start: [[Float]] = [[1, -2, 3], [0.5, 4]]

    /// One of each kind.
    private static var all: [any Optimiser] {
        [
            SGD(for: start, learningRate: 0.1), SGD(for: start, learningRate: 0.1, momentum: 0.9),
            SGD(for: start, learningRate: 0.1, momentum: 0.9, isNesterov: true, weightDecay: 0.01),
            Adam(for: start, learningRate: 0.1), Adam(for: start, learningRate: 0.1, isAMSGrad: true),
            Adam.w(for: start, learningRate: 0.1, weightDecay: 0.1),
            Adam.w(for: start, learningRate: 0.1, weightDecay: 0.1, isAMSGrad: true, maximumNorm: 1),
        ]
    }

    /// A gradient that differs from step to step.
    private func gradients(_ parameters: [[Float]], step: Int) -> [[Float]] {
        parameters.map { $0.enumerated().map { $1 - Float(step * ($0 + 1)) / 5 } }
    }

    private func run(_ optimiser: inout any Optimiser, _ parameters: inout [[Float]], steps: Range<Int>) {
        for step in steps { optimiser.step(&parameters, gradients: gradients(parameters, step: step)) }
    }

    @Test("a saved and restored optimiser continues bit for bit", arguments: all.indices)
    func resumes(kind: Int) throws {
        var (optimiser, parameters) = (Self.all[kind], Self.start)
        run(&optimiser, &parameters, steps: 0..<3)
        let data = try JSONEncoder().encode(optimiser.state)
        var (resumed, resumedParameters) = (Self.all[kind], parameters)
        try resumed.restore(JSONDecoder().decode(TrainingState.self, from: data))
        run(&optimiser, &parameters, steps: 3..<6)
        run(&resumed, &resumedParameters, steps: 3..<6)
        #expect(parameters == resumedParameters)
        #expect(optimiser.state == resumed.state)
    }

    @Test("a gradient that is not finite changes nothing, and the step says so", arguments: all.indices)
    func skips(kind: Int) {
        var (optimiser, parameters) = (Self.all[kind], Self.start)
        run(&optimiser, &parameters, steps: 0..<2)
        for value in [Float.nan, .infinity, -.infinity] {
            let (before, state) = (parameters, optimiser.state)
            let result = optimiser.step(&parameters, gradients: [[1, value, 1], [0, 0]])
            #expect(result.isSkipped && result.share == 0 && !result.norm.isFinite)
            #expect(parameters == before && optimiser.state == state)
        }
    }

    @Test("a factor multiplies the learning rate of its tensor alone", arguments: all.indices)
    func factor(kind: Int) {
        var (optimiser, parameters) = (Self.all[kind], Self.start)
        var (slower, slowerParameters) = (Self.all[kind], Self.start)
        optimiser.factors = [1, 0.5]
        slower.learningRate *= 0.5
        let gradient: [[Float]] = [[0.3, -0.2, 0.1], [0.25, -0.5]]
        for _ in 0..<3 {
            optimiser.step(&parameters, gradients: gradient)
            slower.step(&slowerParameters, gradients: gradient)
        }
        #expect(zip(parameters[1], slowerParameters[1]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(parameters[0], slowerParameters[0]).allSatisfy { $0 != $1 })
    }

    @Test(
        "a frozen tensor stays, whatever its gradient, and once thawed it starts as a new one", arguments: all.indices)
    func frozen(kind: Int) {
        var (optimiser, parameters) = (Self.all[kind], Self.start)
        optimiser.factors = [0, 1]
        for _ in 0..<5 {
            let result = optimiser.step(&parameters, gradients: [[.nan, 1e9, 0], [3, 4]])
            #expect(!result.isSkipped && abs(result.norm - 5) < 1e-6)
        }
        #expect(parameters[0] == Self.start[0])
        var (fresh, freshParameters) = (Self.all[kind], Self.start)
        fresh.factors = [1, 0]
        optimiser.factors = [1, 0]
        optimiser.step(&parameters, gradients: [[0.1, 0.2, 0.3], [0, 0]])
        fresh.step(&freshParameters, gradients: [[0.1, 0.2, 0.3], [0, 0]])
        #expect(parameters[0] == freshParameters[0])
    }

    @Test("an optimiser finds the lowest point of a bowl", arguments: all.indices)
    func converges(kind: Int) {
        guard kind < 5 else { return }  // those with decoupled decay pull elsewhere
        var (optimiser, parameters) = (Self.all[kind], Self.start)
        for step in 0..<400 {
            optimiser.learningRate = 0.1 * (1 - Double(step) / 400)
            optimiser.step(&parameters, gradients: parameters.map { $0.map { $0 - 2 } })
        }
        #expect(parameters.joined().allSatisfy { abs($0 - 2) < 0.03 })
    }

    @Test("a state of another optimiser or of other tensors is refused with a sentence, and changes nothing")
    func refuses() throws {
        var adam = Adam(for: Self.start)
        var parameters = Self.start
        adam.step(&parameters, gradients: Self.start)
        let before = adam.state
        #expect(throws: TrainingStateError.missing("step.0")) { try adam.restore(TrainingState()) }
        #expect(throws: TrainingStateError.wrongSize("exp_avg.1", expected: 2, found: 1)) {
            try adam.restore(Adam(for: [[1, 2, 3], [4]]).state)
        }
        var negative = before
        negative.integers["step.1"] = -1
        #expect(throws: TrainingStateError.negative("step.1", -1)) { try adam.restore(negative) }
        #expect(adam.state == before)
        #expect(
            TrainingStateError.wrongSize("exp_avg.1", expected: 2, found: 1).description.hasPrefix(
                "'exp_avg.1' of the saved state has 1 elements where the model has 2: resume with the model"))
    }

    @Test("clipping leaves a short gradient alone and shortens a long one to the maximum")
    func clipping() {
        var gradients: [[Float]] = [[3], [0, 4]]
        #expect(GradientClipping.clip(&gradients, maximum: 10) == (norm: 5, share: 1))
        #expect(gradients == [[3], [0, 4]])
        let result = GradientClipping.clip(&gradients, maximum: 1)
        #expect(abs(result.share - 0.2) < 1e-6 && abs(GradientClipping.norm(of: gradients) - 1) < 1e-6)
        var infinite: [[Float]] = [[.infinity, 1]]
        #expect(GradientClipping.clip(&infinite, maximum: 1) == (norm: .infinity, share: 1))
        #expect(infinite == [[.infinity, 1]])
    }

    @Test("the norm of finite elements is finite as far as float32 reaches")
    func largeNorm() {
        #expect(GradientClipping.norm(of: [[1e30, 1e30]]).isFinite)
        #expect(!GradientClipping.norm(of: [[3e38, 3e38]]).isFinite)
        #expect(GradientClipping.norm(of: []) == 0)
    }
}
