import Features
import Foundation
import Networks

/// The second half of a front end's road: log-mel frames to steps.
///
/// With x(t, b) the log-mel energy of band b in frame t, and v(t) = max over b of x(t, b) the level of a frame:
///
///     loudest = the level that ten frames reach or exceed     (of fewer frames: that all do)
///     x'(t, b) = max(x(t, b), loudest - range)
///     w(t) = 1 where v(t) >= loudest, else max(0, 1 - (loudest - v(t)) / 12.5)
///     mean(b) = sum over t of w(t) x'(t, b) / sum over t of w(t)
///
/// for the mean of frames that hold sound. Frames 54 dB (12.5 nats) and more below the loudest do not count, so that nothing
/// depends on how much nothing surrounds the words; louder ones count the more the louder they are, so that no frame that
/// comes near the limit makes a jump. A level counts once ten frames have it: a click, three frames wide, does not make
/// everything else quiet. A factor on all samples is a constant on all x, which the mean takes away.
///
/// The utterance's mean, of models before that: w(t) = 1, and loudest = the greatest x of all. In windows of long recordings
/// frames of digital silence do not count there.
extension FrontEnd {
    /// Nats below the loudest from which on a frame counts as holding no sound.
    public static let soundRange: Float = 12.5
    /// Frames that must reach a level before it counts as the loudest.
    public static let framesOfLoudest = 10

    /// Where log-mel energies end below: as Kaldi has it, unless a range holds them in any case.
    var energyFloor: Float { range == nil ? FeatureExtractor.kaldiFloor : FrontEndStream.lowestFloor }

    /// Steps of the frames of one utterance.
    /// - Parameters:
    ///   - frames: [frames, ``frameDimension``] of an utterance, or of a window of a long recording, as ``FrontEndStream``
    ///     gives them.
    ///   - isWindow: whether it is a window.
    ///   - masking: may change the frames once they are normalised, as SpecAugment does; its second argument is what stands for
    ///     a hidden cell of each column.
    /// - Returns: [steps, ``stepDimension``].
    public func steps(
        ofFrames frames: FeatureMatrix, isWindow: Bool = false,
        masking: ((FeatureMatrix, [Float]) -> FeatureMatrix)? = nil
    ) -> Matrix {
        steps(ofFrames: frames, levels: nil, isWindow: isWindow, masking: masking)
    }

    /// - Parameter levels: of the frames, where they are known.
    private func steps(
        ofFrames frames: FeatureMatrix, levels: [Float]?, isWindow: Bool,
        masking: ((FeatureMatrix, [Float]) -> FeatureMatrix)? = nil
    ) -> Matrix {
        precondition(frames.dimension == frameDimension)
        guard frames.frames > 0 else { return Matrix(rows: 0, columns: stepDimension) { _ in } }
        var features = frames
        let mean = hold(&features, levels: levels, isWindow: isWindow)
        guard cepstra != nil || masking != nil else { return stacked(features, less: mean) }
        features = features.subtracting(mean)
        if let masking {
            // With no mean subtracted, zero is nothing in particular.
            let hidden = normalisation == .none ? MeanVariance(features).mean : mean.map { _ in 0 }
            features = masking(features, hidden)
        }
        if let cepstra { features = cepstra(features) }
        return stacked(features, less: [Float](repeating: 0, count: options.dimension))
    }

    /// Steps of the frames of one utterance, without those of its long pauses: what a recording is recognised from.
    ///
    /// Pauses are left out where the mean is that of frames that hold sound.
    /// - Parameters: as ``steps(ofFrames:isWindow:masking:)`` has them.
    package func stepsOfSound(
        ofFrames frames: FeatureMatrix, isWindow: Bool = false
    ) -> (steps: Matrix, pauses: Pauses) {
        guard normalisation.isOfSound, frames.frames > 0 else {
            let steps = steps(ofFrames: frames, isWindow: isWindow)
            return (steps, .none(steps: steps.rows))
        }
        let levels = frames.levels(from: options.usesEnergy ? 1 : 0)
        let pauses = Pauses(levels: levels, loudest: levels.kth(Self.framesOfLoudest), of: self)
        let isWhole = pauses.omitted.isEmpty
        let heard = isWhole ? frames : pauses.without(frames, stride: stride)
        return (steps(ofFrames: heard, levels: isWhole ? levels : nil, isWindow: isWindow), pauses)
    }

