import Foundation
import VectorKernels

/// Log-mel energies to cepstral coefficients: the last stage of MFCC by itself, so that what changes log-mel features
/// (SpecAugment) serves models of MFCC too.
///
/// ```swift
/// let logMel = try FeatureExtractor.features(of: samples, options: options.logMel)
/// let features = try CepstralTransform(options)(logMel)   // what the options alone give, bit for bit
/// ```
public struct CepstralTransform: Sendable {
    private let options: FeatureOptions
    /// Nil where the features asked for are log-mel energies.
    private let cosines: BandedMatrix?

    /// The transform that these options describe; for filter banks it changes nothing.
    /// - Parameter kernels: the instruction set to run on.
    /// - Throws: ``FeatureError`` where the options contradict each other.
    public init(_ options: FeatureOptions, kernels: VectorKernels = .best) throws(FeatureError) {
        try options.validate()
        self.init(validated: options, kernels: kernels)
    }

    /// Of options that were validated.
    package init(validated options: FeatureOptions, kernels: VectorKernels = .best) {
        self.options = options
        cosines =
            options.kind == .fbank
            ? nil
            : BandedMatrix(
                rows: CosineTransform(
                    bands: options.melBands, coefficients: options.coefficients, lifter: options.lifter
                ).rows, kernels: kernels)
    }

    /// The features that the options ask for.
    /// - Parameter logMel: [frames, bands], or [frames, 1 + bands] with the energy first where the options use it: what
    ///   ``FeatureOptions/logMel`` gives.
    /// - Returns: [frames, ``FeatureOptions/dimension``].
    /// - Precondition: features of that dimension.
    public func callAsFunction(_ logMel: FeatureMatrix) -> FeatureMatrix {
        precondition(logMel.dimension == options.logMel.dimension, "log-mel features of \(logMel.dimension) columns")
        guard let cosines else { return logMel }
        let energyColumns = options.usesEnergy ? 1 : 0
        let frames = logMel.frames
        var cepstra = [Float](repeating: 0, count: frames * cosines.paddedRows)
        logMel.values.withUnsafeBufferPointer { logMel in
            cepstra.withUnsafeMutableBufferPointer { cepstra in
                guard let from = logMel.baseAddress, let to = cepstra.baseAddress else { return }
                cosines.multiply(
                    from + energyColumns, stride: energyColumns + options.melBands, count: frames, into: to)
            }
        }
        var values: [Float] = []
        values.reserveCapacity(frames * options.coefficients)
        for frame in 0..<frames {
            let row = frame * cosines.paddedRows
            values += cepstra[row..<row + options.coefficients]
            if options.usesEnergy { values[frame * options.coefficients] = logMel[frame, 0] }
        }
        return FeatureMatrix(dimension: options.coefficients, values: values)
    }

    /// Values of a row in what ``multiply(_:stride:count:into:)`` writes; 0 for filter banks.
    var paddedCoefficients: Int { cosines?.paddedRows ?? 0 }

    /// The coefficients of rows of log-mel energies: [count, stride] to [count, paddedCoefficients].
    func multiply(_ logMel: UnsafePointer<Float>, stride: Int, count: Int, into out: UnsafeMutablePointer<Float>) {
        cosines?.multiply(logMel, stride: stride, count: count, into: out)
    }
}

/// The matrix that turns log-mel energies into cepstral coefficients: a discrete cosine transform (type II,
/// orthonormal), each row multiplied by its lifter.
///
/// c_0 = sqrt(1/B) sum_b m_b; c_k = sqrt(2/B) sum_b m_b cos(pi k (b + 1/2) / B); times 1 + L/2 sin(pi k / L).
struct CosineTransform {
    /// A row for each coefficient, over all bands.
    let rows: [SparseRow]

    init(bands: Int, coefficients: Int, lifter: Double) {
        rows = (0..<coefficients).map { k in
            let norm = ((k == 0 ? 1 : 2) / Double(bands)).squareRoot()
            let lift = lifter == 0 ? 1 : 1 + lifter / 2 * sin(Double.pi * Double(k) / lifter)
            return SparseRow(
                first: 0,
                values: (0..<bands).map { band in
                    Float(norm * lift * cos(Double.pi / Double(bands) * (Double(band) + 0.5) * Double(k)))
                })
        }
    }
}
