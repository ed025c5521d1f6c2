/// Where the frames of a batch lie in a matrix [rows, classes]: frame t of utterance u is row
/// `rowOfFrame[t] + firstRow[u]`.
public struct CTCLayout: Sendable, Equatable {
    /// The number of classes, the blank among them.
    public let classes: Int
    /// The number of frames of each utterance.
    public let lengths: [Int]
    let firstRow: [Int]
    let rowOfFrame: [Int]
    /// Whether the rows of frames beyond an utterance's length belong to it, as padding.
    let isPadded: Bool

    private init(classes: Int, lengths: [Int], firstRow: [Int], rowOfFrame: [Int], isPadded: Bool) {
        precondition(classes > 0, "\(classes) classes")
        precondition(
            lengths.allSatisfy { (0...rowOfFrame.count).contains($0) },
            "lengths \(lengths) of a batch with \(rowOfFrame.count) frames")
        self.classes = classes
        self.lengths = lengths
        self.firstRow = firstRow
        self.rowOfFrame = rowOfFrame
        self.isPadded = isPadded
    }

    /// [frames, batch, classes], as PyTorch's CTC loss takes it; `lengths` has an entry for each utterance of the batch.
    public static func timeMajor(frames: Int, lengths: [Int], classes: Int) -> CTCLayout {
        CTCLayout(
            classes: classes, lengths: lengths, firstRow: Array(lengths.indices),
            rowOfFrame: (0..<frames).map { $0 * lengths.count }, isPadded: true)
    }

    /// [batch, frames, classes].
    public static func batchMajor(frames: Int, lengths: [Int], classes: Int) -> CTCLayout {
        CTCLayout(
            classes: classes, lengths: lengths, firstRow: lengths.indices.map { $0 * frames },
            rowOfFrame: Array(0..<frames), isPadded: true)
    }

    /// All frames of the first utterance, then all of the second, and so on, without padding.
    public static func consecutive(lengths: [Int], classes: Int) -> CTCLayout {
        var row = 0
        let firstRow = lengths.map { length in
            defer { row += length }
            return row
        }
        return CTCLayout(
            classes: classes, lengths: lengths, firstRow: firstRow, rowOfFrame: Array(0..<(lengths.max() ?? 0)),
            isPadded: false)
    }

    /// The rows of the first frame, one for each utterance, longest first; then those of the second frame, one for each
    /// that has one, and so on (PyTorch's `PackedSequence`).
    /// - Parameters:
    ///   - order: `order[rank]` is the index in `lengths` of the utterance with that rank.
    ///   - firstRow: `firstRow[t]` is the row of rank 0 at frame t.
    public static func packed(lengths: [Int], order: [Int], firstRow: [Int], classes: Int) -> CTCLayout {
        precondition(
            order.sorted() == Array(lengths.indices), "the order \(order) is none of \(lengths.count) utterances")
        var rank = [Int](repeating: 0, count: lengths.count)
        for (position, index) in order.enumerated() { rank[index] = position }
        return CTCLayout(classes: classes, lengths: lengths, firstRow: rank, rowOfFrame: firstRow, isPadded: false)
    }

    /// One more than the last row that an utterance occupies.
    var rows: Int {
        zip(lengths, firstRow).reduce(0) { most, utterance in
            let frames = isPadded ? rowOfFrame.count : utterance.0
            return frames == 0 ? most : max(most, rowOfFrame[frames - 1] + utterance.1 + 1)
        }
    }
}
