import Foundation
import VectorKernels

/// An n-gram of labels as the kernels read it: probabilities instead of logarithms, rows grouped by the block that follows,
/// padded to whole vectors, also transposed. See `crf_kernels.h` for the arrays.
final class DenominatorGraph: @unchecked Sendable {  // nothing changes after init
    let classes: Int
    let blank: Int
    /// Classes, padded to whole vectors.
    let width: Int
    let blocks: Int
    /// Rows with their padding.
    let rows: Int
    private let floats: UnsafeMutablePointer<Float>
    private let integers: UnsafeMutablePointer<Int32>

    /// Places in `floats` and `integers`.
    private let arcs, transposed, repeats, ends: UnsafeMutablePointer<Float>
    private let firstRow, rowCount, source, identity, repeatTo: UnsafeMutablePointer<Int32>

    init(_ ngram: LabelNGram, lanes: Int) {
        func padded(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }
        let (classes, blocks) = (ngram.classes, ngram.blocks)
        let width = padded(classes)
        // The states that a text can be in: behind a label, or at the start.
        var groups = [[Int]](repeating: [], count: blocks)
        for state in 0..<blocks * classes where state % classes != ngram.blank || state == ngram.blank {
            groups[ngram.nextBlocks[state]].append(state)
        }
        let rows = groups.reduce(0) { $0 + padded($1.count) }
        (self.classes, self.blank, self.width, self.blocks, self.rows) = (classes, ngram.blank, width, blocks, rows)

        let floatCount = rows * (width + classes + 1) + blocks * width
        let integerCount = 2 * blocks + 1 + 2 * rows + classes
        floats = .allocate(capacity: floatCount)
        floats.initialize(repeating: 0, count: floatCount)
        integers = .allocate(capacity: integerCount)
        integers.initialize(repeating: 0, count: integerCount)
        (arcs, transposed) = (floats, floats + rows * width)
        (repeats, ends) = (transposed + rows * classes, transposed + rows * (classes + 1))
        (firstRow, rowCount) = (integers, integers + blocks + 1)
        (source, repeatTo) = (rowCount + blocks, rowCount + blocks + rows)
        identity = repeatTo + rows
        for label in 0..<classes { identity[label] = Int32(label) }

        var row = 0
        for (block, states) in groups.enumerated() {
            let height = padded(states.count)
            (firstRow[block], rowCount[block]) = (Int32(row), Int32(states.count))
            for (place, state) in states.enumerated() {
                let last = state % classes
                let index = row + place
                let own = state / classes * width + last
                source[index] = Int32(own)
                repeatTo[index] = Int32(block * width + last)
                for label in 0..<classes {
                    let probability = exp(ngram.logProbabilities[state * classes + label])
                    if label == ngram.blank {
                        ends[own] = probability
                    } else if label == last {
                        repeats[index] = probability
                    } else {
                        arcs[index * width + label] = probability
                        transposed[row * classes + label * height + place] = probability
                    }
                }
            }
            row += height
        }
        firstRow[blocks] = Int32(row)
    }

    deinit {
        floats.deallocate()
        integers.deallocate()
    }

    /// Writes where the arrays are.
    func fill(_ lattice: inout utter_crf) {
        lattice.classes = Int32(classes)
        lattice.blank = Int32(blank)
        lattice.width = Int32(width)
        lattice.blocks = Int32(blocks)
        lattice.first_row = UnsafePointer(firstRow)
        lattice.row_count = UnsafePointer(rowCount)
        lattice.source = UnsafePointer(source)
        lattice.identity = UnsafePointer(identity)
        lattice.arcs = UnsafePointer(arcs)
        lattice.transposed = UnsafePointer(transposed)
        lattice.repeats = UnsafePointer(repeats)
        lattice.repeat_to = UnsafePointer(repeatTo)
        lattice.ends = UnsafePointer(ends)
    }
}
