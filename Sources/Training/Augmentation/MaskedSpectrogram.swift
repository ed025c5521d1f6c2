import Features
import Networks

extension SpectrogramMasking {
    /// What is hidden of one utterance.
    struct Masks: Equatable {
        /// Ranges of bands, hidden in every frame.
        var bands: [Range<Int>] = []
        /// Ranges of frames, hidden in every band.
        var frames: [Range<Int>] = []
    }

    /// Draws masks: the width of each first, every one from 0 to the largest as likely, then its place.
    func masks(bands: Int, frames: Int, numbers: inout SplitMix64) -> Masks {
        func draw(_ count: Int, widest: Int, of total: Int) -> [Range<Int>] {
            (0..<count).map { _ in
                let width = numbers.below(widest + 1)
                let first = numbers.below(total - width + 1)
                return first..<first + width
            }
        }
        let longest = min(timeWidth, Int(timeShare * Double(frames)))
        return Masks(
            bands: draw(frequencyMasks, widest: min(frequencyWidth, bands), of: bands),
            frames: draw(timeMasks, widest: longest, of: frames))
    }
}

extension FeatureMatrix {
    /// The features with masked cells replaced by a value for each column.
    /// - Parameter firstBand: the column of band 0. Columns before it, the energy, are hidden with whole frames alone.
    func masked(_ masks: SpectrogramMasking.Masks, firstBand: Int, behind hidden: [Float]) -> FeatureMatrix {
        var values = values
        values.withUnsafeMutableBufferPointer { values in
            for range in masks.bands where !range.isEmpty {
                for frame in 0..<frames {
                    let row = frame * dimension + firstBand
                    for band in range { values[row + band] = hidden[firstBand + band] }
                }
            }
            for frame in masks.frames.joined() {
                for column in 0..<dimension { values[frame * dimension + column] = hidden[column] }
            }
        }
        return FeatureMatrix(dimension: dimension, values: values)
    }
}
