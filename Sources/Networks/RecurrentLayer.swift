import VectorKernels

/// The state of a recurrent network between two steps, for a batch: PyTorch's h_0, c_0, h_n and c_n.
public struct RecurrentState: Sendable, Equatable {
    /// h, [batch, hidden], for each direction of each layer: layer 0 forward, layer 0 backward, layer 1 forward ...
    public var hidden: [Matrix]
    /// c, likewise; empty unless the cell is an LSTM.
    public var cell: [Matrix]

    /// Takes the states of each direction of each layer.
    public init(hidden: [Matrix], cell: [Matrix] = []) {
        self.hidden = hidden
        self.cell = cell
    }
}

/// One recurrent layer, in one or both directions.
///
/// The inputs of all steps are projected by one matrix product (in chunks that stay in the cache); then each step is one
/// call of a kernel that multiplies, applies the cell and stores. With two directions, each has a thread.
public struct RecurrentLayer: Sendable {
    /// The cell.
    public let cell: RecurrentCell
    /// The weights: forward, then backward if there are two.
    public let directions: [RecurrentWeights]
    private let packed: [PackedRecurrentWeights]

    /// Takes the weights of one direction (forward) or two (forward, backward).
    /// - Parameter kernels: the instruction set to run on.
    /// - Precondition: one hidden size and one input size.
    public init(cell: RecurrentCell, directions: [RecurrentWeights], kernels: VectorKernels = .best) {
        precondition(directions.count == 1 || directions.count == 2)
        precondition(
            directions.allSatisfy {
                $0.hidden == directions[0].hidden && $0.input.columns == directions[0].input.columns
                    && $0.input.rows == cell.gates * $0.hidden
            })
        self.cell = cell
        self.directions = directions
        packed = directions.map { PackedRecurrentWeights($0, cell: cell, kernels: kernels) }
    }

    /// Features of an input step.
    public var inputs: Int { directions[0].input.columns }
    /// Units in each direction.
    public var hidden: Int { directions[0].hidden }
    /// Features of an output step: the directions side by side, forward first.
    public var outputs: Int { hidden * directions.count }

    /// Runs the layer over a batch.
    /// - Parameters:
    ///   - x: sequences of steps of `inputs` features.
    ///   - initial: the state before the first step of each direction ([batch, hidden] each); zero where it is nil.
    ///   - threads: at most this many run at once.
    /// - Returns: sequences of steps of `outputs` features, and the state after the last step of each direction.
    public func forward(
        _ x: SequenceBatch, initial: RecurrentState? = nil, threads: Int = 1
    ) -> (output: SequenceBatch, final: RecurrentState) {
        precondition(x.values.columns == inputs)
        let (layout, count, hidden) = (x.layout, directions.count, hidden)
        var state = (0..<count).map { direction in
            (
                h: rank(initial?.hidden[direction], layout: layout),
                c: cell == .lstm ? rank(initial?.cell[direction], layout: layout) : []
            )
        }
        let output = Matrix(rows: layout.rows, columns: outputs) { y in
            x.values.withUnsafeBufferPointer { x in
                state.withUnsafeMutableBufferPointer { state in
                    nonisolated(unsafe) let (x, y, state) = (x.baseAddress, y.baseAddress, state)
                    Parallel.forEach(count, threads: threads) { direction in
                        guard let x, let y else { return }
                        var run = DirectionRun(
                            packed: packed[direction], layout: layout, isBackward: direction == 1,
                            output: y + direction * hidden, outputStride: hidden * count)
                        run.execute(x, state: &state[direction])
                    }
                }
            }
        }
        let final = RecurrentState(
            hidden: state.map { unrank($0.h, layout: layout) },
            cell: cell == .lstm ? state.map { unrank($0.c, layout: layout) } : [])
        return (SequenceBatch(layout: layout, values: output), final)
    }

    /// The rows of a state in rank order; zeros for nil.
    private func rank(_ state: Matrix?, layout: BatchLayout) -> [Float] {
        guard let state else { return [Float](repeating: 0, count: layout.count * hidden) }
        precondition(state.rows == layout.count && state.columns == hidden)
        return layout.order.flatMap { state.row($0) }
    }

    private func unrank(_ state: [Float], layout: BatchLayout) -> Matrix {
        Matrix(rows: layout.count, columns: hidden) { result in
            for (rank, index) in layout.order.enumerated() {
                for unit in 0..<hidden { result[index * hidden + unit] = state[rank * hidden + unit] }
            }
        }
    }
}

