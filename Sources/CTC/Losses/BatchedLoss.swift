import VectorKernels

/// What ``CTCLoss`` and ``CTCCRFLoss`` share: a loss of each utterance of a batch by itself.
protocol BatchedLoss: AnyObject, Sendable {
    var blank: Int { get }
    var masksImpossible: Bool { get }

    /// The loss of one utterance, infinite where it has no path; the gradient is written where one is wanted.
    func loss(of utterance: CTCWorkspace.Utterance) -> Double
}

extension BatchedLoss {
    func evaluateBatch(
        logits: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>?, layout: CTCLayout,
        targets: [[Int]], reduction: CTCReduction, weight: Float, threads: Int
    ) throws(CTCError) -> CTCLosses {
        let count = layout.lengths.count
        let size = layout.rows * layout.classes
        precondition(targets.count == count, "\(targets.count) targets for \(count) utterances")
        precondition(logits.count >= size, "\(logits.count) logits where the layout has \(size)")
        if let gradient { precondition(gradient.count >= size, "a gradient of \(gradient.count), not \(size)") }
        for (index, labels) in targets.enumerated() { try check(labels, utterance: index, classes: layout.classes) }

        let factors = targets.map { labels in
            switch reduction {
            case .sum: Double(weight)
            case .mean: Double(weight) / Double(max(labels.count, 1) * count)
            }
        }
        var losses = [Double](repeating: 0, count: count)
        losses.withUnsafeMutableBufferPointer { losses in
            // Each utterance has rows and a loss of its own.
            nonisolated(unsafe) let (losses, logits, gradient) = (losses, logits.baseAddress, gradient?.baseAddress)
            Parallel.forEach(count, threads: threads) { index in
                losses[index] = evaluate(
                    index, of: layout, logits: logits, gradient: gradient, targets: targets[index],
                    scale: Float(factors[index]))
            }
        }
        let impossible = losses.indices.filter { losses[$0] == .infinity }
        if masksImpossible { for index in impossible { losses[index] = 0 } }
        return CTCLosses(
            utterances: losses, impossible: impossible, total: zip(losses, factors).reduce(0) { $0 + $1.0 * $1.1 })
    }

    func evaluateArrays(
        _ logits: [LogProbabilities], targets: [[Int]], reduction: CTCReduction, threads: Int
    ) throws(CTCError) -> (losses: CTCLosses, gradients: [LogProbabilities]) {
        let classes = logits.first?.classes ?? 1
        precondition(logits.allSatisfy { $0.classes == classes }, "utterances with different numbers of classes")
        let layout = CTCLayout.consecutive(lengths: logits.map(\.steps), classes: classes)
        var values = logits.flatMap(\.values)
        let losses = try values.withUnsafeMutableBufferPointer { values throws(CTCError) in
            try evaluateBatch(
                logits: UnsafeBufferPointer(values), gradient: values, layout: layout, targets: targets,
                reduction: reduction, weight: 1, threads: threads)
        }
        let gradients = zip(layout.firstRow, layout.lengths).map { row, length in
            LogProbabilities(classes: classes, values: Array(values[row * classes..<(row + length) * classes]))
        }
        return (losses, gradients)
    }

    func evaluate(
        _ index: Int, of layout: CTCLayout, logits: UnsafePointer<Float>?, gradient: UnsafeMutablePointer<Float>?,
        targets: [Int], scale: Float
    ) -> Double {
        layout.rowOfFrame.withUnsafeBufferPointer { rowOfFrame in
            loss(
                of: .init(
                    logits: logits, gradient: gradient, classes: layout.classes, frames: layout.lengths[index],
                    firstRow: layout.firstRow[index], rowOfFrame: rowOfFrame, isPadded: layout.isPadded,
                    targets: targets, scale: scale))
        }
    }

    func check(_ targets: [Int], utterance: Int, classes: Int) throws(CTCError) {
        guard (0..<classes).contains(blank) else { throw .blankOutOfRange(blank: blank, classes: classes) }
        for (position, label) in targets.enumerated() {
            guard (0..<classes).contains(label) else {
                throw .targetOutOfRange(utterance: utterance, position: position, label: label, classes: classes)
            }
            guard label != blank else {
                throw .targetIsBlank(utterance: utterance, position: position, blank: blank)
            }
        }
    }
}

extension UnsafeMutableBufferPointer {
    /// Makes room for so many elements; what was there is lost.
    mutating func grow(to count: Int) {
        guard self.count < count else { return }
        deallocate()
        self = .allocate(capacity: count)
    }
}
