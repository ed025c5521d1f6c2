import VectorKernels

/// What the backward pass of a ``RecurrentLayer`` needs of the forward pass.
///
/// For each step and unit of a direction it holds four numbers of an LSTM's gates and one of its cell, four of a GRU and
/// one of a plain cell. The backward pass works in this memory: give it the only copy, else it makes its own.
public struct RecurrentSaved: Sendable {
    struct Direction: Sendable {
        /// [rows, S H], see `utter_gate_gradients`.
        var gates = LargeBuffer(count: 0)
        /// LSTM: [rows, H].
        var cells = LargeBuffer(count: 0)
        /// The initial states, in rank order.
        var initial: (h: [Float], c: [Float]) = ([], [])
        /// The mask of h on the recurrent connection, [batch, hidden] in rank order; nil where nothing was dropped.
        var mask: Matrix?
    }
    /// What the layer gave.
    let output: SequenceBatch
    /// Of the products over all rows, in the forward pass and in the backward pass.
    let precision: ProductPrecision
    var directions: [Direction]
}

extension RecurrentLayer {
    /// Runs the layer over a batch and keeps what ``backward(_:final:input:saved:gradient:flow:threads:)`` needs.
    /// Arguments and results are otherwise those of ``forward(_:initial:threads:)``.
    /// - Parameters:
    ///   - dropout: of the recurrent connection, one mask for all steps of a sequence and direction: every product of
    ///     W_hh with h of the step before (the initial state too) becomes one with mask * h, in a GRU that of all three
    ///     gates with one mask, while its carry z h takes h as it is. See ``RecurrentDropout``.
    ///   - seeds: one for each sequence, in the order in which they were given; not read where nothing is dropped.
    ///   - precision: of the products over all rows, here and in the backward pass, W_ih x and the gradients of x and of the
    ///     weights: nine tenths of the work. What goes from step to step is float32.
    public func forwardTraining(
        _ x: SequenceBatch, initial: RecurrentState? = nil, dropout: Dropout = Dropout(probability: 0),
        seeds: [UInt64] = [], precision: ProductPrecision = .single, threads: Int = 1
    ) -> (output: SequenceBatch, final: RecurrentState, saved: RecurrentSaved) {
        precondition(x.values.columns == inputs)
        let (layout, count, hidden) = (x.layout, directions.count, hidden)
        var state = rankedStates(initial, layout: layout)
        var kept = state.map { RecurrentSaved.Direction(initial: $0) }
        if let masks = recurrentMasks(dropout, layout: layout, seeds: seeds) {
            for (direction, mask) in masks.enumerated() { kept[direction].mask = mask }
        }
        let values = Matrix(rows: layout.rows, columns: outputs) { y in
            x.values.withUnsafeBufferPointer { x in
                state.withUnsafeMutableBufferPointer { state in
                    kept.withUnsafeMutableBufferPointer { kept in
                        nonisolated(unsafe) let (x, y, state, kept) = (x.baseAddress, y.baseAddress, state, kept)
                        Parallel.forEach(count, threads: threads) { direction in
                            guard let x, let y else { return }
                            let run = DirectionRun(
                                packed: packed[direction].value, layout: layout, isBackward: direction == 1,
                                output: y + direction * hidden, outputStride: hidden * count)
                            execute(
                                run, direction: direction, x, state: &state[direction], kept: &kept[direction],
                                precision)
                        }
                    }
                }
            }
        }
        let output = SequenceBatch(layout: layout, values: values)
        return (
            output, unrankedStates(state, layout: layout),
            RecurrentSaved(output: output, precision: precision, directions: kept)
        )
    }

    private func execute(
        _ unmasked: DirectionRun, direction: Int, _ x: UnsafePointer<Float>, state: inout (h: [Float], c: [Float]),
        kept: inout RecurrentSaved.Direction, _ precision: ProductPrecision
    ) {
        let (rows, width) = (unmasked.layout.rows, cell.slots * hidden)
        let mask = kept.mask
        kept.gates = LargeBuffer(count: rows * width)
        kept.cells = LargeBuffer(count: cell == .lstm ? rows * hidden : 0)
        kept.gates.withUnsafeMutableBufferPointer { gates in
            kept.cells.withUnsafeMutableBufferPointer { cells in
                directions[direction].input.withUnsafeBufferPointer { weights in
                    guard let gates = gates.baseAddress, let weights = weights.baseAddress else { return }
                    withPointer(mask) { mask in
                        var run = unmasked
                        run.mask = mask
                        run.execute(
                            x, state: &state,
                            kept: KeptForBackward(
                                gates: gates, width: width, cells: cell == .lstm ? cells.baseAddress : nil,
                                inputWeights: weights, precision: precision))
                    }
                }
            }
        }
    }
}
