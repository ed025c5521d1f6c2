import CTC
import TensorFiles

/// The n-gram of labels in a model file: its tensors are `ngram.log_probabilities` [blocks, classes, classes] and
/// `ngram.next_blocks` [blocks, classes], both as `LabelNGram` has them.
public struct NGramDescription: Codable, Sendable, Equatable {
    /// The labels that a probability is of.
    public var order: Int
    /// Contexts before the last label.
    public var blocks: Int

    init(_ ngram: LabelNGram) { (order, blocks) = (ngram.order, ngram.blocks) }
}

extension LabelNGram {
    /// Stands for -infinity in files, whose numbers are finite: e to this power is 0.
    private static let none: Float = -1e4

    package static let namesOfTensors = (probabilities: "ngram.log_probabilities", blocks: "ngram.next_blocks")

    /// As a file holds it.
    package var tensors: [String: Tensor] {
        get throws {
            let names = Self.namesOfTensors
            return [
                names.probabilities: try Tensor(
                    shape: [blocks, classes, classes], values: logProbabilities.map { max($0, Self.none) }),
                names.blocks: try Tensor(shape: [blocks, classes], values: nextBlocks.map(Float.init)),
            ]
        }
    }

    /// From a file's numbers.
    /// - Throws: ``LabelNGramError`` where they are no n-gram.
    package init(
        order: Int, classes: Int, blank: Int, probabilities: [Float], blocks: [Float]
    ) throws(LabelNGramError) {
        // What is no whole number is no block.
        try self.init(
            order: order, classes: classes, blank: blank,
            logProbabilities: probabilities.map { $0 <= Self.none ? -.infinity : $0 },
            nextBlocks: blocks.map { Int(exactly: $0) ?? -1 })
    }
}

extension ModelReader {
    /// The n-gram that the description names.
    func ngram(_ head: HeadDescription) throws -> LabelNGram? {
        guard let described = head.ngram else { return nil }
        let kind = HeadKind(rawValue: head.kind) ?? .characters
        guard !kind.labelsRecordings else { throw error("has an n-gram of labels for its \(head.kind) head") }
        let (classes, names) = (head.vocabulary.count, LabelNGram.namesOfTensors)
        guard described.blocks > 0 else { throw error("has an n-gram of labels with \(described.blocks) blocks") }
        let probabilities = try tensor(names.probabilities, shape: [described.blocks, classes, classes]).values
        let blocks = try tensor(names.blocks, shape: [described.blocks, classes]).values
        do {
            return try LabelNGram(
                order: described.order, classes: classes, blank: head.blank, probabilities: probabilities,
                blocks: blocks)
        } catch { throw self.error("has an n-gram of labels that cannot be used: \(error)") }
    }
}
