import Features
import Networks

/// From features of frames to the steps that an encoder reads: normalised, then stacked.
public struct FrontEnd: Sendable {
    /// How features are computed.
    public let options: FeatureOptions
    /// How they are normalised.
    public let normalisation: FrontEndDescription.Normalisation
    /// One factor for each coefficient; empty unless the normalisation has it.
    public let scale: [Float]
    /// Frames that make up one step.
    public let stack: Int
    /// Frames from step to step.
    public let stride: Int
    /// How far below the loudest cell of an utterance its log-mel energies may lie, nats; nil where they are as they are.
    public let range: Double?
    /// Silence that is put before and after a recording, seconds: a word that is cut tightly has no pause to begin in, and
    /// most recordings that a base has learned from have one.
    public let padding: Double
    private let held: DynamicRange?

    /// Takes the settings.
    /// - Precondition: a factor for each coefficient, or none; at least one frame in a step and from step to step; features
    ///   that `DynamicRange` can serve, where there is a range; padding of no less than 0, and none without a range, for
    ///   digital silence is below everything that is heard.
    public init(
        options: FeatureOptions, normalisation: FrontEndDescription.Normalisation, scale: [Float] = [], stack: Int,
        stride: Int, range: Double? = nil, padding: Double = 0
    ) {
        precondition(padding >= 0 && (padding == 0 || range != nil))
        self.padding = padding
        held = range.flatMap { DynamicRange(options, range: $0) }
        precondition((range == nil) == (held == nil), "a dynamic range of features that do not have it")
        self.range = range
        precondition(scale.isEmpty || scale.count == options.dimension)
        precondition(stack >= 1 && stride >= 1)
        self.options = options
        self.normalisation = normalisation
        self.scale = scale
        self.stack = stack
        self.stride = stride
    }

    /// Whether steps are made as by another, but for ``range`` and ``padding``.
    func isLike(_ other: FrontEnd) -> Bool {
        options == other.options && normalisation == other.normalisation && scale == other.scale
            && stack == other.stack && stride == other.stride
    }

    /// Features of a step.
    public var stepDimension: Int { options.dimension * stack }

    /// Seconds from step to step.
    public var secondsPerStep: Double {
        Double(options.shiftSize * stride) / Double(options.sampleRate)
    }

    /// Seconds into the recording at which the first frame of a step begins: the step's own stretch of time lies from there
    /// to the same point of the next. Negative for a first step whose frames are mirrored at the edge, and within ``padding``.
    public func seconds(atStep step: Int) -> Double {
        let first = options.snipsEdges ? 0 : options.shiftSize / 2 - options.windowSize / 2
        return Double(step * stride * options.shiftSize + first - paddingSamples) / Double(options.sampleRate)
    }

    /// The samples of ``padding``, at either end.
    public var silence: [Float] { [Float](repeating: 0, count: paddingSamples) }

    private var paddingSamples: Int { Int((padding * Double(options.sampleRate)).rounded()) }

    /// The number of steps of so many frames; frames that do not fill a step are dropped.
    public func steps(frames: Int) -> Int { frames < stack ? 0 : 1 + (frames - stack) / stride }

    /// The samples that make a first step: a shorter recording holds none.
    public var shortestSamples: Int {
        options.snipsEdges
            ? options.windowSize + (stack - 1) * options.shiftSize
            : (stack - 1) * options.shiftSize + options.shiftSize - options.shiftSize / 2
    }

    /// - Parameters:
    ///   - features: [frames, coefficients] of an utterance, or of a window of a long recording.
    ///   - statistics: the frames whose mean is subtracted, if the normalisation does that; `features` unless given.
    /// - Returns: [steps, stepDimension].
    public func steps(of features: FeatureMatrix, statistics: FeatureMatrix? = nil) -> Matrix {
        let dimension = features.dimension
        precondition(dimension == options.dimension)
        let (features, statistics) = (held?(features) ?? features, statistics.map { held?($0) ?? $0 })
        let mean =
            normalisation == .none
            ? [Float](repeating: 0, count: dimension) : MeanVariance(statistics ?? features).mean
        let scale = scale.isEmpty ? [Float](repeating: 1, count: dimension) : scale
        return Matrix(rows: steps(frames: features.frames), columns: stepDimension) { out in
            features.values.withUnsafeBufferPointer { x in
                for step in 0..<steps(frames: features.frames) {
                    for frame in 0..<stack {
                        let (from, to) = ((step * stride + frame) * dimension, (step * stack + frame) * dimension)
                        for column in 0..<dimension {
                            out[to + column] = (x[from + column] - mean[column]) * scale[column]
                        }
                    }
                }
            }
        }
    }
}
