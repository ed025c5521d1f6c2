import VectorKernels

extension RecurrentLayer {
    /// Backpropagation through time (Werbos 1990).
    ///
    /// With d the gradient of the gates before their activations, which the steps find one after another against the
    /// direction of the layer: dx = d W_ih, and added to the gradient are dW_ih = d^T x, dW_hh = d^T h of the step before,
    /// db = the sum of the rows of d. In a GRU's gate n, d of W_hh and its bias is r times that of W_ih and its own.
    /// - Parameters:
    ///   - dy: sequences of steps of `outputs` features: the gradient with respect to the output.
    ///   - dFinal: the gradient with respect to the final state; zero where it is nil.
    ///   - x: what ``forwardTraining(_:initial:dropout:seeds:threads:)`` was given.
    ///   - saved: what it kept.
    ///   - gradient: to which the gradient with respect to the weights is added.
    ///   - flow: where the norm of the gradient at each step is to be recorded, as that of layer 0.
    ///   - threads: at most this many run at once; the result does not depend on it.
    /// - Returns: the gradients with respect to the input and to the initial state.
    public func backward(
        _ dy: SequenceBatch, final dFinal: RecurrentState? = nil, input x: SequenceBatch,
        saved: consuming RecurrentSaved, gradient: inout Gradient, flow: GradientFlow? = nil,
        threads: Int = 1
    ) -> (input: SequenceBatch, initial: RecurrentState) {
        var (initial, saved) = (RecurrentState(hidden: []), saved)
        let dx = Matrix(rows: x.layout.rows, columns: inputs) { dx in
            initial = backpropagate(
                dy, dFinal, x, &saved, &gradient, into: dx.baseAddress, flow.map { ($0, 0) }, threads: threads)
        }
        return (SequenceBatch(layout: x.layout, values: dx), initial)
    }

    /// The same where nobody asks for the gradient of the input, as where it is a recording: less work.
    /// - Returns: the gradient with respect to the initial state.
    @discardableResult
    public func backwardToWeights(
        _ dy: SequenceBatch, final dFinal: RecurrentState? = nil, input x: SequenceBatch,
        saved: consuming RecurrentSaved, gradient: inout Gradient, flow: GradientFlow? = nil,
        threads: Int = 1
    ) -> RecurrentState {
        var saved = saved
        return backpropagate(
            dy, dFinal, x, &saved, &gradient, into: nil, flow.map { ($0, 0) }, threads: threads)
    }

    /// Both of the above. First the steps, a direction a thread; then the products over all rows, which any thread takes.
    func backpropagate(
        _ dy: SequenceBatch, _ dFinal: RecurrentState?, _ x: SequenceBatch, _ saved: inout RecurrentSaved,
        _ gradient: inout Gradient, into dx: UnsafeMutablePointer<Float>?,
        _ place: (flow: GradientFlow, layer: Int)?, threads: Int
    ) -> RecurrentState {
        let (layout, count, hidden, outputs) = (x.layout, directions.count, hidden, outputs)
        precondition(dy.layout == layout && dy.values.columns == outputs && x.values.columns == inputs)
        precondition(saved.output.layout == layout && saved.directions.count == count, "saved by another forward pass")
        precondition(gradient.directions.count == count)
        var state = rankedStates(dFinal, layout: layout)
        guard layout.rows > 0 else { return unrankedStates(state, layout: layout) }
        let output = saved.output.values
        var sums = [[Double]](repeating: [], count: count)
        var squares = [Double](repeating: 0, count: place == nil ? 0 : count * layout.rows)
        state.withUnsafeMutableBufferPointer { state in
            sums.withUnsafeMutableBufferPointer { sums in
                saved.directions.withUnsafeMutableBufferPointer { saved in
                    _ = withPointers(dy.values, output) { dy, output in
                        squares.withUnsafeMutableBufferPointer { squares in
                            let squares = place == nil ? nil : squares.baseAddress
                            nonisolated(unsafe) let (dy, output, state, saved) = (dy, output, state, saved)
                            nonisolated(unsafe) let (sums, recorded) = (sums, squares)
                            Parallel.forEach(count, threads: threads) { direction in
                                let run = DirectionBackwardRun(
                                    cell: cell, kernels: kernels, weights: directions[direction],
                                    layout: layout, isBackward: direction == 1, gradient: dy + direction * hidden,
                                    output: output + direction * hidden, stride: outputs,
                                    squares: recorded.map { $0 + direction * layout.rows })
                                sums[direction] = run.execute(&saved[direction], state: &state[direction])
                            }
                        }
                    }
                }
            }
        }
        if let place { place.flow.add(squares, layout: layout, layer: place.layer, directions: count) }
        let products = RecurrentGradientProducts(layer: self, layout: layout, precision: saved.precision)
        gradient.directions.withUnsafeMutableBufferPointer { gradient in
            _ = withPointers(x.values, output) { x, output in
                products.execute(saved.directions, x, output: output, adding: gradient, into: dx, threads: threads)
            }
        }
        for direction in 0..<count { products.addBiases(sums[direction], to: &gradient.directions[direction]) }
        return unrankedStates(state, layout: layout)
    }
}

