import Features
import Networks

/// The road from samples to the steps that an encoder reads. Everything that hears takes it: transcription, training,
/// adaptation, the speech detector, `utter features --model`.
///
///     samples ─ padding ─▶ log-mel frames ─ range, mean, masks ─▶ cosine transform, scale, stacking ─▶ steps
///
/// ``FrontEndStream`` takes samples as they come and gives log-mel frames; ``steps(ofFrames:isWindow:masking:)`` makes steps
/// of the frames of an utterance, or of a window of a long recording.
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
    /// How far below the loudest of an utterance its log-mel energies may lie, nats; nil where they are as they are.
    public let range: Double?
    /// Silence that is put before and after a recording, seconds: a word that is cut tightly has no pause to begin in, and
    /// most recordings that a base has learned from have one.
    public let padding: Double
    /// Log-mel energies to the coefficients of a step; nil where they are these already.
    let cepstra: CepstralTransform?

    /// Takes the settings.
    /// - Precondition: options that `FeatureOptions.validate()` has nothing against; a factor for each coefficient, or none;
    ///   at least one frame in a step and from step to step; a range above 0, or none; padding of no less than 0.
    public init(
        options: FeatureOptions, normalisation: FrontEndDescription.Normalisation, scale: [Float] = [], stack: Int,
        stride: Int, range: Double? = nil, padding: Double = 0
    ) {
        precondition(padding >= 0 && range.map { $0 > 0 } ?? true)
        precondition(scale.isEmpty || scale.count == options.dimension)
        precondition(stack >= 1 && stride >= 1)
        self.padding = padding
        self.range = range
        self.options = options
        self.normalisation = normalisation
        self.scale = scale
        self.stack = stack
        self.stride = stride
        cepstra = options.kind == .mfcc ? CepstralTransform(validated: options) : nil
    }

    /// The same with other factors.
    public func scaled(by scale: [Float]) -> FrontEnd {
        FrontEnd(
            options: options, normalisation: normalisation.withScale(!scale.isEmpty), scale: scale, stack: stack,
            stride: stride, range: range, padding: padding)
    }

    /// Whether steps are made as by another, but for ``range`` and ``padding``.
    func isLike(_ other: FrontEnd) -> Bool {
        options == other.options && normalisation == other.normalisation && scale == other.scale
            && stack == other.stack && stride == other.stride
    }

    /// Features of a step.
    public var stepDimension: Int { options.dimension * stack }

    /// Columns of the log-mel frames that ``FrontEndStream`` gives: the bands, before them the energy where the options use
    /// it.
    public var frameDimension: Int { options.logMel.dimension }

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
    var paddingSamples: Int { Int((padding * Double(options.sampleRate)).rounded()) }

    /// The number of steps of so many frames; frames that do not fill a step are dropped.
    public func steps(frames: Int) -> Int { frames < stack ? 0 : 1 + (frames - stack) / stride }

    /// The samples that make a first step: a shorter recording holds none.
    public var shortestSamples: Int {
        options.snipsEdges
            ? options.windowSize + (stack - 1) * options.shiftSize
            : (stack - 1) * options.shiftSize + options.shiftSize - options.shiftSize / 2
    }

    /// The log-mel frames of a whole recording, its padding among them.
    /// - Parameter samples: at the options' sample rate, -1 ... 1.
    /// - Returns: [frames, ``frameDimension``].
    /// - Throws: `FeatureError` where memory does not suffice.
    public func frames(of samples: [Float]) throws(FeatureError) -> FeatureMatrix {
        let stream = try FrontEndStream(self)
        stream.accept(samples)
        stream.finish()
        return stream.takeFrames()
    }

    /// The steps of a whole recording, [steps, ``stepDimension``].
    /// - Throws: as ``frames(of:)``.
    public func steps(of samples: [Float]) throws(FeatureError) -> Matrix { steps(ofFrames: try frames(of: samples)) }
}

/// The first half of a front end's road: samples in, in blocks of any size, log-mel frames out.
///
/// ```swift
/// let stream = try FrontEndStream(model.frontEnd)
/// while let block = try reader.read(upTo: 16_000) { stream.accept(block) }
/// stream.finish()
/// let steps = model.frontEnd.steps(ofFrames: stream.takeFrames())
/// ```
///
/// Memory does not grow with the recording as long as frames are taken. Not for several threads at once.
public final class FrontEndStream {
    private let extractor: FeatureExtractor
    private let padding: [Float]

    /// The least normal number of float32: where quiet cells are held to a range below the loudest, no other floor is
    /// wanted, so that a recording's level does not matter.
    static let lowestFloor = Float.leastNormalMagnitude

    /// Begins a recording, with the padding before it.
    /// - Throws: `FeatureError` where memory does not suffice.
    public init(_ frontEnd: FrontEnd) throws(FeatureError) {
        extractor = try FeatureExtractor(frontEnd.options.logMel, floor: frontEnd.energyFloor)
        padding = [Float](repeating: 0, count: frontEnd.paddingSamples)
        extractor.accept(padding)
    }

    /// Takes the next samples of the recording.
    /// - Parameter block: at the front end's sample rate, -1 ... 1.
    public func accept(_ block: [Float]) { extractor.accept(block) }

    /// Says that the recording ends here.
    public func finish() {
        extractor.accept(padding)
        extractor.finish()
    }

    /// The frames that are complete and were not taken before, [frames, ``FrontEnd/frameDimension``].
    public func takeFrames() -> FeatureMatrix { extractor.takeFrames() }
}
