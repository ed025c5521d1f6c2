import VectorKernels

/// One direction of one layer over one batch.
struct DirectionRun {
    let packed: PackedRecurrentWeights
    let layout: BatchLayout
    let isBackward: Bool
    let output: UnsafeMutablePointer<Float>
    let outputStride: Int
    /// Dropout of the recurrent connection: factors of h, [batch, hidden] in rank order; nil where nothing is dropped.
    var mask: UnsafePointer<Float>?

    /// Rows that are projected at once: enough for an efficient product, few enough for the result to stay in the cache.
    private static let rowsPerChunk = 512

    /// - Parameters:
    ///   - state: h and c in rank order, before the first step; after it, after the last.
    ///   - kept: where everything goes that the backward pass needs, in training.
    func execute(
        _ x: UnsafePointer<Float>, state: inout (h: [Float], c: [Float]), kept: KeptForBackward? = nil
    ) {
        let hidden = packed.hidden
        let chunkRows = min(layout.rows, max(Self.rowsPerChunk, layout.rowsAtStep.first ?? 0))
        var projected = LargeBuffer(count: kept == nil || hasPartialBlock ? chunkRows * packed.projectedWidth : 1)
        projected.withUnsafeMutableBufferPointer { projected in
            let other = UnsafeMutableBufferPointer<Float>.allocate(
                capacity: layout.count * hidden * (mask == nil ? 1 : 2))
            defer { other.deallocate() }
            guard let projectedStart = projected.baseAddress, let otherStart = other.baseAddress else { return }
            execute(
                x, state: &state, kept: kept, chunkRows: chunkRows, projected: projectedStart, other: otherStart)
        }
    }

    /// - Parameters:
    ///   - projected: room for the projected inputs of a chunk.
    ///   - other: room for a second h, and with dropout for what it leaves of h.
    private func execute(
        _ x: UnsafePointer<Float>, state: inout (h: [Float], c: [Float]), kept: KeptForBackward?, chunkRows: Int,
        projected projectedStart: UnsafeMutablePointer<Float>, other otherStart: UnsafeMutablePointer<Float>
    ) {
        let hidden = packed.hidden
        let width = kept?.width ?? packed.projectedWidth
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
                            projected_stride: width, previous: start,
                            multiplied: mask == nil ? start : otherStart + h.count, next: otherStart,
                            cell_state: c.baseAddress, output: nil, output_stride: outputStride, gates: nil, cells: nil)
                        for chunk in chunks(of: chunkRows) {
                            let first = layout.firstRow[chunk.lowerBound]
                            if let kept {
                                let gates = kept.gates + first * width
                                if hasPartialBlock {
                                    project(x, steps: chunk, into: projectedStart, precision: kept.precision)
                                    unpack(projectedStart, steps: chunk, into: gates, kept: kept)
                                } else {
                                    project(x, steps: chunk, into: gates, kept: kept)
                                }
                                run(chunk, projected: gates, kept: kept, step: &step)
                            } else {
                                project(x, steps: chunk, into: projectedStart)
                                run(chunk, projected: projectedStart, kept: nil, step: &step)
                            }
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

    private func project(
        _ x: UnsafePointer<Float>, steps: Range<Int>, into projected: UnsafeMutablePointer<Float>,
        precision: ProductPrecision = .single
    ) {
        let rows = layout.firstRow[steps.lowerBound]..<layout.firstRow[steps.upperBound]
        packed.input.value.withUnsafeBufferPointer { weight in
            guard let weight = weight.baseAddress else { return }
            BLAS.multiplyTransposed(
                m: rows.count, n: packed.projectedWidth, k: packed.inputs, x + rows.lowerBound * packed.inputs, weight,
                into: projected, precision: precision)
        }
    }

    /// Whether the last vector of units is not full. OpenBLAS adds up the columns at the edge of a product in another order, and
    /// the edge of the padded weights is elsewhere than that of PyTorch's layout: one product then serves training and inference,
    /// so that their last bits are the same.
    private var hasPartialBlock: Bool { packed.hidden % packed.kernels.lanes != 0 }

    /// Brings projected inputs from block order to the layout of training.
    private func unpack(
        _ projected: UnsafePointer<Float>, steps: Range<Int>, into gates: UnsafeMutablePointer<Float>,
        kept: KeptForBackward
    ) {
        let (hidden, lanes, count) = (packed.hidden, packed.kernels.lanes, packed.cell.gates)
        for row in 0..<layout.firstRow[steps.upperBound] - layout.firstRow[steps.lowerBound] {
            let from = projected + row * packed.projectedWidth
            let to = gates + row * kept.width + packed.cell.firstInputSlot * hidden
            for first in stride(from: 0, to: hidden, by: lanes) {
                for gate in 0..<count {
                    (to + gate * hidden + first).update(
                        from: from + (first / lanes * count + gate) * lanes, count: min(lanes, hidden - first))
                }
            }
        }
    }

    /// In training the weights are read in PyTorch's layout, so that no gradient has to be brought back to it.
    private func project(
        _ x: UnsafePointer<Float>, steps: Range<Int>, into gates: UnsafeMutablePointer<Float>, kept: KeptForBackward
    ) {
        let rows = layout.firstRow[steps.lowerBound]..<layout.firstRow[steps.upperBound]
        BLAS.multiplyTransposed(
            m: rows.count, n: packed.cell.gates * packed.hidden, k: packed.inputs,
            x + rows.lowerBound * packed.inputs, kept.inputWeights,
            into: gates + packed.cell.firstInputSlot * packed.hidden, strideC: kept.width, precision: kept.precision)
    }

    private func run(
        _ steps: Range<Int>, projected: UnsafeMutablePointer<Float>, kept: KeptForBackward?,
        step: inout utter_recurrent_step
    ) {
        let table = packed.kernels.table.pointee
        let recurrentStep = kept == nil ? table.recurrent_step : table.recurrent_step_training
        let width = Int(step.projected_stride)
        let first = layout.firstRow[steps.lowerBound]
        for index in 0..<steps.count {
            let time = isBackward ? steps.upperBound - 1 - index : steps.lowerBound + index
            let row = layout.firstRow[time]
            step.rows = Int32(layout.rowsAtStep[time])
            let inputs = projected + (row - first) * width
            step.projected = UnsafePointer(inputs)
            step.output = output + row * outputStride
            if let kept {
                step.gates = inputs
                step.cells = kept.cells.map { $0 + row * packed.hidden }
            }
            if let mask, let previous = step.previous, let left = UnsafeMutablePointer(mutating: step.multiplied) {
                for index in 0..<Int(step.rows) * packed.hidden { left[index] = mask[index] * previous[index] }
            } else {
                step.multiplied = step.previous
            }
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

/// Where one direction keeps in training what its backward pass needs, one row for each row of the batch.
struct KeptForBackward {
    /// [rows, width], see `utter_gate_gradients`.
    let gates: UnsafeMutablePointer<Float>
    /// S H.
    let width: Int
    /// LSTM: [rows, H], c after each step; else nil.
    let cells: UnsafeMutablePointer<Float>?
    /// `weight_ih`.
    let inputWeights: UnsafePointer<Float>
    /// Of the product W_ih x.
    let precision: ProductPrecision
}

extension RecurrentCell {
    /// S: values of each unit that training keeps for each step.
    var slots: Int { self == .gru ? 4 : gates }
    /// The first of the slots whose gradients belong to `weight_ih`; those of `weight_hh` begin at 0.
    var firstInputSlot: Int { slots - gates }
}
