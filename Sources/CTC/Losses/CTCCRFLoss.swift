import Foundation
import VectorKernels

/// The loss of a conditional random field with CTC's topology, and its gradient (Xiang and Ou 2019, "CRF-based single-stage
/// acoustic modeling with CTC topology").
///
/// CTC takes the labels of a text as independent of each other. Here an n-gram P of labels weighs each path too, and what the
/// network learns is to set the paths of the text apart from those of all other texts that the n-gram deems likely:
///
///     loss = ln (sum over all paths of p(path) P(labels of the path)) - ln (the same sum over the text's paths)
///     d loss / d x_t(k) = (share in the first sum of the paths that are at k at frame t) - (the same in the second)
///
/// p(path) is the product of the softmax over its frames. The second sum is P(labels) e^-CTC, see ``CTCLoss``. A little of the
/// plain CTC loss may be added, which keeps the softmax from drifting.
///
/// The first sum takes two products of the n-gram's matrix with a vector in each frame: 4 classes² multiplications for a
/// bigram, 4 classes³ for a trigram. It keeps 4 bytes for each frame and state of the n-gram, of the longest utterance and thread.
///
/// One object may serve several threads.
public final class CTCCRFLoss: BatchedLoss, @unchecked Sendable {  // the workspaces are behind `lock`
    /// The n-gram of labels.
    public let ngram: LabelNGram
    /// By what the plain CTC loss is multiplied that is added.
    public let ctcWeight: Double
    /// The class that spells nothing.
    public var blank: Int { ngram.blank }
    /// Whether an utterance without a path, or with labels that the n-gram rules out, has the loss 0 instead of infinity.
    public let masksImpossible: Bool
    private let graph: DenominatorGraph
    private let kernels: VectorKernels
    private let lock = NSLock()
    private var idle: [CRFWorkspace] = []

    /// Takes the n-gram by which paths are weighed.
    public init(
        _ ngram: LabelNGram, ctcWeight: Double = 0, masksImpossible: Bool = false, kernels: VectorKernels = .best
    ) {
        self.ngram = ngram
        self.ctcWeight = ctcWeight
        self.masksImpossible = masksImpossible
        self.kernels = kernels
        graph = DenominatorGraph(ngram, lanes: kernels.lanes)
    }

    /// The losses of a batch; parameters and errors as ``CTCLoss/evaluate(logits:gradient:layout:targets:reduction:weight:threads:)``
    /// has them.
    /// - Precondition: the layout has the classes of the n-gram.
    public func evaluate(
        logits: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>?, layout: CTCLayout,
        targets: [[Int]], reduction: CTCReduction, weight: Float = 1, threads: Int = 1
    ) throws(CTCError) -> CTCLosses {
        precondition(layout.classes == ngram.classes, "\(layout.classes) classes, \(ngram.classes) in the n-gram")
        return try evaluateBatch(
            logits: logits, gradient: gradient, layout: layout, targets: targets, reduction: reduction, weight: weight,
            threads: threads)
    }

    /// The losses of utterances in arrays of their own, and the gradient of each, [frames, classes]; for tests and tools.
    public func evaluate(
        _ logits: [LogProbabilities], targets: [[Int]], reduction: CTCReduction = .sum, threads: Int = 1
    ) throws(CTCError) -> (losses: CTCLosses, gradients: [LogProbabilities]) {
        precondition(logits.allSatisfy { $0.classes == ngram.classes }, "not the classes of the n-gram")
        return try evaluateArrays(logits, targets: targets, reduction: reduction, threads: threads)
    }

    func loss(of utterance: CTCWorkspace.Utterance) -> Double {
        let workspace = lock.withLock { idle.popLast() } ?? CRFWorkspace(kernels: kernels)
        defer { lock.withLock { idle.append(workspace) } }
        return workspace.loss(of: utterance, graph: graph, ngram: ngram, ctcWeight: ctcWeight)
    }
}
