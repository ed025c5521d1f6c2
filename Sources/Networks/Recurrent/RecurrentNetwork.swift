/// Recurrent layers, each reading what the one below it wrote, on a convolution or on the steps themselves.
public struct RecurrentNetwork: Sendable {
    /// What the lowest layer reads; nil where that is the steps themselves.
    public internal(set) var convolution: StepConvolution?
    /// The layers, the lowest first.
    public internal(set) var layers: [RecurrentLayer]

    /// Takes the layers, the lowest first.
    /// - Precondition: at least one; each has as many inputs as what is below it has outputs, and as many directions.
    public init(convolution: StepConvolution? = nil, layers: [RecurrentLayer]) {
        precondition(!layers.isEmpty && convolution?.outputs ?? layers[0].inputs == layers[0].inputs)
        precondition(zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs })
        precondition(layers.allSatisfy { $0.directions.count == layers[0].directions.count })
        (self.convolution, self.layers) = (convolution, layers)
    }

    /// Features of an input step.
    public var inputs: Int { convolution.map { $0.inputs * $0.frames } ?? layers[0].inputs }
    /// Features of an output step.
    public var outputs: Int { layers[layers.count - 1].outputs }

    /// Runs all layers over a batch.
    /// - Parameters:
    ///   - x: sequences of steps of `inputs` features.
    ///   - initial: the state before the first step, of every layer; zero where it is nil.
    ///   - threads: at most this many run at once.
    /// - Returns: sequences of steps of `outputs` features, and the state after the last step.
    public func forward(
        _ x: SequenceBatch, initial: RecurrentState? = nil, threads: Int = 1
    ) -> (output: SequenceBatch, final: RecurrentState) {
        var (values, final) = (convolved(x), RecurrentState(hidden: []))
        for (index, layer) in layers.enumerated() {
            let result = layer.forward(values, initial: state(initial, ofLayer: index), threads: threads)
            values = result.output
            final.hidden += result.final.hidden
            final.cell += result.final.cell
        }
        return (values, final)
    }

    /// What the lowest layer reads: the output of the convolution where there is one, else `x` itself.
    public func convolved(_ x: SequenceBatch) -> SequenceBatch { convolution.map { x.mapValues($0.forward) } ?? x }

    /// The lowest layers, and what is below them.
    public func prefix(_ count: Int) -> RecurrentNetwork {
        RecurrentNetwork(convolution: convolution, layers: Array(layers.prefix(count)))
    }

    /// The uppermost layers; all of them with what is below them.
    public func suffix(_ count: Int) -> RecurrentNetwork {
        RecurrentNetwork(
            convolution: count < layers.count ? nil : convolution, layers: Array(layers.suffix(count)))
    }

    /// The part of a state that belongs to one layer.
    func state(_ state: RecurrentState?, ofLayer index: Int) -> RecurrentState? {
        let count = layers[index].directions.count
        let mine = index * count..<(index + 1) * count
        return state.map {
            RecurrentState(hidden: Array($0.hidden[mine]), cell: $0.cell.isEmpty ? [] : Array($0.cell[mine]))
        }
    }
}
