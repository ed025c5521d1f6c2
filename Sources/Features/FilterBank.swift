import Foundation

/// Triangular filters, evenly spaced on the mel scale, each 1 at its centre and 0 at the centres of its neighbours.
///
/// mel(f) = 1127 ln(1 + f / 700), and the triangles are straight on that scale (Kaldi, HTK). Computed in float32 as
/// Kaldi does, so that an FFT bin at an edge falls on the same side.
public struct FilterBank: Sendable {
    /// [bands][fourierSize / 2]: the weight of each FFT bin below half the sample rate in each band.
    public let weights: [[Float]]

    /// The filters that these options describe.
    /// - Throws: ``FeatureError`` where a band is too narrow to hold any bin of the Fourier transform.
    public init(_ options: FeatureOptions) throws(FeatureError) {
        func mel(_ frequency: Float) -> Float { 1127 * log(1 + frequency / 700) }
        let bins = options.fourierSize / 2
        let binWidth = Float(options.sampleRate) / Float(options.fourierSize)
        let low = mel(Float(options.lowFrequency))
        let step = (mel(Float(options.upperFrequency)) - low) / Float(options.melBands + 1)
        var weights: [[Float]] = []
        for band in 0..<options.melBands {
            let left = low + Float(band) * step
            let centre = low + Float(band + 1) * step
            let right = low + Float(band + 2) * step
            let filter = (0..<bins).map { bin -> Float in
                let position = mel(binWidth * Float(bin))
                guard position > left, position < right else { return 0 }
                return position <= centre ? (position - left) / (centre - left) : (right - position) / (right - centre)
            }
            guard filter.contains(where: { $0 > 0 }) else {
                throw FeatureError(
                    "\(options.melBands) mel bands are too many for a Fourier transform of \(options.fourierSize) "
                        + "points at \(options.sampleRate) Hz: band \(band + 1) is narrower than a bin; give fewer")
            }
            weights.append(filter)
        }
        self.weights = weights
    }
}

/// The matrix that turns log-mel energies into cepstral coefficients: a discrete cosine transform (type II,
/// orthonormal), each row multiplied by its lifter.
///
/// c_0 = sqrt(1/B) sum_b m_b; c_k = sqrt(2/B) sum_b m_b cos(pi k (b + 1/2) / B); times 1 + L/2 sin(pi k / L).
struct CosineTransform {
    /// [coefficients][bands].
    let rows: [[Float]]

    init(bands: Int, coefficients: Int, lifter: Double) {
        rows = (0..<coefficients).map { k in
            let norm = ((k == 0 ? 1 : 2) / Double(bands)).squareRoot()
            let lift = lifter == 0 ? 1 : 1 + lifter / 2 * sin(Double.pi * Double(k) / lifter)
            return (0..<bands).map { band in
                Float(norm * lift * cos(Double.pi / Double(bands) * (Double(band) + 0.5) * Double(k)))
            }
        }
    }
}
