/// The gradient of a loss with respect to the weights of a ``RecurrentLayer``.
public struct RecurrentGradient: LayerGradient {
    /// For each direction, a gradient in the place of each weight.
    public var directions: [RecurrentWeights]

    /// `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh` of each direction.
    public var tensors: [[Float]] {
        get { directions.flatMap(\.tensors) }
        set { directions = directions.replacing(newValue) }
    }
}

extension RecurrentLayer: TrainableLayer {
    /// dL/dW and dL/db of each direction.
    public typealias Gradient = RecurrentGradient

    /// `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh` of each direction. Once they are set, the next pass packs them for
    /// the kernels, which takes about as long as a copy: set all at once, after a step of the optimiser.
    public var parameters: [[Float]] {
        get { directions.flatMap(\.tensors) }
        set {
            self = RecurrentLayer(
                cell: cell, directions: directions.replacing(newValue), kernels: kernels)
        }
    }

    /// `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh` of each direction.
    public mutating func takeParameters() -> [[Float]] {
        // The packed ones were made of them, and hold them.
        packed = []
        return directions.indices.flatMap { directions[$0].takeTensors() }
    }

    /// A gradient of zeros.
    public func zeroGradient() -> Gradient {
        RecurrentGradient(
            directions: directions.map {
                RecurrentWeights(
                    input: Matrix(rows: $0.input.rows, columns: $0.input.columns),
                    recurrent: Matrix(rows: $0.recurrent.rows, columns: $0.recurrent.columns),
                    inputBias: [Float](repeating: 0, count: $0.inputBias.count),
                    recurrentBias: [Float](repeating: 0, count: $0.recurrentBias.count))
            })
    }
}

/// The gradient of a loss with respect to the weights of a ``RecurrentNetwork``.
public struct RecurrentNetworkGradient: LayerGradient {
    /// Of the convolution, where there is one.
    public var convolution: MatrixGradient?
    /// One for each layer.
    public var layers: [RecurrentGradient]

    /// Those of the convolution, then those of each layer, the lowest first.
    public var tensors: [[Float]] {
        get { (convolution?.tensors ?? []) + layers.flatMap(\.tensors) }
        set {
            convolution?.tensors = Array(newValue.prefix(2))
            var first = convolution == nil ? 0 : 2
            for index in layers.indices {
                let count = layers[index].directions.count * 4
                layers[index].tensors = Array(newValue[first..<first + count])
                first += count
            }
        }
    }
}

extension RecurrentNetwork: TrainableLayer {
    /// The gradients of all layers.
    public typealias Gradient = RecurrentNetworkGradient

    /// The parameters of the convolution, then those of each layer, the lowest first.
    public var parameters: [[Float]] {
        get { (convolution?.parameters ?? []) + layers.flatMap(\.parameters) }
        set {
            convolution?.parameters = Array(newValue.prefix(2))
            var first = convolution == nil ? 0 : 2
            for index in layers.indices {
                let count = layers[index].directions.count * 4
                layers[index].parameters = Array(newValue[first..<first + count])
                first += count
            }
        }
    }

    /// The parameters of the convolution, then those of each layer, the lowest first.
    public mutating func takeParameters() -> [[Float]] {
        (convolution?.takeParameters() ?? []) + layers.indices.flatMap { layers[$0].takeParameters() }
    }

    /// A gradient of zeros.
    public func zeroGradient() -> Gradient {
        RecurrentNetworkGradient(
            convolution: convolution?.zeroGradient(), layers: layers.map { $0.zeroGradient() })
    }
}

extension RecurrentWeights {
    /// The four tensors, in PyTorch's order.
    fileprivate var tensors: [[Float]] { [input.values, recurrent.values, inputBias, recurrentBias] }

    /// The same, given away; see ``TrainableLayer/takeParameters()``.
    fileprivate mutating func takeTensors() -> [[Float]] {
        [input.takeValues(), recurrent.takeValues(), inputBias, recurrentBias]
    }
}

extension [RecurrentWeights] {
    /// The same shapes with other values.
    fileprivate func replacing(_ tensors: [[Float]]) -> [RecurrentWeights] {
        precondition(tensors.count == 4 * count)
        return enumerated().map { index, old in
            RecurrentWeights(
                input: Matrix(rows: old.input.rows, columns: old.input.columns, values: tensors[4 * index]),
                recurrent: Matrix(
                    rows: old.recurrent.rows, columns: old.recurrent.columns, values: tensors[4 * index + 1]),
                inputBias: tensors[4 * index + 2], recurrentBias: tensors[4 * index + 3])
        }
    }
}
