import CTC

/// The loss by which a head learns labels in order.
package struct TrainingLoss: Sendable {
    /// Plain CTC.
    package let ctc: CTCLoss
    /// CTC-CRF, which then stands in its place; nil: CTC alone.
    package let discriminative: CTCCRFLoss?

    /// - Parameters:
    ///   - ngram: of the labels; nil for plain CTC.
    ///   - ctcWeight: the share of plain CTC that is added to CTC-CRF.
    package init(blank: Int, ngram: LabelNGram? = nil, ctcWeight: Double = 0) {
        ctc = CTCLoss(blank: blank, masksImpossible: true)
        discriminative = ngram.map { CTCCRFLoss($0, ctcWeight: ctcWeight, masksImpossible: true) }
    }

    /// The losses of a batch, its gradient written; see ``CTCLoss/evaluate(logits:gradient:layout:targets:reduction:weight:threads:)``.
    func evaluate(
        logits: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>?, layout: CTCLayout,
        targets: [[Int]], weight: Float, threads: Int
    ) throws(CTCError) -> CTCLosses {
        if let discriminative {
            return try discriminative.evaluate(
                logits: logits, gradient: gradient, layout: layout, targets: targets, reduction: .sum, weight: weight,
                threads: threads)
        }
        return try ctc.evaluate(
            logits: logits, gradient: gradient, layout: layout, targets: targets, reduction: .sum, weight: weight,
            threads: threads)
    }

    /// The losses of recordings in arrays of their own.
    func losses(of posteriors: [LogProbabilities], targets: [[Int]], threads: Int) throws(CTCError) -> CTCLosses {
        if let discriminative {
            return try discriminative.evaluate(posteriors, targets: targets, threads: threads).losses
        }
        return try ctc.evaluate(posteriors, targets: targets, threads: threads).losses
    }
}
