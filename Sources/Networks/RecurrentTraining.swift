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
    }
    /// What the layer gave.
    let output: SequenceBatch
    var directions: [Direction]
}

extension RecurrentLayer {
    /// Runs the layer over a batch and keeps what ``backward(_:final:input:saved:gradient:threads:)`` needs. Arguments
    /// and results are otherwise those of ``forward(_:initial:threads:)``.
    public func forwardTraining(
        _ x: SequenceBatch, initial: RecurrentState? = nil, threads: Int = 1
    ) -> (output: SequenceBatch, final: RecurrentState, saved: RecurrentSaved) {
        precondition(x.values.columns == inputs)
        let (layout, count, hidden) = (x.layout, directions.count, hidden)
        var state = rankedStates(initial, layout: layout)
        var kept = state.map { RecurrentSaved.Direction(initial: $0) }
        let values = Matrix(rows: layout.rows, columns: outputs) { y in
            x.values.withUnsafeBufferPointer { x in
                state.withUnsafeMutableBufferPointer { state in
                    kept.withUnsafeMutableBufferPointer { kept in
                        nonisolated(unsafe) let (x, y, state, kept) = (x.baseAddress, y.baseAddress, state, kept)
                        Parallel.forEach(count, threads: threads) { direction in
                            guard let x, let y else { return }
                            let run = DirectionRun(
                                packed: packed[direction], layout: layout, isBackward: direction == 1,
                                output: y + direction * hidden, outputStride: hidden * count)
                            execute(run, direction: direction, x, state: &state[direction], kept: &kept[direction])
                        }
                    }
                }
            }
        }
        let output = SequenceBatch(layout: layout, values: values)
        return (output, unrankedStates(state, layout: layout), RecurrentSaved(output: output, directions: kept))
    }

    private func execute(
        _ run: DirectionRun, direction: Int, _ x: UnsafePointer<Float>, state: inout (h: [Float], c: [Float]),
        kept: inout RecurrentSaved.Direction
    ) {
        let (rows, width) = (run.layout.rows, cell.slots * hidden)
        kept.gates = LargeBuffer(count: rows * width)
        kept.cells = LargeBuffer(count: cell == .lstm ? rows * hidden : 0)
        kept.gates.withUnsafeMutableBufferPointer { gates in
            kept.cells.withUnsafeMutableBufferPointer { cells in
                directions[direction].input.withUnsafeBufferPointer { weights in
                    guard let gates = gates.baseAddress, let weights = weights.baseAddress else { return }
                    run.execute(
                        x, state: &state,
                        kept: KeptForBackward(
                            gates: gates, width: width, cells: cell == .lstm ? cells.baseAddress : nil,
                            inputWeights: weights))
                }
            }
        }
    }
}

/// What the backward pass of a ``RecurrentNetwork`` needs of the forward pass.
public struct RecurrentNetworkSaved: Sendable {
    fileprivate var layers: [RecurrentSaved]
}

extension RecurrentNetwork {
    /// Runs all layers over a batch and keeps what the backward pass needs. Arguments and results are otherwise those of
    /// ``forward(_:initial:threads:)``.
    public func forwardTraining(
        _ x: SequenceBatch, initial: RecurrentState? = nil, threads: Int = 1
    ) -> (output: SequenceBatch, final: RecurrentState, saved: RecurrentNetworkSaved) {
        var (values, final) = (x, RecurrentState(hidden: []))
        var saved: [RecurrentSaved] = []
        for (index, layer) in layers.enumerated() {
            let result = layer.forwardTraining(values, initial: state(initial, ofLayer: index), threads: threads)
            values = result.output
            final.hidden += result.final.hidden
            final.cell += result.final.cell
            saved.append(result.saved)
        }
        return (values, final, RecurrentNetworkSaved(layers: saved))
    }

    /// Backpropagation through all layers; see ``RecurrentLayer/backward(_:final:input:saved:gradient:threads:)``.
    /// - Returns: the gradients of the input and of the initial state of every layer.
    public func backward(
        _ dy: SequenceBatch, final dFinal: RecurrentState? = nil, input x: SequenceBatch,
        saved: consuming RecurrentNetworkSaved, gradient: inout Gradient, threads: Int = 1
    ) -> (input: SequenceBatch, initial: RecurrentState) {
        var (initial, lowest, saved) = (RecurrentState(hidden: []), dy, saved)
        let columns = x.values.columns
        let dx = Matrix(rows: x.layout.rows, columns: columns) { dx in
            initial = backpropagate(
                &lowest, dFinal, x, &saved, &gradient, into: dx.baseAddress, threads: threads)
        }
        return (SequenceBatch(layout: x.layout, values: dx), initial)
    }

    /// The same where nobody asks for the gradient of the input, as where it is a recording: less work.
    /// - Returns: the gradient of the initial state of every layer.
    @discardableResult
    public func backwardToWeights(
        _ dy: SequenceBatch, final dFinal: RecurrentState? = nil, input x: SequenceBatch,
        saved: consuming RecurrentNetworkSaved, gradient: inout Gradient, threads: Int = 1
    ) -> RecurrentState {
        var (dy, saved) = (dy, saved)
        return backpropagate(&dy, dFinal, x, &saved, &gradient, into: nil, threads: threads)
    }

    private func backpropagate(
        _ dy: inout SequenceBatch, _ dFinal: RecurrentState?, _ x: SequenceBatch, _ saved: inout RecurrentNetworkSaved,
        _ gradient: inout Gradient, into dx: UnsafeMutablePointer<Float>?, threads: Int
    ) -> RecurrentState {
        precondition(saved.layers.count == layers.count && gradient.layers.count == layers.count)
        var initial = RecurrentState(hidden: [])
        for (index, layer) in layers.enumerated().reversed() {
            // Taken out of the list, so that it is the only copy.
            var mine = saved.layers.removeLast()
            let layerFinal = state(dFinal, ofLayer: index)
            var layerInitial = RecurrentState(hidden: [])
            if let below = saved.layers.last?.output {
                let values = Matrix(rows: x.layout.rows, columns: layer.inputs) { dx in
                    layerInitial = layer.backpropagate(
                        dy, layerFinal, below, &mine, &gradient.layers[index], into: dx.baseAddress, threads: threads)
                }
                dy = SequenceBatch(layout: x.layout, values: values)
            } else {
                layerInitial = layer.backpropagate(
                    dy, layerFinal, x, &mine, &gradient.layers[index], into: dx, threads: threads)
            }
            initial.hidden = layerInitial.hidden + initial.hidden
            initial.cell = layerInitial.cell + initial.cell
        }
        return initial
    }
}
