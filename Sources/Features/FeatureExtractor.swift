import Foundation
import VectorKernels

/// Computes features of a recording that arrives in blocks of any size; the frames are those of the whole.
///
/// ```swift
/// let extractor = try FeatureExtractor(options)
/// extractor.accept(block)            // as often as there is one
/// extractor.finish()                 // frames at the end that need to know that it is the end
/// let features = extractor.takeFrames()
/// ```
///
/// Memory does not grow with the recording as long as frames are taken. Not for several threads at once.
public final class FeatureExtractor {
    /// How features are computed.
    public let options: FeatureOptions
    /// Mel energies are at least this before their logarithm is taken.
    public let floor: Float

    /// Kaldi's ``floor``: float32's epsilon.
    public static let kaldiFloor = Float.ulpOfOne

    private let kernels: VectorKernels
    private let window: [Float]
    private let spectrum: PowerSpectrum
    private let filters: BandedMatrix
    private let cepstral: CepstralTransform

    /// Samples that frames still need, scaled; the first is sample `firstPending` of the recording.
    private var pending: [Float] = []
    private var firstPending = 0
    private var samples = 0
    private var nextFrame = 0
    private var isFinished = false
    private var ready: FeatureMatrix

    /// Samples that are taken in before frames are computed of them: few enough to stay in the cache.
    private static let samplesAtOnce = 8192
    /// Frames that go through each stage together.
    private static let blockFrames = 16
    private let power: UnsafeMutablePointer<Float>
    private let powerStride: Int
    private let mel: UnsafeMutablePointer<Float>
    private let cepstra: UnsafeMutablePointer<Float>
    private var energies = [Float](repeating: 0, count: blockFrames)

    /// - Parameters:
    ///   - floor: mel energies are at least this, a normal number above 0. Kaldi's is that of samples of 16 bits; a much
    ///     lower one lets quiet recordings have the features of loud ones, less a constant.
    ///   - kernels: the instruction set to run on.
    /// - Throws: ``FeatureError`` where the options contradict each other.
    public init(
        _ options: FeatureOptions, floor: Float = FeatureExtractor.kaldiFloor, kernels: VectorKernels = .best
    ) throws(FeatureError) {
        try options.validate()
        precondition(floor.isNormal && floor > 0)
        self.options = options
        self.floor = floor
        self.kernels = kernels
        window = options.window.weights(options.windowSize)
        spectrum = try PowerSpectrum(size: options.fourierSize, kernels: kernels)
        filters = BandedMatrix(rows: try FilterBank(options).bands, kernels: kernels)
        cepstral = CepstralTransform(validated: options, kernels: kernels)
        ready = FeatureMatrix(dimension: options.dimension)
        powerStride = options.fourierSize / 2 + 16
        power = .allocate(capacity: Self.blockFrames * powerStride)
        mel = .allocate(capacity: Self.blockFrames * filters.paddedRows)
        cepstra = .allocate(capacity: Self.blockFrames * cepstral.paddedCoefficients)
    }

    deinit {
        power.deallocate()
        mel.deallocate()
        cepstra.deallocate()
    }

    /// The features of a whole recording.
    /// - Parameter samples: at the options' sample rate, -1 ... 1 (see ``FeatureOptions/sampleScale``).
    /// - Throws: ``FeatureError`` where the options contradict each other.
    public static func features(of samples: [Float], options: FeatureOptions) throws(FeatureError) -> FeatureMatrix {
        let extractor = try FeatureExtractor(options)
        extractor.accept(samples)
        extractor.finish()
        return extractor.takeFrames()
    }

    /// Takes the next samples of the recording.
    /// - Parameter block: at the options' sample rate, -1 ... 1 (see ``FeatureOptions/sampleScale``).
    public func accept(_ block: [Float]) {
        precondition(!isFinished, "samples after finish()")
        if ready.frames == 0 { ready.reserve(options.frameCount(samples: samples + block.count) - nextFrame) }
        block.withUnsafeBufferPointer { block in
            for start in stride(from: 0, to: block.count, by: Self.samplesAtOnce) {
                append(UnsafeBufferPointer(rebasing: block[start..<min(start + Self.samplesAtOnce, block.count)]))
                compute()
            }
        }
    }

