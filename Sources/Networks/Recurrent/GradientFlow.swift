/// How the gradient fares on its way through the steps of recurrent layers: a recorder for a backward pass.
///
/// At each step t it takes the norm |dL/dh_t| of the whole gradient of the hidden state h_t, through the output of the step
/// and through all steps that the direction takes after it. Where it falls by orders of magnitude along the way, the
/// gradient vanishes, and what came long before is not learnt; where it rises, it explodes (Bengio et al. 1994; Pascanu
/// et al. 2013). Over sequences, the root of the mean of the squares is taken.
///
/// A pass without a recorder does nothing of this. One recorder takes any number of passes, one after another; shards of
/// a batch that run at once have one each, which ``merge(_:)`` brings together in a fixed order.
///
/// ```swift
/// let flow = GradientFlow()
/// network.backwardToWeights(dy, input: x, saved: saved, gradient: &gradient, flow: flow)
/// print(flow.layers[0][0].first, flow.layers[0][0].last)
/// ```
public final class GradientFlow: @unchecked Sendable {  // written by one backward pass at a time, by contract
    /// The norms of one direction of one layer. Steps are in the order of time, so that a layer that runs backwards
    /// begins at the last.
    public struct Profile: Sendable, Equatable {
        /// |dL/dh_t| of the sequences that have a step t; 0 where nothing was recorded.
        public var norms: [Double] { steps.map(\.root) }
        /// At step 0 of every sequence.
        public var first: Double { ends[0].root }
        /// At the step in the middle of every sequence, (length - 1) / 2 rounded down.
        public var middle: Double { ends[1].root }
        /// At the last step of every sequence.
        public var last: Double { ends[2].root }

        private var steps: [MeanSquare] = []
        private var ends = [MeanSquare](repeating: MeanSquare(), count: 3)

        /// - Parameter squares: of the norms, a row each.
        fileprivate mutating func add(_ squares: UnsafePointer<Double>, layout: BatchLayout) {
            grow(to: layout.steps)
            for step in 0..<layout.steps {
                for row in layout.firstRow[step]..<layout.firstRow[step + 1] { steps[step].add(squares[row]) }
            }
            for (rank, index) in layout.order.enumerated() where layout.lengths[index] > 0 {
                let last = layout.lengths[index] - 1
                for (end, step) in [0, last / 2, last].enumerated() {
                    ends[end].add(squares[layout.row(step: step, rank: rank)])
                }
            }
        }

        fileprivate mutating func add(_ other: Profile) {
            grow(to: other.steps.count)
            for (step, value) in other.steps.enumerated() { steps[step].add(value) }
            for (end, value) in other.ends.enumerated() { ends[end].add(value) }
        }

        private mutating func grow(to count: Int) {
            steps += [MeanSquare](repeating: MeanSquare(), count: max(0, count - steps.count))
        }
    }

    /// `layers[l][d]`: direction d (forward, backward) of layer l, the lowest first; empty before the first pass.
    public private(set) var layers: [[Profile]] = []

    /// Begins with nothing.
    public init() {}

    /// Adds what another recorded.
    public func merge(_ other: GradientFlow) {
        for (layer, profiles) in other.layers.enumerated() {
            grow(layer: layer, directions: profiles.count)
            for (direction, profile) in profiles.enumerated() { layers[layer][direction].add(profile) }
        }
    }

    /// - Parameter squares: [directions, rows].
    func add(_ squares: [Double], layout: BatchLayout, layer: Int, directions: Int) {
        precondition(squares.count == directions * layout.rows)
        grow(layer: layer, directions: directions)
        squares.withUnsafeBufferPointer { squares in
            guard let squares = squares.baseAddress else { return }
            for direction in 0..<directions {
                layers[layer][direction].add(squares + direction * layout.rows, layout: layout)
            }
        }
    }

    /// The backward pass comes to the highest layer first.
    private func grow(layer: Int, directions: Int) {
        while layers.count <= layer { layers.append([]) }
        while layers[layer].count < directions { layers[layer].append(Profile()) }
    }
}

/// A mean of squares under way.
private struct MeanSquare: Sendable, Equatable {
    private var sum = 0.0
    private var count = 0

    var root: Double { count > 0 ? (sum / Double(count)).squareRoot() : 0 }

    mutating func add(_ square: Double) {
        sum += square
        count += 1
    }

    mutating func add(_ other: MeanSquare) {
        sum += other.sum
        count += other.count
    }
}
