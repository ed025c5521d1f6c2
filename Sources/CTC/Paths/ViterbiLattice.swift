/// The lattice of an alignment: at each step, for each position j, the best path that ends in the blank before label j
/// and the best that ends in label j. The blank after the last label is the blank of position L.
///
///     blank'(j) = y(blank) + max(blank(j), label(j - 1))
///     label'(j) = y(l_j) + max(label(j), blank(j), label(j - 1) where l_j ≠ l_(j - 1))
///
/// Only positions from which the end can still be reached, which can already be reached, and which lie in the band are
/// looked at.
final class ViterbiLattice {
    private let labels: [Int32]
    private let posteriors: LogProbabilities
    private let blank: Int
    private let band: Int
    private let steps: Int
    /// Steps that the labels after each need at least.
    private let needed: [Int]

    /// The row of the last step, and room for the next; entry j + 1 is position j.
    private var current: Row
    private var next: Row
    /// The log-probability of label j at a step.
    private let emitted: UnsafeMutableBufferPointer<Float>
    /// 0 where label j may follow label j - 1 at once, else -infinity.
    private let skip: UnsafeMutableBufferPointer<Float>
    /// Scores are kept small, so that they stay exact however long the recording: every so many steps the best is
    /// subtracted.
    private static let stepsBetweenScalings = 16

    private struct Row {
        var positions: Range<Int>
        let blanks: UnsafeMutableBufferPointer<Float>
        let labels: UnsafeMutableBufferPointer<Float>

        init(capacity: Int) {
            positions = 0..<0
            blanks = .allocate(capacity: capacity)
            labels = .allocate(capacity: capacity)
            blanks.initialize(repeating: -.infinity)
            labels.initialize(repeating: -.infinity)
        }

        func deallocate() {
            blanks.deallocate()
            labels.deallocate()
        }
    }

    /// A row as it is kept.
    private struct Checkpoint {
        let step: Int
        let positions: Range<Int>
        let blanks: [Float]
        let labels: [Float]
    }

    /// Where the best path into each place of a step came from: bit 0 for a blank (1: from the label before), bits 1 and
    /// 2 for a label (0: from itself, 1: from the blank before it, 2: from the label before).
    private struct BackPointers {
        var positions: [Range<Int>] = []
        var starts: [Int] = []
        var moves: [UInt8] = []
    }

    init(labels: [Int], posteriors: LogProbabilities, blank: Int, band: Int) {
        let count = labels.count
        var needed = [Int](repeating: 0, count: count + 1)
        for position in stride(from: count - 2, through: 0, by: -1) {
            needed[position] = needed[position + 1] + (labels[position] == labels[position + 1] ? 2 : 1)
        }
        self.labels = labels.map(Int32.init)
        self.posteriors = posteriors
        self.blank = blank
        self.band = band
        self.needed = needed
        steps = posteriors.steps
        current = Row(capacity: count + 2)
        next = Row(capacity: count + 2)
        emitted = .allocate(capacity: count + 1)
        skip = .allocate(capacity: count + 1)
        emitted.initialize(repeating: -.infinity)
        for position in 0...count {
            let isFree = position > 0 && position < count && labels[position] != labels[position - 1]
            skip.initializeElement(at: position, to: isFree ? 0 : -.infinity)
        }
    }

    deinit {
        current.deallocate()
        next.deallocate()
        emitted.deallocate()
        skip.deallocate()
    }

    /// The steps of each label on the best path; nil where none has a probability above 0.
    /// - Parameter backPointers: above so many bytes of them, checkpoints are used.
    func bestPath(backPointers limit: Int) -> [Range<Int>]? {
        let width = min(labels.count + 1, band)
        let isWhole = width.multipliedReportingOverflow(by: steps).partialValue <= limit
        let interval = isWhole ? steps : max(2, Int((8 * Double(steps)).squareRoot()))

        // Forwards, with back pointers of the last interval alone.
        var checkpoints: [Checkpoint] = []
        let lastStart = (steps - 1) / interval * interval
        for step in 0..<lastStart {
            if step % interval == 0 { checkpoints.append(checkpoint(before: step)) }
            advance(to: step, recording: nil)
        }
        var pointers = run(lastStart..<steps)

        // Backwards, one interval after the other.
        let end = labels.count
        let (blankScore, labelScore) = (current.blanks[end + 1], end > 0 ? current.labels[end] : -.infinity)
        guard max(blankScore, labelScore) > -.infinity, !blankScore.isNaN, !labelScore.isNaN else { return nil }
        var trace = Trace(labels: end, startsInBlank: blankScore >= labelScore, steps: steps)
        var start = lastStart
        while true {
            guard trace.follow(pointers.positions, pointers.starts, pointers.moves, from: start) else { return nil }
            guard let checkpoint = checkpoints.popLast() else { break }
            restore(checkpoint)
            pointers = run(checkpoint.step..<start)
            start = checkpoint.step
        }
        return trace.ranges
    }

    private func run(_ range: Range<Int>) -> BackPointers {
        var pointers = BackPointers()
        for step in range { advance(to: step, recording: &pointers) }
        return pointers
    }

