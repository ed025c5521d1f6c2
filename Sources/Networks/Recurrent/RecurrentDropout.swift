/// What a ``RecurrentNetwork`` drops in training, and how often.
///
/// Between the layers, the outputs of each but the last are dropped on their way to the next (as PyTorch's `dropout` of
/// `nn.LSTM` does, where every step draws anew). On the recurrent connection, h of the step before is: with m a mask
/// that is drawn once for each sequence, layer and direction, W_hh h becomes W_hh (m * h) at every step (Gal and
/// Ghahramani 2016; the mask is theirs of "tied weights", one for all gates). What reaches the output, and the carry z h
/// of a GRU and c of an LSTM, are never dropped: they would fade over the steps.
///
/// Inputs of the first layer and outputs of the last are the business of a ``Dropout`` outside.
public struct RecurrentDropout: Sendable, Equatable {
    /// Of the outputs of a layer, on their way to the next.
    public var between: Dropout
    /// Whether all steps of a sequence share a mask between layers.
    public var draws: Dropout.Draws
    /// Of h of the step before, in its product with W_hh.
    public var recurrent: Dropout

    /// Takes the probabilities.
    /// - Precondition: each 0 or more and less than 1.
    public init(between: Double = 0, draws: Dropout.Draws = .perSequence, recurrent: Double = 0) {
        self.between = Dropout(probability: between)
        self.draws = draws
        self.recurrent = Dropout(probability: recurrent)
    }

    /// Nothing is dropped.
    public static let none = RecurrentDropout()

    /// The seeds of the masks of one layer, all from those of the sequences.
    func seeds(ofLayer index: Int, from seeds: [UInt64]) -> (recurrent: [UInt64], between: [UInt64]) {
        let ofLayers = seeds.map { Dropout.seeds(from: $0, count: 2 * (index + 1)) }
        return (ofLayers.map { $0[2 * index] }, ofLayers.map { $0[2 * index + 1] })
    }
}

extension RecurrentLayer {
    /// The mask of each direction, [batch, hidden] in rank order, different ones for the two; nil where nothing is
    /// dropped.
    func recurrentMasks(_ dropout: Dropout, layout: BatchLayout, seeds: [UInt64]) -> [Matrix]? {
        guard dropout.probability > 0 else { return nil }
        precondition(seeds.count == layout.count, "\(seeds.count) seeds for \(layout.count) sequences")
        let ranked = layout.order.map { Dropout.seeds(from: seeds[$0], count: directions.count) }
        return directions.indices.map { direction in
            dropout.factors(rows: layout.count, columns: hidden, seeds: ranked.map { $0[direction] })
        }
    }
}
