import CTC
import Foundation

/// What a word competes with in its place: all phones that may be said there, weighed by the n-gram that a model's posteriors leave
/// out (see `CTCCRFLoss`), behind the phones of the words before.
///
///     confidence = (sum over the paths of the word, with or without a boundary at either end, of p(path) P(its labels | before))
///                / (the same sum over all paths)
package struct WordRivals: Sendable {
    private let all: CTCCRFLoss
    private let own: CTCLoss

    /// - Parameter ngram: of the model.
    package init(_ ngram: LabelNGram) {
        // The place ends in the middle of a text: going on costs nothing there.
        var values = ngram.logProbabilities
        for end in stride(from: ngram.blank, to: values.count, by: ngram.classes) { values[end] = 0 }
        let open = try? LabelNGram(
            order: ngram.order, classes: ngram.classes, blank: ngram.blank, logProbabilities: values,
            nextBlocks: ngram.nextBlocks)
        all = CTCCRFLoss(open ?? ngram)
        own = CTCLoss(blank: ngram.blank)
    }

    /// - Parameters:
    ///   - labels: of the word.
    ///   - before: of the words before it; the n-gram looks at the last ones.
    ///   - boundary: the class of the boundary between words.
    ///   - posteriors: [steps, classes] of the recording.
    ///   - steps: the word's place.
    package func share(
        of labels: [Int], after before: [Int], boundary: Int, in posteriors: LogProbabilities, at steps: Range<Int>
    ) -> Double {
        let classes = posteriors.classes
        let context = Array(before.suffix(all.ngram.order - 1))
        // Steps in which nothing but the context is possible come first: a label, and a blank behind it.
        var values: [Float] = []
        for label in context.flatMap({ [$0, all.blank] }) {
            values += (0..<classes).map { $0 == label ? 0 : Self.impossible }
        }
        values += posteriors.values[steps.lowerBound * classes..<steps.upperBound * classes]
        let layout = CTCLayout.consecutive(lengths: [values.count / classes], classes: classes)
        let ways = [labels, [boundary] + labels, labels + [boundary], [boundary] + labels + [boundary]]
        return values.withUnsafeBufferPointer { values in
            var (whole, sum) = (Double?.none, 0.0)
            for way in ways {
                let text = context + way
                guard
                    let ctc = try? own.evaluate(
                        logits: values, gradient: nil, layout: layout, targets: [text], reduction: .sum
                    ).total,
                    ctc.isFinite
                else { continue }
                let nats = all.ngram.logProbability(of: text) - ctc
                if whole == nil {
                    let loss = try? all.evaluate(
                        logits: values, gradient: nil, layout: layout, targets: [text], reduction: .sum
                    ).total
                    whole = loss.flatMap { $0.isFinite ? $0 + nats : nil }
                }
                if let whole { sum += exp(nats - whole) }
            }
            return min(1, max(0, sum))
        }
    }

    /// A logarithm that a sum of probabilities takes no notice of.
    private static let impossible: Float = -60
}
