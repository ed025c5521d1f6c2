/// Recurrent layers, each reading what the one below it wrote.
public struct RecurrentNetwork: Sendable {
    /// The layers, the lowest first.
    public internal(set) var layers: [RecurrentLayer]

    /// Takes the layers, the lowest first.
    /// - Precondition: at least one; each has as many inputs as the layer below has outputs, and as many directions.
    public init(layers: [RecurrentLayer]) {
        precondition(!layers.isEmpty)
        precondition(zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs })
        precondition(layers.allSatisfy { $0.directions.count == layers[0].directions.count })
        self.layers = layers
    }

    /// Features of an input step.
    public var inputs: Int { layers[0].inputs }
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
        var (values, final) = (x, RecurrentState(hidden: []))
        for (index, layer) in layers.enumerated() {
            let result = layer.forward(values, initial: state(initial, ofLayer: index), threads: threads)
            values = result.output
            final.hidden += result.final.hidden
            final.cell += result.final.cell
        }
        return (values, final)
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
