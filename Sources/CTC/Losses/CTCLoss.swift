import Foundation
import VectorKernels

/// The loss of connectionist temporal classification, and its gradient (Graves et al. 2006, sections 4.1 and 4.2).
///
/// The probability of a text is that of all paths that collapse to it (see ``Collapse``), y being the softmax of the
/// logits x:
///
///     loss = -ln P(l | x),    P(l | x) = sum over paths of the product over t of y_t(path_t)
///     d loss / d x_t(k) = y_t(k) - (the share in P of the paths that are at k at frame t)
///
/// The sum takes O(frames x targets), forwards and backwards through the lattice of the labels with blanks between.
/// The gradient is with respect to the logits, the softmax included; log-probabilities serve as well, since the softmax
/// leaves them as they are. A logit of -infinity rules a class out; a frame with a NaN, with +infinity, or with nothing
/// but -infinity gives a loss and a gradient of NaN.
///
/// ```swift
/// let loss = CTCLoss(blank: 0, masksImpossible: true)
/// let layout = CTCLayout.timeMajor(frames: 500, lengths: [500, 420], classes: 29)
/// let losses = try loss.evaluate(
///     logits: logits, gradient: gradient, layout: layout, targets: [[8, 5, 12, 12, 15], [3, 20, 3]],
///     reduction: .mean, threads: 2)
/// ```
///
/// One object may serve several threads. It keeps its working memory, about 24 bytes for each frame and target of the
/// longest utterance and thread, so that no call allocates in its loops.
public final class CTCLoss: BatchedLoss, @unchecked Sendable {  // the workspaces are behind `lock`
    /// The class that spells nothing.
    public let blank: Int
    /// Whether an utterance without a path has the loss 0 instead of infinity (PyTorch's `zero_infinity`).
    public let masksImpossible: Bool
    private let kernels: VectorKernels
    private let lock = NSLock()
    private var idle: [CTCWorkspace] = []

    /// Says which class is the blank, and what the loss is where no path exists.
    public init(blank: Int = 0, masksImpossible: Bool = false, kernels: VectorKernels = .best) {
        self.blank = blank
        self.masksImpossible = masksImpossible
        self.kernels = kernels
    }

    /// The fewest frames that have a path: one for each label, and one for the blank between two that are equal.
    public static func fewestFrames(for targets: [Int]) -> Int {
        targets.count + zip(targets, targets.dropFirst()).count { $0 == $1 }
    }

    /// The loss of one utterance.
    /// - Parameters:
    ///   - logits: [frames, classes], row-major.
    ///   - targets: its labels, without blanks; may be empty.
    ///   - gradient: [frames, classes], overwritten; it may be the logits' own memory. nil where none is wanted:
    ///     then nothing is done backwards.
    ///   - scale: what the gradient is multiplied by; the loss is not.
    /// - Returns: the loss in nats.
    /// - Throws: ``CTCError`` where a target is no class or the blank.
    public func forwardBackward(
        logits: UnsafePointer<Float>, frames: Int, classes: Int, targets: [Int],
        gradient: UnsafeMutablePointer<Float>?, scale: Float = 1
    ) throws(CTCError) -> Double {
        precondition(frames >= 0 && classes > 0, "\(frames) frames of \(classes) classes")
        try check(targets, utterance: 0, classes: classes)
        let layout = CTCLayout.consecutive(lengths: [frames], classes: classes)
        let value = evaluate(0, of: layout, logits: logits, gradient: gradient, targets: targets, scale: scale)
        return value == .infinity && masksImpossible ? 0 : value
    }

    /// The losses of a batch.
    /// - Parameters:
    ///   - logits: where `layout` says.
    ///   - gradient: as `logits`, overwritten, with 0 for the padding; it may be the logits' own memory. nil where none
    ///     is wanted.
    ///   - targets: the labels of each utterance, without blanks.
    ///   - reduction: what the total and the gradient are of.
    ///   - weight: what total and gradient are multiplied by, as where a batch is given in parts.
    ///   - threads: at most this many utterances at once.
    /// - Throws: ``CTCError`` where a target is no class or the blank, before anything is computed.
    /// - Precondition: as many targets as utterances, and buffers that hold all rows of the layout.
    public func evaluate(
        logits: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>?, layout: CTCLayout,
        targets: [[Int]], reduction: CTCReduction, weight: Float = 1, threads: Int = 1
    ) throws(CTCError) -> CTCLosses {
        try evaluateBatch(
            logits: logits, gradient: gradient, layout: layout, targets: targets, reduction: reduction, weight: weight,
            threads: threads)
    }

    /// The losses of utterances in arrays of their own, and the gradient of each, [frames, classes].
    ///
    /// For tests and tools; training reads and writes the network's own memory.
    /// - Throws: ``CTCError``, as the other.
    public func evaluate(
        _ logits: [LogProbabilities], targets: [[Int]], reduction: CTCReduction = .sum, threads: Int = 1
    ) throws(CTCError) -> (losses: CTCLosses, gradients: [LogProbabilities]) {
        try evaluateArrays(logits, targets: targets, reduction: reduction, threads: threads)
    }

    func loss(of utterance: CTCWorkspace.Utterance) -> Double {
        let workspace = lock.withLock { idle.popLast() } ?? CTCWorkspace(kernels: kernels)
        defer { lock.withLock { idle.append(workspace) } }
        return workspace.loss(of: utterance, blank: blank)
    }
}
