import Foundation
import Messages

/// An n-gram of labels, in the dense form that a sum over all label sequences needs.
///
/// What comes next depends on the last label c and on the *block*, which stands for the labels before c: a context of up
/// to order - 2 labels. Each block has a row of natural logarithms for each c, with a column for each next label; the
/// blank's column is the end of the text. Behind the next label d lies the block `nextBlock[block, c]`, the longest
/// context kept that ends in c. A text begins in block 0 behind the blank, so the row (0, blank) is that of the first label.
///
/// Order 2 has one block. Order 3 has one for each label. Order 4 has these and some for pairs of labels.
public struct LabelNGram: Sendable, Equatable {
    /// The labels that a probability is of, those before it among them, at most.
    public let order: Int
    /// The number of classes of the head, the blank among them.
    public let classes: Int
    /// The class of the blank.
    public let blank: Int
    /// [blocks, classes, classes], natural logarithms, -infinity among them.
    public let logProbabilities: [Float]
    /// [blocks, classes].
    public let nextBlocks: [Int]

    /// The number of contexts before the last label.
    public var blocks: Int { nextBlocks.count / max(1, classes) }

    /// Takes the rows of all blocks.
    /// - Throws: ``LabelNGramError`` where sizes do not fit, a number is no log-probability, or a block does not exist.
    public init(
        order: Int, classes: Int, blank: Int, logProbabilities: [Float], nextBlocks: [Int]
    ) throws(LabelNGramError) {
        guard Self.orders.contains(order) else { throw .order(order) }
        guard classes > 1, (0..<classes).contains(blank), !nextBlocks.isEmpty,
            nextBlocks.count.isMultiple(of: classes),
            nextBlocks.count.multipliedReportingOverflow(by: classes) == (logProbabilities.count, false)
        else {
            throw .sizes(classes: classes, probabilities: logProbabilities.count, blocks: nextBlocks.count)
        }
        let blocks = nextBlocks.count / classes
        // The sum over a row may be a little above 1, as the numbers are rounded.
        if let bad = logProbabilities.firstIndex(where: { !($0 <= 1e-3) }) {
            throw .probability(logProbabilities[bad], block: bad / classes / classes)
        }
        if let bad = nextBlocks.first(where: { !(0..<blocks).contains($0) }) { throw .block(bad, of: blocks) }
        (self.order, self.classes, self.blank) = (order, classes, blank)
        (self.logProbabilities, self.nextBlocks) = (logProbabilities, nextBlocks)
    }

    /// A bigram.
    /// - Parameter bigram: [classes, classes], natural logarithms: row `blank` is from the start, column `blank` to the end.
    /// - Throws: ``LabelNGramError`` where a number is no log-probability.
    public init(bigram: [Float], classes: Int, blank: Int = 0) throws(LabelNGramError) {
        try self.init(
            order: 2, classes: classes, blank: blank, logProbabilities: bigram,
            nextBlocks: [Int](repeating: 0, count: max(0, classes)))
    }

    /// The orders that there are.
    public static let orders = 2...4

    /// ln P(labels, end); -infinity where the n-gram rules them out.
    public func logProbability(of labels: some Sequence<Int>) -> Double {
        var (block, last, sum) = (0, blank, 0.0)
        for label in labels {
            sum += Double(logProbability(of: label, after: last, in: block))
            (block, last) = (nextBlocks[block * classes + last], label)
        }
        return sum + Double(logProbability(of: blank, after: last, in: block))
    }

    /// ln P(label) where `last` came last and `block` stands for what was before; the blank is the end.
    public func logProbability(of label: Int, after last: Int, in block: Int) -> Float {
        logProbabilities[(block * classes + last) * classes + label]
    }
}

/// Why numbers are no n-gram of labels.
public enum LabelNGramError: UtterError, Equatable {
    /// An order that there is not.
    case order(Int)
    /// Numbers that make no whole blocks.
    case sizes(classes: Int, probabilities: Int, blocks: Int)
    /// A number that is no log-probability.
    case probability(Float, block: Int)
    /// A block that does not exist.
    case block(Int, of: Int)
    /// More classes than an n-gram of this order can be counted for.
    case tooManyClasses(Int, order: Int)
    /// No text.
    case noText

    /// What is wrong and what to do.
    public var fault: Fault { Fault(.malformed, sentence: sentence) }

    private var sentence: String {
        switch self {
        case .order(let order):
            "an n-gram of labels has order 2, 3 or 4, not \(order)"
        case .sizes(let classes, let probabilities, let blocks):
            "an n-gram of labels over \(classes) classes cannot have \(probabilities) probabilities and \(blocks) "
                + "successors: each block has \(classes) rows of \(classes)"
        case .probability(let value, let block):
            "block \(block) of the n-gram of labels has the log-probability \(value); one is 0 or less"
        case .block(let block, let count):
            "the n-gram of labels leads to block \(block), but its blocks are 0 to \(count - 1)"
        case .tooManyClasses(let classes, let order):
            "an n-gram of order \(order) over \(classes) classes is too large; choose a lower order"
        case .noText:
            "there is no text to estimate an n-gram of labels from"
        }
    }
}
