import Networks

extension Linear: TensorPart {
    package var size: (rows: Int, columns: Int) { (weight.rows, weight.columns) }

    package static func rows(_ size: (rows: Int, columns: Int)) -> [TensorRow<Linear>] {
        [
            TensorRow("weight", [size.rows, size.columns], \.weight.values),
            TensorRow("bias", [size.rows], \.bias),
        ]
    }

    /// - Parameter tensors: as ``rows(_:)`` lists them.
    package init(_ size: (rows: Int, columns: Int), tensors: [[Float]]) {
        self.init(weight: Matrix(rows: size.rows, columns: size.columns, values: tensors[0]), bias: tensors[1])
    }
}

extension StepConvolution: TensorPart {
    package var size: (filters: Int, inputs: Int, frames: Int) { (outputs, inputs, frames) }

    /// The weight as PyTorch lays it out; ``parameters`` have it frame by frame.
    package static func rows(_ size: (filters: Int, inputs: Int, frames: Int)) -> [TensorRow<StepConvolution>] {
        [
            TensorRow("weight", [size.filters, size.inputs, size.frames], \.weight),
            TensorRow("bias", [size.filters], \.linear.bias),
        ]
    }

    /// - Parameter tensors: as ``rows(_:)`` lists them.
    package init(_ size: (filters: Int, inputs: Int, frames: Int), tensors: [[Float]]) {
        self.init(weight: tensors[0], bias: tensors[1], inputs: size.inputs, frames: size.frames)
    }
}

extension RecurrentWeights: TensorPart {
    package var size: (gates: Int, inputs: Int, hidden: Int) { (input.rows / hidden, input.columns, hidden) }

    package static func rows(_ size: (gates: Int, inputs: Int, hidden: Int)) -> [TensorRow<RecurrentWeights>] {
        let rows = size.gates * size.hidden
        return [
            TensorRow("weight_ih", [rows, size.inputs], \.input.values),
            TensorRow("weight_hh", [rows, size.hidden], \.recurrent.values),
            TensorRow("bias_ih", [rows], \.inputBias),
            TensorRow("bias_hh", [rows], \.recurrentBias),
        ]
    }

    /// - Parameter tensors: as ``rows(_:)`` lists them.
    package init(_ size: (gates: Int, inputs: Int, hidden: Int), tensors: [[Float]]) {
        let rows = size.gates * size.hidden
        self.init(
            input: Matrix(rows: rows, columns: size.inputs, values: tensors[0]),
            recurrent: Matrix(rows: rows, columns: size.hidden, values: tensors[1]), inputBias: tensors[2],
            recurrentBias: tensors[3])
    }
}

/// The factors of the coefficients.
extension FrontEnd: TensorPart {
    package static var isExact: Bool { true }
    package var size: Int { options.dimension }

    package static func rows(_ dimension: Int) -> [TensorRow<FrontEnd>] {
        [TensorRow("scale", [dimension], \.scale)]
    }
}

/// Where a sound is near the threshold every digit counts.
extension SpeechDetector: TensorPart {
    package static var isExact: Bool { true }
    package var size: Int { layer.weight.columns }

    package static func rows(_ inputs: Int) -> [TensorRow<SpeechDetector>] {
        [TensorRow("bias", [1], \.layer.bias), TensorRow("weight", [inputs], \.layer.weight.values)]
    }

    /// - Parameter tensors: as ``rows(_:)`` lists them.
    package init(tensors: [[Float]]) { self.init(weight: tensors[1], bias: tensors[0][0]) }
}
