/// How sequences of unequal length lie in one matrix, without padding.
///
/// Sequences are ranked from the longest to the shortest. The rows of step 0 come first, one for each sequence that has
/// a step 0, in rank order; then those of step 1, and so on (the layout of PyTorch's `PackedSequence`). At every step
/// the sequences still running are the first ranks, so that a recurrent step is a product over a contiguous matrix.
public struct BatchLayout: Sendable, Equatable {
    /// The length of each sequence, in steps, in the order in which they were given.
    public let lengths: [Int]
    /// `order[rank]` is the index of the sequence with that rank.
    public let order: [Int]
    /// `rowsAtStep[t]` is the number of sequences longer than t.
    public let rowsAtStep: [Int]
    /// `firstRow[t]` is the row of rank 0 at step t; one more entry than steps, the last is the number of rows.
    public let firstRow: [Int]

    /// Lays out sequences of these lengths (each 0 or more).
    public init(lengths: [Int]) {
        precondition(lengths.allSatisfy { $0 >= 0 })
        self.lengths = lengths
        order = lengths.indices.sorted { (lengths[$0], $1) > (lengths[$1], $0) }
        var rows: [Int] = []
        var active = lengths.count
        for step in 0..<(lengths.max() ?? 0) {
            while active > 0, lengths[order[active - 1]] <= step { active -= 1 }
            rows.append(active)
        }
        rowsAtStep = rows
        firstRow = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    }

    /// The number of sequences.
    public var count: Int { lengths.count }
    /// The length of the longest sequence.
    public var steps: Int { rowsAtStep.count }
    /// The sum of all lengths.
    public var rows: Int { firstRow[steps] }

    /// The row of a step of the sequence with a rank.
    public func row(step: Int, rank: Int) -> Int { firstRow[step] + rank }
}

/// Sequences of unequal length, each step a row of features, in one matrix (see ``BatchLayout``).
public struct SequenceBatch: Sendable, Equatable {
    /// Where each step of each sequence is.
    public let layout: BatchLayout
    /// [sum of lengths, features].
    public var values: Matrix

    /// Values that already have a layout.
    /// - Precondition: as many rows as the layout has.
    public init(layout: BatchLayout, values: Matrix) {
        precondition(values.rows == layout.rows)
        self.layout = layout
        self.values = values
    }

    /// Packs sequences, each [steps, features].
    /// - Precondition: all have as many features.
    public init(_ sequences: [Matrix]) {
        let layout = BatchLayout(lengths: sequences.map(\.rows))
        let features = sequences.first?.columns ?? 0
        precondition(sequences.allSatisfy { $0.columns == features })
        guard sequences.count != 1 else {
            self.init(layout: layout, values: sequences[0])
            return
        }
        self.init(
            layout: layout,
            values: Matrix(rows: layout.rows, columns: features) { all in
                for (rank, index) in layout.order.enumerated() {
                    sequences[index].withUnsafeBufferPointer { sequence in
                        for step in 0..<layout.lengths[index] {
                            let row = layout.row(step: step, rank: rank) * features
                            for column in 0..<features { all[row + column] = sequence[step * features + column] }
                        }
                    }
                }
            })
    }

    /// The sequences, each [steps, features], in the order in which they were given.
    public var sequences: [Matrix] {
        guard layout.count != 1 else { return [values] }
        var result = [Matrix](repeating: Matrix(rows: 0, columns: values.columns), count: layout.count)
        let features = values.columns
        values.withUnsafeBufferPointer { all in
            for (rank, index) in layout.order.enumerated() {
                result[index] = Matrix(rows: layout.lengths[index], columns: features) { sequence in
                    for step in 0..<layout.lengths[index] {
                        let row = layout.row(step: step, rank: rank) * features
                        for column in 0..<features { sequence[step * features + column] = all[row + column] }
                    }
                }
            }
        }
        return result
    }

    /// The same layout with other values, one row for each row.
    public func mapValues(_ transform: (Matrix) -> Matrix) -> SequenceBatch {
        SequenceBatch(layout: layout, values: transform(values))
    }
}
