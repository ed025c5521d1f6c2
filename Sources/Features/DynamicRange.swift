/// Holds log-mel energies to a range below the loudest of the utterance.
///
/// A recording of a narrow band has next to nothing in its upper bands, and one without noise next to nothing in its
/// pauses: values far below any that a model has learned from. Raised to one floor they are as those of a quiet room.
/// Cepstra are turned back to log-mel energies and forth again, which is exact where there are as many coefficients as bands.
public struct DynamicRange: Sendable {
    /// How far below the loudest cell the floor lies, nats (1 nat of energy is 4.34 dB).
    public let range: Float
    private let dimension: Int
    private let bands: Int
    /// [coefficients, bands] and its inverse, [bands, coefficients]; empty for filter banks.
    private let forward: [Float]
    private let inverse: [Float]

    /// - Returns: nil where the features cannot be turned back: fewer cepstral coefficients than bands, or an energy column.
    public init?(_ options: FeatureOptions, range: Double) {
        guard !options.usesEnergy, options.kind == .fbank || options.coefficients == options.melBands else {
            return nil
        }
        self.range = Float(range)
        (dimension, bands) = (options.dimension, options.melBands)
        guard options.kind == .mfcc else {
            (forward, inverse) = ([], [])
            return
        }
        let cosines = CosineTransform(bands: bands, coefficients: bands, lifter: options.lifter).rows
        // An orthonormal matrix, each row times its lifter l: the inverse is the transpose, each column over l squared.
        let squares = cosines.map { $0.values.reduce(0.0) { $0 + Double($1) * Double($1) } }
        guard squares.allSatisfy({ $0 > 1e-6 }) else { return nil }
        let bands = bands
        forward = cosines.flatMap(\.values)
        inverse = (0..<bands).flatMap { band in
            (0..<bands).map { Float(Double(cosines[$0].values[band]) / squares[$0]) }
        }
    }

    /// The features with no log-mel energy further than the range below the highest.
    public func callAsFunction(_ features: FeatureMatrix) -> FeatureMatrix {
        precondition(features.dimension == dimension)
        guard features.frames > 0 else { return features }
        var logMel = inverse.isEmpty ? features.values : product(features.values, inverse)
        let floor = (logMel.max() ?? 0) - range
        for index in logMel.indices { logMel[index] = max(logMel[index], floor) }
        return FeatureMatrix(dimension: dimension, values: forward.isEmpty ? logMel : product(logMel, forward))
    }

    /// Each row of x, [rows, bands], times the transpose of a matrix [bands, bands].
    private func product(_ x: [Float], _ matrix: [Float]) -> [Float] {
        let bands = bands
        return [Float](unsafeUninitializedCapacity: x.count) { y, count in
            x.withUnsafeBufferPointer { x in
                matrix.withUnsafeBufferPointer { matrix in
                    for row in Swift.stride(from: 0, to: x.count, by: bands) {
                        for column in 0..<bands {
                            var sum: Float = 0
                            for index in 0..<bands { sum += x[row + index] * matrix[column * bands + index] }
                            y[row + column] = sum
                        }
                    }
                }
            }
            count = x.count
        }
    }
}
