import VectorKernels

/// The weights of one direction in the order in which the recurrent kernel reads them, made once for many sequences.
///
/// The gates of a vector of units lie together ("block order", see `utter_recurrent_step`), in the input weights as
/// well, so that the one matrix product for all inputs writes what the step reads. Recurrent weights that float16
/// represents exactly, as those of a model file in float16 do, are held so: the result is the same, and a step of a
/// single sequence, which is bound by reading them, takes two thirds of the time.
final class PackedRecurrentWeights: @unchecked Sendable {  // the memory is written in init alone
    let cell: RecurrentCell
    let kernels: VectorKernels
    let hidden: Int
    let inputs: Int
    /// Floats in a row of projected inputs: blocks * gates * lanes.
    let projectedWidth: Int
    /// [projectedWidth, inputs], rows in block order. Training reads them only where the last block is not full.
    let input: Lazily<Matrix>
    /// In block order; of a GRU's gate n the input's bias alone.
    let bias: [Float]
    /// Of a GRU's gate n, [blocks * lanes]; else empty.
    let newGateBias: [Float]
    /// Whether `recurrent` holds float16.
    let isHalf: Bool
    /// [blocks][hidden][gates][lanes].
    let recurrent: UnsafeMutableRawPointer

    init(_ weights: RecurrentWeights, cell: RecurrentCell, kernels: VectorKernels) {
        let (gates, lanes, hidden) = (cell.gates, kernels.lanes, weights.hidden)
        let blocks = (hidden + lanes - 1) / lanes
        self.cell = cell
        self.kernels = kernels
        self.hidden = hidden
        inputs = weights.input.columns
        projectedWidth = blocks * gates * lanes

        // Row of PyTorch's layout for each row in block order; nil for the padding of the last block.
        let source = (0..<projectedWidth).map { row -> Int? in
            let unit = row / (gates * lanes) * lanes + row % lanes
            return unit < hidden ? row / lanes % gates * hidden + unit : nil
        }
        input = Lazily { [input = weights.input] in input.gatheringRows(source) }
        bias = source.map { from in
            guard let from else { return 0 }
            let isNewGate = cell == .gru && from >= 2 * hidden
            return weights.inputBias[from] + (isNewGate ? 0 : weights.recurrentBias[from])
        }
        newGateBias =
            cell == .gru
            ? (0..<blocks * lanes).map { $0 < hidden ? weights.recurrentBias[2 * hidden + $0] : 0 } : []

        let count = projectedWidth * hidden
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count * 4, 64), alignment: 64)
        let (g, h, l) = (Int32(gates), Int32(hidden), Int32(lanes))
        isHalf = weights.recurrent.withUnsafeBufferPointer { recurrent in
            if kernels.convertsHalf {
                let packed = memory.bindMemory(to: UInt16.self, capacity: count)
                if utter_pack_recurrent_half(recurrent.baseAddress, g, h, l, packed) != 0 { return true }
            }
            utter_pack_recurrent(
                recurrent.baseAddress, g, h, l, memory.bindMemory(to: Float.self, capacity: count))
            return false
        }
        recurrent = memory
    }

    deinit { recurrent.deallocate() }
}

extension Matrix {
    /// The rows of the given numbers, zeros for nil.
    fileprivate func gatheringRows(_ source: [Int?]) -> Matrix {
        Matrix(rows: source.count, columns: columns) { gathered in
            withUnsafeBufferPointer { values in
                guard let to = gathered.baseAddress, let start = values.baseAddress else { return }
                for (row, from) in source.enumerated() {
                    if let from {
                        (to + row * columns).update(from: start + from * columns, count: columns)
                    } else {
                        (to + row * columns).update(repeating: 0, count: columns)
                    }
                }
            }
        }
    }
}