/// One direction of one layer over one batch.
private struct DirectionRun {
    let packed: PackedRecurrentWeights
    let layout: BatchLayout
    let isBackward: Bool
    let output: UnsafeMutablePointer<Float>
    let outputStride: Int

    /// Rows that are projected at once: enough for an efficient product, few enough for the result to stay in the cache.
    private static let rowsPerChunk = 512

    /// - Parameter state: h and c in rank order, before the first step; after it, after the last.
    mutating func execute(_ x: UnsafePointer<Float>, state: inout (h: [Float], c: [Float])) {
        let (hidden, width) = (packed.hidden, packed.projectedWidth)
        let chunkRows = min(layout.rows, max(Self.rowsPerChunk, layout.rowsAtStep.first ?? 0))
        let projected = UnsafeMutableBufferPointer<Float>.allocate(capacity: chunkRows * width)
        let other = UnsafeMutableBufferPointer<Float>.allocate(capacity: layout.count * hidden)
        defer {
            projected.deallocate()
            other.deallocate()
        }
        guard let projectedStart = projected.baseAddress, let otherStart = other.baseAddress else { return }
        packed.bias.withUnsafeBufferPointer { bias in
            packed.newGateBias.withUnsafeBufferPointer { newGateBias in
                state.c.withUnsafeMutableBufferPointer { c in
                    state.h.withUnsafeMutableBufferPointer { h in
                        guard let start = h.baseAddress else { return }
                        // A sequence that begins later (backward) finds its initial state in either buffer.
                        otherStart.update(from: start, count: h.count)
                        var step = utter_recurrent_step(
                            cell: packed.cell.kernelCell, hidden: Int32(hidden), rows: 0,
                            weights_are_half: packed.isHalf ? 1 : 0, descending: 0, weights: packed.recurrent,
                            bias: bias.baseAddress, new_gate_bias: newGateBias.baseAddress, projected: nil,
                            projected_stride: width, previous: start, next: otherStart, cell_state: c.baseAddress,
                            output: nil, output_stride: outputStride)
                        for chunk in chunks(of: chunkRows) {
                            project(x, steps: chunk, into: projectedStart)
                            run(chunk, projected: projectedStart, step: &step)
                        }
                        collectFinal(into: start)
                    }
                }
            }
        }
    }

    /// Ranges of steps, each of at most `rows` rows (or one step), in the order in which this direction visits them.
    private func chunks(of rows: Int) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = 0
        for step in 0..<layout.steps where layout.firstRow[step + 1] - layout.firstRow[start] > rows {
            result.append(start..<step)
            start = step
        }
        if start < layout.steps { result.append(start..<layout.steps) }
        return isBackward ? result.reversed() : result
    }

    private func project(_ x: UnsafePointer<Float>, steps: Range<Int>, into projected: UnsafeMutablePointer<Float>) {
        let rows = layout.firstRow[steps.lowerBound]..<layout.firstRow[steps.upperBound]
        packed.input.withUnsafeBufferPointer { weight in
            guard let weight = weight.baseAddress else { return }
            BLAS.multiplyTransposed(
                m: rows.count, n: packed.projectedWidth, k: packed.inputs, x + rows.lowerBound * packed.inputs, weight,
                into: projected)
        }
    }

    private func run(_ steps: Range<Int>, projected: UnsafePointer<Float>, step: inout utter_recurrent_step) {
        let recurrentStep = packed.kernels.table.pointee.recurrent_step
        let first = layout.firstRow[steps.lowerBound]
        for index in 0..<steps.count {
            let time = isBackward ? steps.upperBound - 1 - index : steps.lowerBound + index
            let row = layout.firstRow[time]
            step.rows = Int32(layout.rowsAtStep[time])
            step.projected = projected + (row - first) * packed.projectedWidth
            step.output = output + row * outputStride
            recurrentStep?(&step)
            let next = step.next
            step.next = UnsafeMutablePointer(mutating: step.previous)
            step.previous = UnsafePointer(next)
            step.descending = 1 - step.descending
        }
    }

    /// The last state of each sequence is its last output: at its last step forward, at step 0 backward.
    private func collectFinal(into h: UnsafeMutablePointer<Float>) {
        for (rank, index) in layout.order.enumerated() where layout.lengths[index] > 0 {
            let time = isBackward ? 0 : layout.lengths[index] - 1
            (h + rank * packed.hidden).update(
                from: output + layout.row(step: time, rank: rank) * outputStride, count: packed.hidden)
        }
    }
}
