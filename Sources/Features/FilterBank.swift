import Foundation

/// Triangular filters, evenly spaced on the mel scale, each 1 at its centre and 0 at the centres of its neighbours.
///
/// mel(f) = 1127 ln(1 + f / 700), and the triangles are straight on that scale (Kaldi, HTK). Computed in float32 as
/// Kaldi does, so that an FFT bin at an edge falls on the same side.
public struct FilterBank: Sendable {
    /// For each band the FFT bins, below half the sample rate, in which it is not zero, and its weight in each.
    let bands: [SparseRow]

    /// The filters that these options describe.
    /// - Throws: ``FeatureError`` where a band is too narrow to hold any bin of the Fourier transform.
    public init(_ options: FeatureOptions) throws(FeatureError) {
        func mel(_ frequency: Float) -> Float { 1127 * log(1 + frequency / 700) }
        let binWidth = Float(options.sampleRate) / Float(options.fourierSize)
        let positions = (0..<options.fourierSize / 2).map { mel(binWidth * Float($0)) }
        let low = mel(Float(options.lowFrequency))
        let step = (mel(Float(options.upperFrequency)) - low) / Float(options.melBands + 1)
        var bands: [SparseRow] = []
        for band in 0..<options.melBands {
            let left = low + Float(band) * step
            let centre = low + Float(band + 1) * step
            let right = low + Float(band + 2) * step
            let first = positions.partitioningIndex { $0 > left }
            let inside = positions[first...].prefix { $0 < right }
            guard !inside.isEmpty else {
                throw FeatureError(
                    "\(options.melBands) mel bands are too many for a Fourier transform of \(options.fourierSize) "
                        + "points at \(options.sampleRate) Hz: band \(band + 1) is narrower than a bin; give fewer")
            }
            bands.append(
                SparseRow(
                    first: first,
                    values: inside.map {
                        $0 <= centre ? ($0 - left) / (centre - left) : (right - $0) / (right - centre)
                    }))
        }
        self.bands = bands
    }
}

extension [Float] {
    /// The first index of an ascending array from which on the condition holds; the end, where it never does.
    fileprivate func partitioningIndex(where holds: (Float) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
