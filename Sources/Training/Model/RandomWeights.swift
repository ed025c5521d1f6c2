import Networks

extension RecurrentLayer {
    /// A layer of random weights: uniform within 1 / sqrt(hidden), as PyTorch has them; the bias of an LSTM's forget gate is
    /// 1 more, so that the cell remembers at first (Jozefowicz et al. 2015).
    package init(cell: RecurrentCell, inputs: Int, hidden: Int, directions: Int, from generator: inout SplitMix64) {
        let rows = cell.gates * hidden
        let bound = 1 / Float(hidden).squareRoot()
        let weights = (0..<directions).map { _ in
            var weights = RecurrentWeights(
                input: Matrix(rows: rows, columns: inputs, uniform: bound, from: &generator),
                recurrent: Matrix(rows: rows, columns: hidden, uniform: bound, from: &generator),
                inputBias: Matrix(rows: 1, columns: rows, uniform: bound, from: &generator).values,
                recurrentBias: Matrix(rows: 1, columns: rows, uniform: bound, from: &generator).values)
            if cell == .lstm { for unit in hidden..<2 * hidden { weights.inputBias[unit] += 1 } }
            return weights
        }
        self.init(cell: cell, directions: weights)
    }
}

extension StepConvolution {
    /// Random filters over steps of so many inputs: uniform within sqrt(6 / inputs), so that what is left above zero is as large as
    /// what came in (He et al. 2015, "Delving Deep into Rectifiers").
    package init(outputs: Int, inputs: Int, frames: Int, from generator: inout SplitMix64) {
        let gain = Float(6).squareRoot()
        self.init(linear: Linear(outputs: outputs, inputs: inputs, gain: gain, from: &generator), frames: frames)
    }
}

extension Linear {
    /// A layer of random weights: uniform within gain / sqrt(inputs); PyTorch's have a gain of 1.
    package init(outputs: Int, inputs: Int, gain: Float = 1, from generator: inout SplitMix64) {
        let bound = gain / Float(inputs).squareRoot()
        self.init(
            weight: Matrix(rows: outputs, columns: inputs, uniform: bound, from: &generator),
            bias: Matrix(rows: 1, columns: outputs, uniform: bound, from: &generator).values)
    }
}
