/// Differences of features over time, appended to them.
///
/// The delta of order 1 is the slope of a line fitted to 2w + 1 frames: d_t = sum_j j x_(t+j) / sum_j j^2, j = -w ... w;
/// that of order 2 is the delta of the delta, and so on. Frames beyond an end repeat the last one.
public struct Deltas: Sendable {
    /// What "beyond an end" means for orders above 1, where tools differ by up to 2 in the first and last frames.
    public enum Edges: Sendable {
        /// The features are repeated beyond the ends once, and all orders read those (Kaldi).
        case repeatFeatures
        /// Each order is repeated beyond its own ends (torchaudio's `compute_deltas`, applied again and again).
        case repeatEachOrder
    }

    /// The highest order.
    public var order: Int
    /// w: frames on either side.
    public var window: Int
    /// The convention at the ends.
    public var edges: Edges

    /// Kaldi's defaults are order 2, window 2.
    /// - Precondition: order 0 or more, window 1 or more.
    public init(order: Int = 2, window: Int = 2, edges: Edges = .repeatFeatures) {
        precondition(order >= 0 && window >= 1)
        self.order = order
        self.window = window
        self.edges = edges
    }

    /// - Parameter features: [frames, d].
    /// - Returns: [frames, d * (order + 1)]: the features, then each order.
    public func appended(to features: FeatureMatrix) -> FeatureMatrix {
        let slope = normalised(Array(-window...window).map(Float.init))
        var orders = [features]
        var filter: [Float] = [1]
        for _ in 0..<order {
            switch edges {
            case .repeatFeatures:
                filter = convolve(filter, slope)
                orders.append(apply(filter, to: features))
            case .repeatEachOrder:
                orders.append(apply(slope, to: orders[orders.count - 1]))
            }
        }
        var values: [Float] = []
        values.reserveCapacity(features.values.count * orders.count)
        for frame in 0..<features.frames {
            for matrix in orders { values += matrix[frame] }
        }
        return FeatureMatrix(dimension: features.dimension * orders.count, values: values)
    }

    private func normalised(_ offsets: [Float]) -> [Float] {
        let sum = offsets.reduce(0) { $0 + $1 * $1 }
        return offsets.map { $0 / sum }
    }

    private func convolve(_ a: [Float], _ b: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: a.count + b.count - 1)
        for (i, x) in a.enumerated() {
            for (j, y) in b.enumerated() { result[i + j] += x * y }
        }
        return result
    }

    /// Correlates every column with a filter centred on the frame.
    private func apply(_ filter: [Float], to features: FeatureMatrix) -> FeatureMatrix {
        let (frames, dimension, reach) = (features.frames, features.dimension, filter.count / 2)
        var values = [Float](repeating: 0, count: features.values.count)
        features.values.withUnsafeBufferPointer { x in
            for frame in 0..<frames {
                for (index, weight) in filter.enumerated() where weight != 0 {
                    let from = min(max(frame + index - reach, 0), frames - 1) * dimension
                    for column in 0..<dimension { values[frame * dimension + column] += weight * x[from + column] }
                }
            }
        }
        return FeatureMatrix(dimension: dimension, values: values)
    }
}
