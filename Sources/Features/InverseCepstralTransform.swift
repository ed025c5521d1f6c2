/// Cepstral coefficients back to log-mel energies: the inverse of ``CepstralTransform``, where there is one.
///
/// C is an orthonormal matrix, each of whose rows is multiplied by its lifter l: the inverse is the transpose, each column
/// divided by l squared.
public struct InverseCepstralTransform: Sendable {
    /// [coefficients, bands], row-major: log-mel energies to cepstra.
    public let forward: [Float]
    /// [bands, coefficients], row-major: cepstra to log-mel energies.
    public let inverse: [Float]

    /// - Returns: nil where cepstra cannot be turned back: log-mel energies already, fewer coefficients than bands, an energy
    ///   in place of one of them, or a lifter that makes one of them zero.
    public init?(_ options: FeatureOptions) {
        guard options.kind == .mfcc, !options.usesEnergy, options.coefficients == options.melBands else { return nil }
        let bands = options.melBands
        let cosines = CosineTransform(bands: bands, coefficients: bands, lifter: options.lifter).rows
        let squares = cosines.map { $0.values.reduce(0.0) { $0 + Double($1) * Double($1) } }
        guard squares.allSatisfy({ $0 > 1e-6 }) else { return nil }
        forward = cosines.flatMap(\.values)
        inverse = (0..<bands).flatMap { band in
            (0..<bands).map { Float(Double(cosines[$0].values[band]) / squares[$0]) }
        }
    }
}
