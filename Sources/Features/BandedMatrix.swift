import VectorKernels

/// A row of a matrix: zero but for values from a column on.
struct SparseRow: Sendable {
    let first: Int
    let values: [Float]

    var end: Int { first + values.count }
    subscript(column: Int) -> Float { (first..<end).contains(column) ? values[column - first] : 0 }
}

/// A matrix whose rows are zero outside a range of columns, cut into groups of as many rows as a vector has lanes, so
/// that one multiply-add serves a whole group and skips what is zero. A full matrix is the case of full ranges.
struct BandedMatrix: Sendable {
    /// Values of a product: the rows, rounded up to whole groups.
    let paddedRows: Int
    private let kernels: VectorKernels
    private let weights: [Float]
    private let ranges: [Int32]

    init(rows: [SparseRow], kernels: VectorKernels) {
        let lanes = kernels.lanes
        var weights: [Float] = []
        var ranges: [Int32] = []
        for start in stride(from: 0, to: rows.count, by: lanes) {
            let group = rows[start..<min(start + lanes, rows.count)]
            let from = group.map(\.first).min() ?? 0
            let to = group.map(\.end).max() ?? 0
            ranges += [Int32(from), Int32(to)]
            for column in from..<to {
                weights += (start..<start + lanes).map { $0 < rows.count ? rows[$0][column] : 0 }
            }
        }
        self.kernels = kernels
        self.weights = weights
        self.ranges = ranges
        paddedRows = ranges.count / 2 * lanes
    }

    /// out = x times the transpose: `x` is [count, stride], `out` is [count, paddedRows].
    func multiply(_ x: UnsafePointer<Float>, stride: Int, count: Int, into out: UnsafeMutablePointer<Float>) {
        kernels.table.pointee.banded_product(
            x, stride, Int32(count), weights, ranges, Int32(ranges.count / 2), out, paddedRows)
    }
}
