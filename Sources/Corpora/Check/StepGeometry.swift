import AcousticModel
import Features

/// How many steps a model makes of a recording: what decides whether a text fits into it.
public struct StepGeometry: Sendable {
    /// The features of frames; only their lengths count here.
    public var options: FeatureOptions
    /// Frames that make up one step.
    public var stack: Int
    /// Frames from step to step.
    public var stride: Int
    /// Silence before and after a recording, seconds each.
    public var padding = 0.0

    /// The shipped models' own: steps of 30 ms out of frames of 25 ms.
    public init() {
        options = FeatureOptions()
        stack = 3
        stride = 3
    }

    /// That of a model.
    public init(_ frontEnd: FrontEnd) {
        options = frontEnd.options
        stack = frontEnd.stack
        stride = frontEnd.stride
        padding = frontEnd.padding
    }

    /// Samples in a second.
    public var sampleRate: Int { options.sampleRate }

    /// Milliseconds from step to step.
    public var stepMilliseconds: Double {
        1000 * Double(options.shiftSize * stride) / Double(options.sampleRate)
    }

    /// The steps of a recording that is played at a speed (1.1 is a tenth faster, so shorter).
    public func steps(seconds: Double, speed: Double = 1) -> Int {
        let samples = Int(min((max(0, seconds) / speed + 2 * padding) * Double(sampleRate), 1e15).rounded())
        let frames = options.frameCount(samples: samples)
        return frames < stack ? 0 : 1 + (frames - stack) / stride
    }
}
