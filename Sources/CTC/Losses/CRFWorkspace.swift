import Foundation
import VectorKernels

/// The memory of one thread for one utterance at a time: that of CTC, which is the numerator, and that of the denominator.
final class CRFWorkspace {
    private let kernels: VectorKernels
    private let numerator: CTCWorkspace
    private var floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)
    private var exponents = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 0)
    private var offsets = UnsafeMutableBufferPointer<Int>.allocate(capacity: 0)

    init(kernels: VectorKernels) { (self.kernels, numerator) = (kernels, CTCWorkspace(kernels: kernels)) }

    deinit {
        floats.deallocate()
        exponents.deallocate()
        offsets.deallocate()
    }

    /// The loss of one utterance, `scale` times its gradient written where one is wanted.
    func loss(
        of utterance: CTCWorkspace.Utterance, graph: DenominatorGraph, ngram: LabelNGram, ctcWeight: Double
    ) -> Double {
        let prior = ngram.logProbability(of: utterance.targets)
        let isPossible = prior > -.infinity && utterance.frames >= CTCLoss.fewestFrames(for: utterance.targets)
        // First, since the gradient may be written over the logits.
        let denominator = isPossible ? logSum(over: utterance, graph: graph, ngram: ngram) : -.infinity
        guard denominator > -.infinity || denominator.isNaN else {
            numerator.refuse(utterance)
            return .infinity
        }
        let ctc = numerator.loss(of: utterance.scaled(by: Float(1 + ctcWeight)), blank: graph.blank)
        guard ctc.isFinite else { return ctc }
        // A text behind which all others lie more than 49 orders of magnitude ahead in one frame and die out in the next.
        guard !denominator.isNaN else {
            numerator.refuse(utterance)
            return .infinity
        }
        // CTC's gradient is softmax minus share of the target's paths; what is added here is share of all paths minus softmax.
        if let gradient = utterance.gradient, utterance.frames > 0 {
            let classes = graph.classes
            for frame in 0..<utterance.frames {
                let row = gradient + offsets[frame]
                let shares = floats.baseAddress.unsafelyUnwrapped + frame * graph.width
                for label in 0..<classes { row[label] += utterance.scale * shares[label] }
            }
        }
        return denominator - prior + (1 + ctcWeight) * ctc
    }

    /// ln of the sum over all paths of their probability times that of their labels; the classes' shares of it minus their
    /// softmax stand at the start of `floats` then, where a gradient is wanted.
    private func logSum(over utterance: CTCWorkspace.Utterance, graph: DenominatorGraph, ngram: LabelNGram) -> Double {
        let frames = utterance.frames
        guard frames > 0 else { return ngram.logProbability(of: EmptyCollection()) }
        let wantsGradient = utterance.gradient != nil
        let states = graph.blocks * graph.width
        let outputs = frames * graph.width
        let working = 4 * states + graph.rows + 2 * graph.width
        floats.grow(to: outputs + working + (wantsGradient ? frames : 1) * states)
        exponents.grow(to: frames)
        offsets.grow(to: frames)
        guard let floats = floats.baseAddress else { return .nan }
        for frame in 0..<frames {
            offsets[frame] = (utterance.rowOfFrame[frame] + utterance.firstRow) * graph.classes
        }
        return offsets.withMemoryRebound(to: size_t.self) { offsets in
            var lattice = utter_crf()
            graph.fill(&lattice)
            lattice.frames = Int32(frames)
            lattice.logits = utterance.logits
            lattice.offsets = UnsafePointer(offsets.baseAddress)
            lattice.outputs = floats
            lattice.working = floats + outputs
            lattice.history = floats + outputs + working
            lattice.history_stride = wantsGradient ? states : 0
            lattice.exponents = exponents.baseAddress
            kernels.table.pointee.crf_forward(&lattice)
            // Where a logit was not a number there is no sum either; CTC tells these cases apart.
            guard lattice.total > 0 else { return .nan }
            if wantsGradient { kernels.table.pointee.crf_backward(&lattice) }
            return log(lattice.total) - Double(lattice.total_exponent) * log(2)
        }
    }
}
