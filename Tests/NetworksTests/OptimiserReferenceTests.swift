import Networks
import TensorFiles
import TestSupport
import Testing

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct OptimiserReferenceTests {
    private let reference: Reference

    init() throws { reference = try Reference("optim") }

    /// The optimiser that `optim.json` describes in the terms of torch.optim.
    private func optimiser(_ options: [String: Any], for parameters: [[Float]]) throws -> any Optimiser {
        func number(_ key: String, default value: Double) -> Double { options[key] as? Double ?? value }
        let rate = try #require(options["lr"] as? Double)
        let betas = options["betas"] as? [Double] ?? [0.9, 0.999]
        let name = try #require(options["cls"] as? String)
        switch name {
        case "SGD":
            return SGD(
                for: parameters, learningRate: rate, momentum: number("momentum", default: 0),
                isNesterov: options["nesterov"] as? Bool ?? false, weightDecay: number("weight_decay", default: 0),
                maximumNorm: options["clip"] as? Double)
        case "Adam", "AdamW":
            let decay = number("weight_decay", default: name == "AdamW" ? 0.01 : 0)
            return Adam(
                for: parameters, learningRate: rate, betas: (betas[0], betas[1]), epsilon: number("eps", default: 1e-8),
                weightDecay: name == "AdamW" ? .decoupled(decay) : .coupled(decay),
                isAMSGrad: options["amsgrad"] as? Bool ?? false, maximumNorm: options["clip"] as? Double)
        default:
            throw UnknownOptimiser(name: name)
        }
    }

    private struct UnknownOptimiser: Error { let name: String }

    @Test("every step of every optimiser agrees with PyTorch, clipped or not")
    func steps() throws {
        let all = try Reference.json("optim")
        let names = reference.cases(endingWith: ".params")
        try #require(!names.isEmpty && Set(names) == Set(all.keys))
        let (a, b) = (try reference.values("A").map(Double.init), try reference.values("b").map(Double.init))
        let n = b.count
        for name in names {
            let options = try #require(all[name] as? [String: Any])
            let tolerance: Float = (options["cls"] as? String)?.hasPrefix("Adam") == true ? 2e-5 : 1e-5
            var parameters = [try reference.values("p0")]
            var optimiser = try optimiser(options, for: parameters)
            let expected = try reference.values(name + ".params")
            for step in 0..<expected.count / n {
                // f(p) = p'Ap / 2 - b'p, A symmetric
                let gradient = (0..<n).map { row in
                    Float((0..<n).reduce(-b[row]) { $0 + a[row * n + $1] * Double(parameters[0][$1]) })
                }
                let result = optimiser.step(&parameters, gradients: [gradient])
                let comment = Comment(rawValue: "\(name), step \(step)")
                #expect(
                    relativeDifference(parameters[0], Array(expected[step * n..<(step + 1) * n])) < tolerance, comment)
                #expect(!result.isSkipped)
                if options["clip"] != nil {
                    let norm = try reference.values(name + ".norm_before_clip")[step]
                    #expect(abs(Float(result.norm) - norm) < tolerance * norm, comment)
                } else {
                    #expect(result.share == 1, comment)
                }
            }
        }
    }

    @Test("tensors clipped together agree with PyTorch")
    func clippedTogether() throws {
        let names = reference.cases(endingWith: ".total_norm")
        try #require(!names.isEmpty)
        for name in names {
            let count = reference.names.filter { $0.hasPrefix(name + ".in") }.count
            var gradients = try (0..<count).map { try reference.values("\(name).in\($0)") }
            let expected = try (0..<count).map { try reference.values("\(name).out\($0)") }
            let norm = Double(try reference.values(name + ".total_norm")[0])
            // The file does not say to what they were clipped: to the norm that came out, but for PyTorch's 1e-6.
            let maximum = GradientClipping.norm(of: expected) * (norm + 1e-6) / norm
            let result = GradientClipping.clip(&gradients, maximum: maximum)
            #expect(abs(result.norm - norm) < 1e-5 * norm)
            #expect(abs(result.share * norm - GradientClipping.norm(of: expected)) < 1e-5 * norm)
            for (ours, theirs) in zip(gradients, expected) { #expect(relativeDifference(ours, theirs) < 1e-5) }
        }
    }
}