    /// Holds log-mel energies to the range; returns what is to be subtracted from each column.
    private func hold(_ features: inout FeatureMatrix, levels known: [Float]?, isWindow: Bool) -> [Float] {
        let firstBand = options.usesEnergy ? 1 : 0
        let zeros = [Float](repeating: 0, count: frameDimension)
        guard range != nil || normalisation.isOfSound || (isWindow && normalisation != .none) else {
            return normalisation == .none ? zeros : features.mean(weights: nil)
        }
        let levels = known ?? features.levels(from: firstBand)
        let loudest = normalisation.isOfSound ? levels.kth(Self.framesOfLoudest) : levels.max() ?? 0
        if let range { features.raise(to: loudest - Float(range), from: firstBand) }
        switch normalisation {
        case .none: return zeros
        case .mean, .meanAndScale:
            let isSounding = levels.map { $0 > log(FeatureExtractor.kaldiFloor) + 0.1 ? Float(1) : 0 }
            return features.mean(weights: isWindow && isSounding.contains(1) ? isSounding : nil)
        case .soundMean, .soundMeanAndScale:
            let weights = levels.map { max(0, min(1, 1 - (loudest - $0) / Self.soundRange)) }
            var mean = features.mean(weights: weights)
            if let range, loudest <= log(energyFloor) + 0.1 {
                // Nothing but digital silence: it is to look like a pause in speech, not like speech itself.
                for column in firstBand..<mean.count { mean[column] += Float(range) / 2 }
            }
            return mean
        }
    }

    /// [frames, coefficients] less a mean, times the scale, stacked.
    private func stacked(_ features: FeatureMatrix, less mean: [Float]) -> Matrix {
        let dimension = features.dimension
        let steps = steps(frames: features.frames)
        let scale = scale.isEmpty ? [Float](repeating: 1, count: dimension) : scale
        return Matrix(rows: steps, columns: stepDimension) { out in
            features.values.withUnsafeBufferPointer { x in
                mean.withUnsafeBufferPointer { mean in
                    scale.withUnsafeBufferPointer { scale in
                        for step in 0..<steps {
                            for frame in 0..<stack {
                                let (from, to) = (
                                    (step * stride + frame) * dimension, (step * stack + frame) * dimension
                                )
                                for column in 0..<dimension {
                                    out[to + column] = (x[from + column] - mean[column]) * scale[column]
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension FeatureMatrix {
    /// The greatest value of each frame, from a column on.
    fileprivate func levels(from first: Int) -> [Float] {
        let (dimension, count) = (dimension, frames)
        return [Float](unsafeUninitializedCapacity: count) { levels, initialised in
            values.withUnsafeBufferPointer { x in
                for frame in 0..<count {
                    let row = UnsafeRawBufferPointer(
                        rebasing: UnsafeRawBufferPointer(x)[
                            4 * (frame * dimension + first)..<4 * (frame + 1) * dimension])
                    var column = 0
                    var lanes = SIMD8<Float>(repeating: -.infinity)
                    while column + 8 <= dimension - first {
                        lanes = pointwiseMax(
                            lanes, row.loadUnaligned(fromByteOffset: 4 * column, as: SIMD8<Float>.self))
                        column += 8
                    }
                    var level = lanes.max()
                    for column in column..<dimension - first {
                        level = max(level, x[frame * dimension + first + column])
                    }
                    levels[frame] = level
                }
            }
            initialised = count
        }
    }

    /// Raises what is lower, from a column on.
    fileprivate mutating func raise(to floor: Float, from first: Int) {
        let (dimension, frames) = (dimension, frames)
        withUnsafeMutableValues { x in
            guard first > 0 else {
                for index in x.indices { x[index] = x[index] < floor ? floor : x[index] }
                return
            }
            for frame in 0..<frames {
                for index in frame * dimension + first..<(frame + 1) * dimension { x[index] = max(x[index], floor) }
            }
        }
    }

    /// The mean of each column, frames weighted; all alike for nil.
    /// - Precondition: weights of which one at least is above 0.
    fileprivate func mean(weights: [Float]?) -> [Float] {
        let (dimension, count) = (dimension, frames)
        var sums = [Double](repeating: 0, count: dimension)
        var total = 0.0
        values.withUnsafeBufferPointer { x in
            sums.withUnsafeMutableBufferPointer { sums in
                for frame in 0..<count {
                    let weight = Double(weights?[frame] ?? 1)
                    guard weight > 0 else { continue }
                    total += weight
                    let row = frame * dimension
                    for column in 0..<dimension { sums[column] += weight * Double(x[row + column]) }
                }
            }
        }
        return sums.map { Float($0 / total) }
    }

    /// Each frame less a row.
    fileprivate func subtracting(_ row: [Float]) -> FeatureMatrix {
        var result = self
        let (dimension, frames) = (dimension, frames)
        result.withUnsafeMutableValues { x in
            row.withUnsafeBufferPointer { row in
                for frame in 0..<frames {
                    for column in 0..<dimension { x[frame * dimension + column] -= row[column] }
                }
            }
        }
        return result
    }
}

extension [Float] {
    /// The k-th greatest, or the least of fewer.
    fileprivate func kth(_ k: Int) -> Float {
        // In falling order; most values are below the last, and are passed over by one comparison.
        var greatest: [Float] = []
        for value in self where greatest.count < k || value > greatest[k - 1] {
            let place = greatest.firstIndex { $0 < value } ?? greatest.count
            greatest.insert(value, at: place)
            if greatest.count > k { greatest.removeLast() }
        }
        return greatest.last ?? 0
    }
}