    /// Computes the row of a step from that before it.
    private func advance(to step: Int, recording pointers: UnsafeMutablePointer<BackPointers>?) {
        let count = labels.count
        // A label from which the end cannot be reached is left behind, a blank before a label needs one step more.
        let left = steps - 1 - step
        var low = current.positions.lowerBound
        while low < count, needed[low] > left { low += 1 }
        let high = min(count + 1, low + band, step + 2)
        let positions = low..<max(low, high)
        // What lies below the row before is long past; above it nothing was ever written.
        for position in low..<max(low, min(current.positions.lowerBound + 1, high)) {
            current.labels[position] = -.infinity
        }
        posteriors.values.withUnsafeBufferPointer { values in
            let row = UnsafeBufferPointer(rebasing: values[step * posteriors.classes..<(step + 1) * posteriors.classes])
            labels.withUnsafeBufferPointer { labels in
                for position in low..<max(low, min(high, count)) { emitted[position] = row[Int(labels[position])] }
            }
            if step == 0 {
                begin(positions, blankEmitted: row[blank])
            } else if let pointers {
                pointers.pointee.positions.append(positions)
                pointers.pointee.starts.append(pointers.pointee.moves.count)
                let start = pointers.pointee.moves.count
                pointers.pointee.moves.append(contentsOf: repeatElement(0, count: positions.count))
                pointers.pointee.moves.withUnsafeMutableBufferPointer {
                    fill(positions, blankEmitted: row[blank], moves: $0.baseAddress.map { $0 + start })
                }
            } else {
                fill(positions, blankEmitted: row[blank], moves: nil)
            }
        }
        if low < count, needed[low] + 1 > left { next.blanks[low + 1] = -.infinity }
        next.positions = positions
        swap(&current, &next)
        if step % Self.stepsBetweenScalings == 0 { scale() }
    }

    /// The first step: a path begins in the first blank or the first label.
    private func begin(_ positions: Range<Int>, blankEmitted: Float) {
        for position in positions {
            next.blanks[position + 1] = position == 0 ? blankEmitted : -.infinity
            next.labels[position + 1] = position == 0 && !labels.isEmpty ? emitted[0] : -.infinity
        }
    }

    private func fill(_ positions: Range<Int>, blankEmitted: Float, moves: UnsafeMutablePointer<UInt8>?) {
        guard let blanks = current.blanks.baseAddress, let labels = current.labels.baseAddress,
            let nextBlanks = next.blanks.baseAddress, let nextLabels = next.labels.baseAddress,
            let emitted = emitted.baseAddress, let skip = skip.baseAddress
        else { return }
        for position in positions {
            let (blank, label, before) = (blanks[position + 1], labels[position + 1], labels[position])
            let over = before + skip[position]
            nextBlanks[position + 1] = (before > blank ? before : blank) + blankEmitted
            let onOrStay = blank > label ? blank : label
            nextLabels[position + 1] = (over > onOrStay ? over : onOrStay) + emitted[position]
            if let moves {
                let labelMove: UInt8 = over > onOrStay ? 4 : blank > label ? 2 : 0
                moves[position - positions.lowerBound] = (before > blank ? 1 : 0) | labelMove
            }
        }
    }

    /// Subtracts the best score of the row, and moves the band on to it.
    private func scale() {
        let positions = current.positions
        var (best, bestPosition) = (-Float.infinity, positions.lowerBound)
        for position in positions {
            let score = max(current.blanks[position + 1], current.labels[position + 1])
            if score > best { (best, bestPosition) = (score, position) }
        }
        guard best > -.infinity, best < .infinity else { return }
        for position in positions {
            current.blanks[position + 1] -= best
            current.labels[position + 1] -= best
        }
        guard labels.count + 1 > band else { return }
        let low = max(positions.lowerBound, bestPosition - band / 2)
        current.positions = low..<positions.upperBound
    }

    private func checkpoint(before step: Int) -> Checkpoint {
        let places = current.positions.lowerBound + 1..<current.positions.upperBound + 1
        return Checkpoint(
            step: step, positions: current.positions, blanks: Array(current.blanks[places]),
            labels: Array(current.labels[places]))
    }

    private func restore(_ checkpoint: Checkpoint) {
        // Nothing of a later row may be left above this one.
        for row in [current, next] {
            row.blanks.update(repeating: -.infinity)
            row.labels.update(repeating: -.infinity)
        }
        for (index, position) in checkpoint.positions.enumerated() {
            current.blanks[position + 1] = checkpoint.blanks[index]
            current.labels[position + 1] = checkpoint.labels[index]
        }
        current.positions = checkpoint.positions
        next.positions = checkpoint.positions
    }
}

/// A path, followed from its end to its start.
private struct Trace {
    /// The steps of each label.
    private(set) var ranges: [Range<Int>]
    private var position: Int
    private var isBlank: Bool
    /// One more than the last step of the label that is being followed.
    private var end: Int
    private var step: Int

    init(labels: Int, startsInBlank: Bool, steps: Int) {
        ranges = [Range<Int>](repeating: 0..<0, count: labels)
        isBlank = startsInBlank
        position = startsInBlank ? labels : labels - 1
        end = steps
        step = steps - 1
    }

    /// Goes back to `start`, through the rows of back pointers from there on (from 1 on, where `start` is 0).
    /// - Returns: false where the path leaves the rows.
    mutating func follow(_ rows: [Range<Int>], _ starts: [Int], _ moves: [UInt8], from start: Int) -> Bool {
        let first = max(start, 1)
        while step >= first {
            let row = rows[step - first]
            guard row.contains(position) else { return false }
            let move = moves[starts[step - first] + position - row.lowerBound]
            if isBlank {
                if move & 1 == 1 { enter(position - 1) }
            } else if move >> 1 != 0 {
                ranges[position] = step..<end
                if move >> 1 == 1 { isBlank = true } else { enter(position - 1) }
            }
            step -= 1
        }
        if start == 0, !isBlank { ranges[position] = 0..<end }
        return true
    }

    /// Comes upon a label, one step back.
    private mutating func enter(_ label: Int) {
        position = label
        isBlank = false
        end = step
    }
}
