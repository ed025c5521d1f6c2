import AcousticModel
import CTC
import Features

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
}

/// Runs a model over a recording of any length, in memory that does not grow with it.
///
/// A short recording is one utterance. A longer one is cut into windows that overlap, each an utterance of its own; in
/// the overlap the posteriors of the first are used up to a seam and those of the second from there on. The seam is laid
/// where both windows are surest of the blank, between two letters, so that no letter is cut or said twice.
///
/// Each window is normalised by its own mean, as an utterance is. Frames of digital silence, which no room makes and
/// which are far below any other, do not count in the mean of a window; in a short recording they do, as in training.
final class WindowedModel {
    private let window: Int
    private let overlap: Int
    /// Windows that run together, so that the recurrent step is a matrix product.
    private static let windowsAtOnce = 4

    private let model: AcousticModel
    private let threads: Int
    private let detectsSpeech: Bool
    private let silence: ArraySlice<Float>
    private let receive: (LogProbabilities) throws -> Void

    /// Frames from `firstFrame` of the recording on.
    private var frames: FeatureMatrix
    private var firstFrame = 0
    /// Frame at which the next window starts.
    private var nextStart = 0
    /// The posteriors of the last window, of which those from step `heldFrom` of the recording on are not yet given out.
    private var held: (posteriors: LogProbabilities, from: Int)?

    /// - Parameters:
    ///   - detectsSpeech: whether what the model takes for no speech becomes blank.
    ///   - receive: is given the posteriors of the recording, in order, in pieces.
    init(
        model: AcousticModel, threads: Int, windows: WindowOptions, detectsSpeech: Bool,
        receive: @escaping (LogProbabilities) throws -> Void
    ) throws {
        let frontEnd = model.frontEnd
        let zeros = [Float](repeating: 0, count: 2 * frontEnd.options.windowSize)
        silence = try FeatureExtractor.features(of: zeros, options: frontEnd.options)[0]
        // Windows start on whole strides, so that the steps of all lie on one grid.
        func aligned(_ seconds: Double) -> Int {
            max(1, Int(seconds / frontEnd.secondsPerStep)) * frontEnd.stride
        }
        // What a step has more than a stride is in both, so that the first step of a window follows the grid too.
        let rest = max(0, frontEnd.stack - frontEnd.stride)
        self.model = model
        self.threads = threads
        self.detectsSpeech = detectsSpeech
        self.receive = receive
        window = aligned(max(windows.length, 4 * frontEnd.secondsPerStep)) + rest
        overlap = aligned(min(windows.overlap, windows.length / 2)) + rest
        frames = FeatureMatrix(dimension: frontEnd.options.dimension)
    }

    /// Takes the next frames of the recording.
    func accept(_ new: FeatureMatrix) throws {
        frames.append(new)
        // One frame more than the windows, so that the last window of a recording is always left to finish().
        let hop = window - overlap
        while firstFrame + frames.frames > nextStart + window + (Self.windowsAtOnce - 1) * hop {
            try run((0..<Self.windowsAtOnce).map { nextStart + $0 * hop..<nextStart + $0 * hop + window })
        }
    }

    /// Says that the recording ends here.
    func finish() throws {
        let end = firstFrame + frames.frames
        var windows: [Range<Int>] = []
        var start = nextStart
        while end > start + window {
            windows.append(start..<start + window)
            start += window - overlap
        }
        // The last window is as long as the others, where the recording is: it reaches back, not short.
        let stride = model.frontEnd.stride
        let back = max(firstFrame, end - window)
        let last = min(start, (back + stride - 1) / stride * stride)
        windows.append(last..<end)
        try run(windows)
        if let held { try receive(held.posteriors) }
        held = nil
    }

    private func run(_ windows: [Range<Int>]) throws {
        let isWhole = firstFrame == 0 && windows == [0..<frames.frames]
        let steps = windows.map { range in
            let window = frames[range.lowerBound - firstFrame..<range.upperBound - firstFrame]
            return model.frontEnd.steps(of: window, statistics: isWhole ? nil : sounding(window))
        }
        let results = model.logProbabilities(ofSteps: steps, detectsSpeech: detectsSpeech, threads: threads)
        for (range, posteriors) in zip(windows, results) { try stitch(posteriors, from: range.lowerBound) }
        guard let last = windows.last else { return }
        nextStart = last.upperBound - overlap
        // The last window of all may reach back a whole window from the end.
        let needed = max(firstFrame, nextStart - window)
        let aligned = needed - needed % model.frontEnd.stride
        if aligned > firstFrame {
            frames = frames[aligned - firstFrame..<frames.frames]
            firstFrame = aligned
        }
    }

    /// The frames that are not digital silence; all, where all are.
    private func sounding(_ window: FeatureMatrix) -> FeatureMatrix? {
        var sounding = FeatureMatrix(dimension: window.dimension)
        for frame in 0..<window.frames where zip(window[frame], silence).contains(where: { abs($0 - $1) > 0.1 }) {
            sounding.append(window[frame..<frame + 1])
        }
        return sounding.frames == 0 ? nil : sounding
    }

    /// Gives out what is held up to the seam with the next window, and holds that window from there on.
    private func stitch(_ posteriors: LogProbabilities, from frame: Int) throws {
        let start = frame / model.frontEnd.stride
        guard let (before, beforeStart) = held else {
            held = (posteriors, start)
            return
        }
        let shared = max(start, beforeStart)..<min(beforeStart + before.steps, start + posteriors.steps)
        // Away from the ends of the overlap, where one of the two windows lacks context.
        let margin = shared.count / 4
        let blank = model.vocabulary.blank
        let seam =
            shared.dropFirst(margin).dropLast(margin).max {
                before[$0 - beforeStart, blank] + posteriors[$0 - start, blank]
                    < before[$1 - beforeStart, blank] + posteriors[$1 - start, blank]
            } ?? shared.lowerBound
        try receive(before[0..<max(0, seam - beforeStart)])
        held = (posteriors[max(0, seam - start)..<posteriors.steps], max(seam, start))
    }
}
