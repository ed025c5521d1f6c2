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
    public internal(set) var directions: [RecurrentWeights]
    /// The instruction set to run on.
    let kernels: VectorKernels
    /// Made by the thread that runs a direction first: after a step of the optimiser, both are at the same time.
    var packed: [Lazily<PackedRecurrentWeights>]

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
        self.kernels = kernels
        packed = directions.map { weights in
            Lazily { PackedRecurrentWeights(weights, cell: cell, kernels: kernels) }
        }
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
        var state = rankedStates(initial, layout: layout)
        let output = Matrix(rows: layout.rows, columns: outputs) { y in
            x.values.withUnsafeBufferPointer { x in
                state.withUnsafeMutableBufferPointer { state in
                    nonisolated(unsafe) let (x, y, state) = (x.baseAddress, y.baseAddress, state)
                    Parallel.forEach(count, threads: threads) { direction in
                        guard let x, let y else { return }
                        let run = DirectionRun(
                            packed: packed[direction].value, layout: layout, isBackward: direction == 1,
                            output: y + direction * hidden, outputStride: hidden * count)
                        run.execute(x, state: &state[direction])
                    }
                }
            }
        }
        return (SequenceBatch(layout: layout, values: output), unrankedStates(state, layout: layout))
    }

    /// The states of each direction, their rows in rank order; zeros for nil.
    func rankedStates(_ state: RecurrentState?, layout: BatchLayout) -> [(h: [Float], c: [Float])] {
        directions.indices.map { direction in
            (
                h: rank(state?.hidden[direction], layout: layout),
                c: cell == .lstm ? rank(state?.cell[direction], layout: layout) : []
            )
        }
    }

    /// The inverse of ``rankedStates(_:layout:)``.
    func unrankedStates(_ states: [(h: [Float], c: [Float])], layout: BatchLayout) -> RecurrentState {
        RecurrentState(
            hidden: states.map { unrank($0.h, layout: layout) },
            cell: cell == .lstm ? states.map { unrank($0.c, layout: layout) } : [])
    }

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