/// The steps of one direction of one layer, from the last that it took to the first.
private struct DirectionBackwardRun {
    let cell: RecurrentCell
    let kernels: VectorKernels
    let weights: RecurrentWeights
    let layout: BatchLayout
    let isBackward: Bool
    /// The first unit of this direction in the rows of dy and of the output.
    let gradient: UnsafePointer<Float>
    let output: UnsafePointer<Float>
    let stride: Int
    /// Where the square of the norm of dL/dh goes, one for each row; nil where it is not asked for.
    let squares: UnsafeMutablePointer<Double>?

    /// Steps whose biases' gradients are summed in float32, before they go to float64.
    private static let stepsPerSum = 32

    /// Turns the saved gates into the gradients of their sums.
    /// - Parameter state: the gradients of the final h and c, in rank order; they become those of the initial ones.
    /// - Returns: the sum of all rows of gates.
    func execute(_ saved: inout RecurrentSaved.Direction, state: inout (h: [Float], c: [Float])) -> [Double] {
        let (hidden, lanes, width) = (weights.hidden, kernels.lanes, cell.slots * weights.hidden)
        let depth = cell.gates * hidden
        let packed = UnsafeMutableRawPointer.allocate(
            byteCount: depth * ((hidden + lanes - 1) / lanes * lanes) * 4, alignment: 64)
        defer { packed.deallocate() }
        let panels = packed.assumingMemoryBound(to: Float.self)
        weights.recurrent.withUnsafeBufferPointer {
            utter_pack_recurrent_backward(
                $0.baseAddress, Int32(depth), Int32(hidden), Int32(cell == .gru ? 2 * hidden : 0), Int32(lanes), panels)
        }
        var sums = [Double](repeating: 0, count: width)
        // Behind the sums, room for the gradient of what dropout left of h.
        var partial = [Float](repeating: 0, count: width + (saved.mask?.values.count ?? 0))
        withMemory(&saved, &state, &partial, width: width) { memory in
            for index in 0..<layout.steps {
                let time = isBackward ? index : layout.steps - 1 - index
                if let squares { recordSquares(at: time, memory.dh, to: squares) }
                gateGradients(at: time, memory)
                product(at: time, memory, panels, depth: depth, descending: index % 2 == 1)
                guard index % Self.stepsPerSum == 0 || index == layout.steps - 1 else { continue }
                for column in sums.indices {
                    sums[column] += Double(memory.partial[column])
                    memory.partial[column] = 0
                }
            }
        }
        return sums
    }

    private struct Memory {
        let gates: UnsafeMutablePointer<Float>
        let cells: UnsafePointer<Float>?
        let initialHidden: UnsafePointer<Float>
        let initialCells: UnsafePointer<Float>?
        let dh: UnsafeMutablePointer<Float>
        let dc: UnsafeMutablePointer<Float>?
        let partial: UnsafeMutablePointer<Float>
        /// Factors of h in its product with W_hh, and room for the gradient of that product's factor; or nil, nil.
        let mask: UnsafePointer<Float>?
        let masked: UnsafeMutablePointer<Float>?
    }

    /// Opens what a run reads and writes.
    private func withMemory(
        _ saved: inout RecurrentSaved.Direction, _ state: inout (h: [Float], c: [Float]), _ partial: inout [Float],
        width: Int, _ body: (Memory) -> Void
    ) {
        let (initial, mask) = (saved.initial, saved.mask)
        initial.h.withUnsafeBufferPointer { initialHidden in
            initial.c.withUnsafeBufferPointer { initialCells in
                saved.cells.withUnsafeBufferPointer { cells in
                    saved.gates.withUnsafeMutableBufferPointer { gates in
                        withMutablePointers(&state.h, &state.c, &partial) { dh, dc, partial in
                            guard let initialHidden = initialHidden.baseAddress, let gates = gates.baseAddress,
                                let partial, let dh
                            else { return }
                            withPointer(mask) { mask in
                                body(
                                    Memory(
                                        gates: gates, cells: cells.baseAddress, initialHidden: initialHidden,
                                        initialCells: initialCells.baseAddress, dh: dh, dc: dc, partial: partial,
                                        mask: mask, masked: mask == nil ? nil : partial + width))
                            }
                        }
                    }
                }
            }
        }
    }

