import VectorKernels

/// The matrix products over all rows that follow the steps of a backward pass: d W_ih, d^T x and d^T h.
struct RecurrentGradientProducts {
    let layer: RecurrentLayer
    let layout: BatchLayout
    let precision: ProductPrecision

    /// Rows that are multiplied at once where their factor is gathered or the result is to stay in the cache.
    private static let rowsPerChunk = 1024

    /// Rows of dx that a thread takes at once: few enough that all threads have some even of a short batch, and none
    /// waits long for the last. It must not depend on their number.
    private var rowsOfInputs: Int { min(Self.rowsPerChunk, max(128, (layout.rows + 3) / 4)) }

    /// A product that a thread takes.
    private enum Product {
        case inputWeights(direction: Int)
        case recurrentWeights(direction: Int)
        case inputs(Range<Int>)
    }

    /// - Parameters:
    ///   - directions: with the gradients of the gates.
    ///   - x: the layer's input.
    ///   - output: the layer's output.
    ///   - gradient: to which those of the weights are added.
    ///   - dx: where the gradient of the input goes, if it is wanted.
    func execute(
        _ directions: [RecurrentSaved.Direction], _ x: UnsafePointer<Float>, output: UnsafePointer<Float>,
        adding gradient: UnsafeMutableBufferPointer<RecurrentWeights>, into dx: UnsafeMutablePointer<Float>?,
        threads: Int
    ) {
        // The largest first, so that no thread begins one when the others have ended.
        var products = directions.indices.map { Product.inputWeights(direction: $0) }
        products += directions.indices.map { Product.recurrentWeights(direction: $0) }
        if dx != nil {
            products += stride(from: 0, to: layout.rows, by: rowsOfInputs).map {
                .inputs($0..<min($0 + rowsOfInputs, layout.rows))
            }
        }
        // Every product writes a tensor, or rows, of its own.
        nonisolated(unsafe) let (x, output, gradient, dx) = (x, output, gradient, dx)
        Parallel.forEach(products.count, threads: threads) { [products] index in
            switch products[index] {
            case .inputWeights(let direction):
                directions[direction].gates.withUnsafeBufferPointer { gates in
                    gradient[direction].input.withUnsafeMutableBufferPointer { sum in
                        guard let gates = gates.baseAddress, let sum = sum.baseAddress else { return }
                        addInputWeights(gates, x, to: sum)
                    }
                }
            case .recurrentWeights(let direction):
                gradient[direction].recurrent.withUnsafeMutableBufferPointer { sum in
                    guard let sum = sum.baseAddress else { return }
                    addRecurrentWeights(directions[direction], direction, output, to: sum)
                }
            case .inputs(let rows):
                guard let dx else { return }
                multiplyInputs(directions, rows, into: dx + rows.lowerBound * layer.inputs)
            }
        }
    }

    private var hidden: Int { layer.hidden }
    /// Gradients in a row.
    private var width: Int { layer.cell.slots * hidden }
    /// Those that belong to one matrix.
    private var depth: Int { layer.cell.gates * hidden }
    private var firstInputColumn: Int { layer.cell.firstInputSlot * hidden }

    private func addInputWeights(
        _ gates: UnsafePointer<Float>, _ x: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>
    ) {
        BLAS.multiply(
            m: depth, n: layer.inputs, k: layout.rows, .transposed(gates + firstInputColumn, stride: width),
            .plain(x, stride: layer.inputs), beta: 1, into: sum, strideC: layer.inputs, precision: precision)
    }

