import CTC
import TensorFiles
import TestSupport
import Testing
import VectorKernels

/// A case of `ctc.safetensors`: logits [frames, batch, classes].
private struct LossCase {
    let name: String
    let logits: Tensor
    let blank: Int
    let lengths: [Int]
    let targets: [[Int]]
    let losses: [Float]
    let maskedLosses: [Float]
    let meanLoss: Float
    let gradient: [Float]

    init(_ name: String, in reference: Reference) throws {
        self.name = name
        logits = try reference.tensor(name + ".logits")
        blank = try reference.integers(name + ".blank")[0]
        lengths = try reference.integers(name + ".input_lengths")
        var rest = try reference.integers(name + ".targets_flat")[...]
        targets = try reference.integers(name + ".target_lengths").map { count in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        losses = try reference.values(name + ".loss")
        maskedLosses = try reference.values(name + ".loss_zero_infinity")
        meanLoss = try reference.values(name + ".loss_mean")[0]
        gradient = try reference.values(name + ".grad_zero_infinity")
    }

    var layout: CTCLayout { .timeMajor(frames: logits.shape[0], lengths: lengths, classes: logits.shape[2]) }

    /// 1e-4; float32 itself ends before that where sequences are long or logits huge.
    var gradientTolerance: Float {
        let largest = logits.values.map(abs).max() ?? 0
        return logits.shape[0] >= 400 || largest > 50 ? 1e-3 : 1e-4
    }

    /// The gradient's buffer begins with NaN: what is not written shows.
    func evaluate(
        masked: Bool, reduction: CTCReduction, threads: Int, kernels: VectorKernels
    ) throws -> (CTCLosses, gradient: [Float]) {
        let loss = CTCLoss(blank: blank, masksImpossible: masked, kernels: kernels)
        var gradient = [Float](repeating: .nan, count: logits.values.count)
        let losses = try logits.values.withUnsafeBufferPointer { logits in
            try gradient.withUnsafeMutableBufferPointer { gradient in
                try loss.evaluate(
                    logits: logits, gradient: gradient, layout: layout, targets: targets, reduction: reduction,
                    threads: threads)
            }
        }
        return (losses, gradient)
    }
}

private func agree(_ ours: Double, _ theirs: Float) -> Bool {
    ours == Double(theirs) || abs(ours - Double(theirs)) <= 1e-5 * abs(Double(theirs))
}

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct LossReferenceTests {
    @Test("losses, gradient and both reductions agree with PyTorch, on every instruction set", arguments: [1, 2])
    func agreesWithPyTorch(threads: Int) throws {
        let reference = try Reference("ctc")
        let names = reference.cases(endingWith: ".logits")
        try #require(!names.isEmpty)
        for name in names {
            let item = try LossCase(name, in: reference)
            for kernels in VectorKernels.available {
                let comment = Comment(rawValue: "\(name) on \(kernels.name)")
                let (plain, _) = try item.evaluate(masked: false, reduction: .sum, threads: threads, kernels: kernels)
                #expect(zip(plain.utterances, item.losses).allSatisfy(agree), comment)
                #expect(plain.impossible == item.losses.indices.filter { item.losses[$0] == .infinity }, comment)

                let (masked, gradient) = try item.evaluate(
                    masked: true, reduction: .sum, threads: threads, kernels: kernels)
                #expect(zip(masked.utterances, item.maskedLosses).allSatisfy(agree), comment)
                #expect(abs(masked.total - masked.utterances.reduce(0, +)) < 1e-9, comment)
                #expect(largestDifference(gradient, item.gradient) < item.gradientTolerance, comment)

                let (mean, _) = try item.evaluate(masked: true, reduction: .mean, threads: threads, kernels: kernels)
                #expect(agree(mean.total, item.meanLoss), comment)
            }
        }
    }

    @Test("log-probabilities instead of logits have the same loss")
    func logProbabilities() throws {
        let reference = try Reference("ctc")
        for name in reference.cases(endingWith: ".log_probs") {
            let item = try LossCase(name, in: reference)
            let losses = try reference.values(name + ".log_probs").withUnsafeBufferPointer { values in
                try CTCLoss(blank: item.blank).evaluate(
                    logits: values, gradient: nil, layout: item.layout, targets: item.targets, reduction: .sum)
            }
            #expect(zip(losses.utterances, item.losses).allSatisfy(agree), Comment(rawValue: name))
        }
    }
}
