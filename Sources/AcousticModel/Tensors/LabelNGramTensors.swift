import CTC

/// The n-gram of labels as files hold it, in the numbers of `LabelNGram`.
extension LabelNGram: TensorPart {
    /// Stands for -infinity in files, whose numbers are finite: e to this power is 0.
    private static let none: Float = -1e4

    package static var isExact: Bool { true }
    package var size: (blocks: Int, classes: Int) { (blocks, classes) }

    package static func rows(_ size: (blocks: Int, classes: Int)) -> [TensorRow<LabelNGram>] {
        [
            TensorRow("log_probabilities", [size.blocks, size.classes, size.classes], isWeight: false) {
                $0.logProbabilities.map { max($0, none) }
            },
            TensorRow("next_blocks", [size.blocks, size.classes], isWeight: false) { $0.nextBlocks.map(Float.init) },
        ]
    }

    /// From a file's numbers.
    /// - Parameter tensors: as ``rows(_:)`` lists them.
    /// - Throws: ``LabelNGramError`` where they are no n-gram.
    package init(order: Int, classes: Int, blank: Int, tensors: [[Float]]) throws(LabelNGramError) {
        // What is no whole number is no block.
        try self.init(
            order: order, classes: classes, blank: blank,
            logProbabilities: tensors[0].map { $0 <= Self.none ? -.infinity : $0 },
            nextBlocks: tensors[1].map { Int(exactly: $0) ?? -1 })
    }
}

extension ModelReader {
    /// The n-gram that the description names.
    func ngram(_ head: HeadDescription) throws -> LabelNGram? {
        guard let described = head.ngram else { return nil }
        let kind = HeadKind(rawValue: head.kind) ?? .characters
        guard !kind.labelsRecordings else { throw error("has an n-gram of labels for its \(head.kind) head") }
        let classes = head.vocabulary.count
        guard described.blocks > 0 else { throw error("has an n-gram of labels with \(described.blocks) blocks") }
        let tensors = try tensors(LabelNGram.self, TensorName.ngram, (described.blocks, classes))
        do {
            return try LabelNGram(order: described.order, classes: classes, blank: head.blank, tensors: tensors)
        } catch { throw self.error("has an n-gram of labels that cannot be used: \(error)") }
    }
}