    private func append(_ block: UnsafeBufferPointer<Float>) {
        let (start, scale) = (pending.count, options.sampleScale)
        pending.append(contentsOf: block)
        pending.withUnsafeMutableBufferPointer { pending in
            for index in start..<pending.count { pending[index] *= scale }
        }
        samples += block.count
    }

    /// Says that the recording ends here.
    public func finish() {
        isFinished = true
        compute()
    }

    /// The frames that are complete and were not taken before.
    public func takeFrames() -> FeatureMatrix {
        defer { ready = FeatureMatrix(dimension: options.dimension) }
        return ready
    }

    /// The first sample of a frame; negative where the recording is mirrored at its start.
    private func start(ofFrame frame: Int) -> Int {
        let (shift, size) = (options.shiftSize, options.windowSize)
        return options.snipsEdges ? frame * shift : frame * shift + shift / 2 - size / 2
    }

    /// Computes all frames whose samples are here.
    private func compute() {
        var count = options.frameCount(samples: samples)
        if !isFinished {
            // Until the end is known, a frame that reaches past what is here may go on, or be mirrored.
            while count > nextFrame, start(ofFrame: count - 1) + options.windowSize > samples { count -= 1 }
        }
        while nextFrame < count {
            let block = min(Self.blockFrames, count - nextFrame)
            computeBlock(nextFrame..<nextFrame + block)
            nextFrame += block
        }
        // At the end, mirrored frames reach back from it; before, nothing left of the next frame is needed again.
        let needed = isFinished ? samples : max(0, start(ofFrame: nextFrame))
        let reflected = options.snipsEdges ? needed : max(0, needed - options.windowSize)
        let unneeded = min(pending.count, reflected - firstPending)
        if unneeded > 0 {
            pending.removeFirst(unneeded)
            firstPending += unneeded
        }
    }

    private func computeBlock(_ frames: Range<Int>) {
        for (index, frame) in frames.enumerated() {
            energies[index] = windowFrame(from: start(ofFrame: frame))
            spectrum.compute(into: power + index * powerStride)
        }
        filters.multiply(power, stride: powerStride, count: frames.count, into: mel)
        kernels.table.pointee.log_floored(mel, Int32(frames.count * filters.paddedRows), floor)
        let isCepstral = options.kind == .mfcc
        if isCepstral { cepstral.multiply(mel, stride: filters.paddedRows, count: frames.count, into: cepstra) }
        for index in frames.indices.map({ $0 - frames.lowerBound }) {
            if isCepstral {
                let row = cepstra + index * cepstral.paddedCoefficients
                if options.usesEnergy { row[0] = energies[index] }
                ready.append(UnsafeBufferPointer(start: row, count: options.coefficients))
            } else {
                if options.usesEnergy {
                    withUnsafePointer(to: energies[index]) { ready.append(UnsafeBufferPointer(start: $0, count: 1)) }
                }
                ready.append(UnsafeBufferPointer(start: mel + index * filters.paddedRows, count: options.melBands))
            }
        }
    }

    /// Writes the windowed samples of a frame to the transform's input; returns the logarithm of its energy if asked for.
    private func windowFrame(from start: Int) -> Float {
        let size = options.windowSize
        if start >= firstPending, start + size <= samples {
            return pending.withUnsafeBufferPointer {
                $0.baseAddress.map { windowFrame($0 + (start - firstPending)) } ?? 0
            }
        }
        return (start..<start + size).map { pending[mirrored($0) - firstPending] }.withUnsafeBufferPointer {
            $0.baseAddress.map(windowFrame) ?? 0
        }
    }

    /// An index outside the recording, reflected at its edges until it is inside: -1 is 0, -2 is 1, n is n - 1.
    private func mirrored(_ index: Int) -> Int {
        var index = index
        while index < 0 || index >= samples {
            index = index < 0 ? -index - 1 : 2 * samples - 1 - index
        }
        return index
    }

    private func windowFrame(_ x: UnsafePointer<Float>) -> Float {
        let functions = kernels.table.pointee
        let n = Int32(options.windowSize)
        let mean = options.removesDC ? functions.sum(x, n) / Float(n) : 0
        functions.window_frame(x, window, n, mean, options.preemphasis, spectrum.frame)
        guard options.usesEnergy else { return 0 }
        let energy =
            options.rawEnergy ? functions.sum_of_squares(x, n, mean) : functions.sum_of_squares(spectrum.frame, n, 0)
        return log(max(energy, floor, options.energyFloor))
    }
}
