/// What the backward pass of a ``RecurrentNetwork`` needs of the forward pass.
public struct RecurrentNetworkSaved: Sendable {
    /// What the convolution gave; nil where there is none.
    fileprivate var convolved: SequenceBatch?
    fileprivate var layers: [RecurrentSaved]
    /// What was dropped of the outputs of each layer but the last; empty where nothing was.
    fileprivate var masks: [Dropout.Mask]
}

extension RecurrentNetwork {
    /// Runs all layers over a batch and keeps what the backward pass needs. Arguments and results are otherwise those of
    /// ``forward(_:initial:threads:)``.
    /// - Parameters:
    ///   - dropout: what is dropped between the layers and on the recurrent connections.
    ///   - seeds: one for each sequence, in the order in which they were given, from which all its masks come, in
    ///     whatever batch it stands; not read where nothing is dropped.
    ///   - precision: of the products of matrices, see ``RecurrentLayer``.
    public func forwardTraining(
        _ x: SequenceBatch, initial: RecurrentState? = nil, dropout: RecurrentDropout = .none, seeds: [UInt64] = [],
        precision: ProductPrecision = .single, threads: Int = 1
    ) -> (output: SequenceBatch, final: RecurrentState, saved: RecurrentNetworkSaved) {
        let convolved = convolution.map { x.mapValues($0.forward) }
        var (values, final) = (convolved ?? x, RecurrentState(hidden: []))
        var saved = RecurrentNetworkSaved(convolved: convolved, layers: [], masks: [])
        for (index, layer) in layers.enumerated() {
            let mine = dropout.seeds(ofLayer: index, from: seeds)
            let result = layer.forwardTraining(
                values, initial: state(initial, ofLayer: index), dropout: dropout.recurrent, seeds: mine.recurrent,
                precision: precision, threads: threads)
            values = result.output
            final.hidden += result.final.hidden
            final.cell += result.final.cell
            saved.layers.append(result.saved)
            if dropout.between.probability > 0, index < layers.count - 1 {
                let mask = dropout.between.mask(
                    for: x.layout, features: layer.outputs, seeds: mine.between, draws: dropout.draws)
                values = values.mapValues { mask.applied(to: $0, threads: threads) }
                saved.masks.append(mask)
            }
        }
        return (values, final, saved)
    }

    /// Backpropagation through all layers; see ``RecurrentLayer/backward(_:final:input:saved:gradient:flow:threads:)``.
    /// - Parameter flow: where the norm of the gradient at each step is to be recorded, of all layers.
    /// - Returns: the gradients of the input and of the initial state of every layer.
    public func backward(
        _ dy: SequenceBatch, final dFinal: RecurrentState? = nil, input x: SequenceBatch,
        saved: consuming RecurrentNetworkSaved, gradient: inout Gradient, flow: GradientFlow? = nil,
        threads: Int = 1
    ) -> (input: SequenceBatch, initial: RecurrentState) {
        var (initial, lowest, saved) = (RecurrentState(hidden: []), dy, saved)
        let columns = x.values.columns
        let dx = Matrix(rows: x.layout.rows, columns: columns) { dx in
            initial = backpropagate(
                &lowest, dFinal, x, &saved, &gradient, into: dx.baseAddress, flow, threads: threads)
        }
        return (SequenceBatch(layout: x.layout, values: dx), initial)
    }

    /// The same where nobody asks for the gradient of the input, as where it is a recording: less work.
    /// - Returns: the gradient of the initial state of every layer.
    @discardableResult
    public func backwardToWeights(
        _ dy: SequenceBatch, final dFinal: RecurrentState? = nil, input x: SequenceBatch,
        saved: consuming RecurrentNetworkSaved, gradient: inout Gradient, flow: GradientFlow? = nil,
        threads: Int = 1
    ) -> RecurrentState {
        var (dy, saved) = (dy, saved)
        return backpropagate(&dy, dFinal, x, &saved, &gradient, into: nil, flow, threads: threads)
    }

    private func backpropagate(
        _ dy: inout SequenceBatch, _ dFinal: RecurrentState?, _ x: SequenceBatch, _ saved: inout RecurrentNetworkSaved,
        _ gradient: inout Gradient, into dx: UnsafeMutablePointer<Float>?, _ flow: GradientFlow?,
        threads: Int
    ) -> RecurrentState {
        precondition(saved.layers.count == layers.count && gradient.layers.count == layers.count)
        var initial = RecurrentState(hidden: [])
        for (index, layer) in layers.enumerated().reversed() {
            // Taken out of the list, so that it is the only copy.
            var mine = saved.layers.removeLast()
            let layerFinal = state(dFinal, ofLayer: index)
            var layerInitial = RecurrentState(hidden: [])
            let place = flow.map { (flow: $0, layer: index) }
            if let below = saved.layers.last?.output {
                // Made again, not kept: it would take as much memory as the output for the whole of the pass.
                let mask = saved.masks.popLast()
                let x = mask.map { mask in below.mapValues { mask.applied(to: $0, threads: threads) } } ?? below
                let values = Matrix(rows: x.layout.rows, columns: layer.inputs) { dx in
                    layerInitial = layer.backpropagate(
                        dy, layerFinal, x, &mine, &gradient.layers[index], into: dx.baseAddress, place,
                        threads: threads)
                }
                dy = SequenceBatch(
                    layout: x.layout, values: mask?.applied(to: values, threads: threads) ?? values)
            } else if let convolution, let convolved = saved.convolved {
                let values = Matrix(rows: x.layout.rows, columns: layer.inputs) { dx in
                    layerInitial = layer.backpropagate(
                        dy, layerFinal, convolved, &mine, &gradient.layers[index], into: dx.baseAddress, place,
                        threads: threads)
                }
                var lowest = gradient.convolution.take() ?? convolution.zeroGradient()
                convolution.backpropagate(
                    values, output: convolved.values, input: x.values, gradient: &lowest, into: dx)
                gradient.convolution = lowest
            } else {
                layerInitial = layer.backpropagate(
                    dy, layerFinal, x, &mine, &gradient.layers[index], into: dx, place, threads: threads)
            }
            initial.hidden = layerInitial.hidden + initial.hidden
            initial.cell = layerInitial.cell + initial.cell
        }
        return initial
    }
}