    /// The rows h of the step before are gathered: at the ends of sequences they are not next to each other.
    private func addRecurrentWeights(
        _ saved: RecurrentSaved.Direction, _ direction: Int, _ output: UnsafePointer<Float>,
        to sum: UnsafeMutablePointer<Float>
    ) {
        let run = GatheredStates(
            layout: layout, isBackward: direction == 1, output: output + direction * hidden,
            stride: layer.outputs, hidden: hidden)
        saved.gates.withUnsafeBufferPointer { gates in
            saved.initial.h.withUnsafeBufferPointer { initial in
                guard let gates = gates.baseAddress, let initial = initial.baseAddress else { return }
                withPointer(saved.mask) { mask in
                    run.forEachChunk(of: Self.rowsPerChunk, initial: initial, mask: mask) { rows, previous in
                        for part in recurrentParts {
                            BLAS.multiply(
                                m: part.count, n: hidden, k: rows.count,
                                .transposed(gates + rows.lowerBound * width + part.column, stride: width),
                                .plain(previous, stride: hidden), beta: 1, into: sum + part.row * hidden,
                                strideC: hidden, precision: precision)
                        }
                    }
                }
            }
        }
    }

    /// Which columns of the gates' gradients belong to which rows of `weight_hh`: a GRU has gate n first.
    private var recurrentParts: [(column: Int, row: Int, count: Int)] {
        layer.cell == .gru ? [(0, 2 * hidden, hidden), (hidden, 0, 2 * hidden)] : [(0, 0, depth)]
    }

    private func multiplyInputs(
        _ directions: [RecurrentSaved.Direction], _ rows: Range<Int>, into dx: UnsafeMutablePointer<Float>
    ) {
        for (index, direction) in directions.enumerated() {
            direction.gates.withUnsafeBufferPointer { gates in
                layer.directions[index].input.withUnsafeBufferPointer { weights in
                    guard let gates = gates.baseAddress, let weights = weights.baseAddress else { return }
                    BLAS.multiply(
                        m: rows.count, n: layer.inputs, k: depth,
                        .plain(gates + rows.lowerBound * width + firstInputColumn, stride: width),
                        .plain(weights, stride: layer.inputs), beta: index == 0 ? 0 : 1, into: dx,
                        strideC: layer.inputs, precision: precision)
                }
            }
        }
    }

    /// - Parameter sums: of the rows of gates.
    func addBiases(_ sums: [Double], to gradient: inout RecurrentWeights) {
        for index in 0..<depth { gradient.inputBias[index] += Float(sums[firstInputColumn + index]) }
        for part in recurrentParts {
            for index in 0..<part.count { gradient.recurrentBias[part.row + index] += Float(sums[part.column + index]) }
        }
    }
}

/// The state h before each step of a direction, row by row.
private struct GatheredStates {
    let layout: BatchLayout
    let isBackward: Bool
    let output: UnsafePointer<Float>
    let stride: Int
    let hidden: Int

    /// Calls `body` with ranges of rows and the states before them, [rows, hidden], times the mask if there is one.
    func forEachChunk(
        of size: Int, initial: UnsafePointer<Float>, mask: UnsafePointer<Float>?,
        _ body: (Range<Int>, UnsafePointer<Float>) -> Void
    ) {
        let capacity = min(layout.rows, max(size, layout.rowsAtStep.first ?? 0))
        withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity * hidden) { gathered in
            guard let to = gathered.baseAddress else { return }
            var start = 0
            for time in 0..<layout.steps {
                if layout.firstRow[time + 1] - start > capacity {
                    body(start..<layout.firstRow[time], to)
                    start = layout.firstRow[time]
                }
                let inside = layout.rowsWithPrevious(at: time, isBackward: isBackward)
                for rank in 0..<layout.rowsAtStep[time] {
                    let row = layout.firstRow[time] + rank
                    let from =
                        rank < inside
                        ? output + layout.row(step: isBackward ? time + 1 : time - 1, rank: rank) * stride
                        : initial + rank * hidden
                    let copy = to + (row - start) * hidden
                    if let factors = mask.map({ $0 + rank * hidden }) {
                        for unit in 0..<hidden { copy[unit] = factors[unit] * from[unit] }
                    } else {
                        copy.update(from: from, count: hidden)
                    }
                }
            }
            if start < layout.rows { body(start..<layout.rows, to) }
        }
    }
}
