import CTC
import TensorFiles
import TestSupport
import Testing
import VectorKernels

/// A case of `ctc_crf.safetensors`: logits [frames, batch, classes], blank 0, a bigram.
private struct CRFCase {
    let name: String
    let logits: Tensor
    let lengths: [Int]
    let targets: [[Int]]
    let losses: [Float]
    let gradient: [Float]
    let ngram: LabelNGram
    let ctcWeight: Double

    init(_ name: String, in reference: Reference) throws {
        self.name = name
        logits = try reference.tensor(name + ".logits")
        lengths = try reference.integers(name + ".input_lengths")
        var rest = try reference.integers(name + ".targets_flat")[...]
        targets = try reference.integers(name + ".target_lengths").map { count in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        losses = try reference.values(name + ".loss")
        gradient = try reference.values(name + ".grad")
        ngram = try LabelNGram(bigram: try reference.values(name + ".bigram"), classes: logits.shape[2])
        ctcWeight = Double(try reference.values(name + ".ctc_weight")[0])
    }

    var gradientTolerance: Float { ["phones", "extreme"].contains(name) ? 1e-3 : 1e-4 }

    /// The gradient's buffer begins with NaN: what is not written shows.
    func evaluate(masked: Bool, threads: Int, kernels: VectorKernels) throws -> (CTCLosses, gradient: [Float]) {
        let loss = CTCCRFLoss(ngram, ctcWeight: ctcWeight, masksImpossible: masked, kernels: kernels)
        var gradient = [Float](repeating: .nan, count: logits.values.count)
        let layout = CTCLayout.timeMajor(frames: logits.shape[0], lengths: lengths, classes: logits.shape[2])
        let losses = try logits.values.withUnsafeBufferPointer { logits in
            try gradient.withUnsafeMutableBufferPointer { gradient in
                try loss.evaluate(
                    logits: logits, gradient: gradient, layout: layout, targets: targets, reduction: .sum,
                    threads: threads)
            }
        }
        return (losses, gradient)
    }
}

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct CRFLossReferenceTests {
    @Test("losses and gradient agree with PyTorch's, on every instruction set", arguments: [1, 2])
    func agreesWithPyTorch(threads: Int) throws {
        let reference = try Reference("ctc_crf")
        let names = reference.cases(endingWith: ".logits")
        try #require(!names.isEmpty)
        for name in names {
            let item = try CRFCase(name, in: reference)
            for kernels in VectorKernels.available {
                let comment = Comment(rawValue: "\(name) on \(kernels.name)")
                for masked in [false, true] {
                    let (losses, gradient) = try item.evaluate(masked: masked, threads: threads, kernels: kernels)
                    let impossible = item.losses.indices.filter { item.losses[$0] == .infinity }
                    #expect(losses.impossible == impossible, comment)
                    for (ours, theirs) in zip(losses.utterances, item.losses) {
                        let expected = masked && theirs == .infinity ? 0 : Double(theirs)
                        #expect(ours == expected || abs(ours - expected) <= 1e-5 * abs(expected), comment)
                    }
                    #expect(largestDifference(gradient, item.gradient) < item.gradientTolerance, comment)
                }
            }
        }
    }
}
