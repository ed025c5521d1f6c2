import AcousticModel
import CTC

/// How a long recording is cut into windows.
public struct WindowOptions: Sendable {
    /// Seconds of a window: longer than the utterances of training, short enough for memory. A recording that is no
    /// longer is transcribed whole.
    public var length = 40.0
    /// Seconds that two windows share, so that the seam has more than a second of context on either side; less than half
    /// of ``length``.
    public var overlap = 6.0

    /// The defaults.
    public init() {}

    /// Frames of a window.
    func frames(_ frontEnd: FrontEnd) -> Int { frames(in: max(length, 4 * frontEnd.secondsPerStep), frontEnd) }

    /// Frames that two windows share.
    func overlapFrames(_ frontEnd: FrontEnd) -> Int { frames(in: min(overlap, length / 2), frontEnd) }

    private func frames(in seconds: Double, _ frontEnd: FrontEnd) -> Int {
        // Windows start on whole strides, so that the steps of all lie on one grid. What a step has more than a stride is
        // in the window and in the overlap, so that the first step of a window follows the grid too.
        max(1, Int(seconds / frontEnd.secondsPerStep)) * frontEnd.stride + max(0, frontEnd.stack - frontEnd.stride)
    }
}
