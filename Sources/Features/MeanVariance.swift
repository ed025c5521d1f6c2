/// The mean and the population variance of each coefficient, over one utterance or many.
public struct MeanVariance: Sendable {
    private var count = 0
    private var sums: [Double]
    private var squares: [Double]

    /// Begins with nothing counted.
    public init(dimension: Int) {
        sums = [Double](repeating: 0, count: dimension)
        squares = sums
    }

    /// The statistics of one utterance.
    public init(_ features: FeatureMatrix) {
        self.init(dimension: features.dimension)
        add(features)
    }

    /// Counts the frames of an utterance in.
    public mutating func add(_ features: FeatureMatrix) {
        let dimension = sums.count
        precondition(features.dimension == dimension)
        count += features.frames
        features.values.withUnsafeBufferPointer { x in
            for start in stride(from: 0, to: x.count, by: dimension) {
                for column in 0..<dimension {
                    let value = Double(x[start + column])
                    sums[column] += value
                    squares[column] += value * value
                }
            }
        }
    }

    /// The mean of each coefficient; zero where nothing was counted.
    public var mean: [Float] { sums.map { Float($0 / Double(max(count, 1))) } }

    /// The variance of each coefficient, at least 1e-20 (Kaldi's floor: a constant coefficient is not divided by zero).
    public var variance: [Float] {
        zip(sums, squares).map { sum, square in
            let mean = sum / Double(max(count, 1))
            return Float(max(square / Double(max(count, 1)) - mean * mean, 1e-20))
        }
    }

    /// x - mean, or (x - mean) / sqrt(variance).
    public func normalise(_ features: FeatureMatrix, variance normalisesVariance: Bool = false) -> FeatureMatrix {
        let mean = mean
        let scale = normalisesVariance ? variance.map { 1 / $0.squareRoot() } : nil
        let dimension = features.dimension
        precondition(mean.count == dimension)
        return FeatureMatrix(
            dimension: dimension,
            values: [Float](unsafeUninitializedCapacity: features.values.count) { out, count in
                features.values.withUnsafeBufferPointer { x in
                    for start in stride(from: 0, to: x.count, by: dimension) {
                        for column in 0..<dimension {
                            let centred = x[start + column] - mean[column]
                            out[start + column] = scale.map { centred * $0[column] } ?? centred
                        }
                    }
                }
                count = features.values.count
            })
    }
}