    /// Of the rows of a step, the first have a step before it in the batch, the others the initial state.
    private func gateGradients(at time: Int, _ memory: Memory) {
        let (hidden, width) = (weights.hidden, cell.slots * weights.hidden)
        let (rows, inside) = (layout.rowsAtStep[time], layout.rowsWithPrevious(at: time, isBackward: isBackward))
        let before = inside > 0 ? layout.firstRow[isBackward ? time + 1 : time - 1] : 0
        for ranks in [0..<inside, inside..<rows] where !ranks.isEmpty {
            let (row, state) = (layout.firstRow[time] + ranks.lowerBound, ranks.lowerBound * hidden)
            let isInside = ranks.lowerBound < inside
            var step = utter_gate_gradients(
                cell: cell.kernelCell, hidden: Int32(hidden), rows: Int32(ranks.count),
                gates: memory.gates + row * width, gates_stride: width, output_gradient: gradient + row * stride,
                output_gradient_stride: stride, cells: memory.cells.map { $0 + row * hidden },
                previous_cells: isInside
                    ? memory.cells.map { $0 + before * hidden } : memory.initialCells.map { $0 + state },
                previous: isInside ? output + before * stride : memory.initialHidden + state,
                previous_stride: isInside ? stride : hidden, hidden_gradient: memory.dh + state,
                cell_gradient: memory.dc.map { $0 + state }, bias_gradient: memory.partial)
            kernels.table.pointee.gate_gradients(&step)
        }
    }

    private func product(
        at time: Int, _ memory: Memory, _ panels: UnsafePointer<Float>, depth: Int, descending: Bool
    ) {
        let width = cell.slots * weights.hidden
        var step = utter_recurrent_backward(
            hidden: Int32(weights.hidden), depth: Int32(depth), rows: Int32(layout.rowsAtStep[time]),
            descending: descending ? 1 : 0, weights: panels, gates: memory.gates + layout.firstRow[time] * width,
            gates_stride: width, hidden_gradient: memory.masked ?? memory.dh,
            adds: cell == .gru && memory.mask == nil ? 1 : 0)
        kernels.table.pointee.recurrent_backward(&step)
        guard let mask = memory.mask, let masked = memory.masked else { return }
        let (dh, count) = (memory.dh, layout.rowsAtStep[time] * weights.hidden)
        if cell == .gru {
            for index in 0..<count { dh[index] += mask[index] * masked[index] }
        } else {
            for index in 0..<count { dh[index] = mask[index] * masked[index] }
        }
    }

    /// In double precision: the square of what has vanished or exploded is often no float32.
    private func recordSquares(
        at time: Int, _ dh: UnsafePointer<Float>, to squares: UnsafeMutablePointer<Double>
    ) {
        let hidden = weights.hidden
        for rank in 0..<layout.rowsAtStep[time] {
            let row = layout.firstRow[time] + rank
            let (later, here) = (dh + rank * hidden, gradient + row * stride)
            var sum = 0.0
            for unit in 0..<hidden {
                let value = Double(later[unit] + here[unit])
                sum += value * value
            }
            squares[row] = sum
        }
    }
}

extension BatchLayout {
    /// How many rows of a step follow another step of their sequence, in the direction in which a layer visits them.
    func rowsWithPrevious(at time: Int, isBackward: Bool) -> Int {
        guard isBackward else { return time > 0 ? rowsAtStep[time] : 0 }
        return time + 1 < steps ? rowsAtStep[time + 1] : 0
    }
}

/// Opens three arrays for writing.
private func withMutablePointers(
    _ a: inout [Float], _ b: inout [Float], _ c: inout [Float],
    _ body: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
) {
    a.withUnsafeMutableBufferPointer { a in
        b.withUnsafeMutableBufferPointer { b in
            c.withUnsafeMutableBufferPointer { c in body(a.baseAddress, b.baseAddress, c.baseAddress) }
        }
    }
}
