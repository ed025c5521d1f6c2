import AcousticModel
import CTC
import Features

/// Runs a model, or several on one encoder, over a recording of any length, in memory that does not grow with it.
///
/// A short recording is one utterance. A longer one is cut into windows that overlap, each an utterance of its own; in
/// the overlap the posteriors of the first are used up to a seam and those of the second from there on. The seam is laid
/// where both windows are surest of the blank, between two letters, so that no letter is cut or said twice.
///
/// Each window is normalised by itself, as an utterance is (``FrontEnd/steps(ofFrames:isWindow:masking:)``).
final class WindowedModel {
    private let window: Int
    private let overlap: Int
    /// Windows that run together, so that the recurrent step is a matrix product.
    private let windowsAtOnce: Int

    private let group: ModelGroup
    private let frontEnd: FrontEnd
    private let threads: Int
    private let detectsSpeech: Bool
    private let memory: (any WindowMemory)?
    private let receive: (Int, LogProbabilities) throws -> Void

    /// Frames from `firstFrame` of the recording on.
    private var frames: FeatureMatrix
    private var firstFrame = 0
    /// Frame at which the next window starts.
    private var nextStart = 0
    /// Of each model: the posteriors of the last window that are not yet given out, and their first step in the recording.
    private var held: [(posteriors: LogProbabilities, from: Int)?]

    /// - Parameters:
    ///   - windowsAtOnce: windows that run together: more are faster, fewer are sooner done.
    ///   - detectsSpeech: whether what the model takes for no speech becomes blank.
    ///   - memory: knows posteriors of windows from before, and keeps new ones.
    ///   - receive: is given the number of a model and the posteriors of the recording, in order, in pieces.
    init(
        group: ModelGroup, threads: Int, windows: WindowOptions, windowsAtOnce: Int = 4, detectsSpeech: Bool,
        memory: (any WindowMemory)? = nil,
        receive: @escaping (Int, LogProbabilities) throws -> Void
    ) throws {
        let frontEnd = group.frontEnd
        self.frontEnd = frontEnd
        held = group.models.map { _ in nil }
        self.group = group
        (self.threads, self.windowsAtOnce) = (threads, windowsAtOnce)
        self.detectsSpeech = detectsSpeech
        self.memory = memory
        self.receive = receive
        window = windows.frames(frontEnd)
        overlap = windows.overlapFrames(frontEnd)
        frames = FeatureMatrix(dimension: frontEnd.frameDimension)
    }

    /// Takes the next frames of the recording.
    func accept(_ new: FeatureMatrix) throws {
        frames.append(new)
        // One frame more than the windows, so that the last window of a recording is always left to finish().
        let hop = window - overlap
        while firstFrame + frames.frames > nextStart + window + (windowsAtOnce - 1) * hop {
            let windows = (0..<windowsAtOnce).map { nextStart + $0 * hop..<nextStart + $0 * hop + window }
            let known = memory?.recall(windows, models: group.models.count)
            let posteriors = known ?? logProbabilities(of: windows)
            if known == nil { memory?.keep(posteriors, of: windows) }
            try take(posteriors, of: windows)
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
        let stride = frontEnd.stride
        let back = max(firstFrame, end - window)
        let last = min(start, (back + stride - 1) / stride * stride)
        windows.append(last..<end)
        try take(logProbabilities(of: windows), of: windows)
        for case (let model, let held?) in held.enumerated() { try receive(model, held.posteriors) }
        held = held.map { _ in nil }
    }

    /// Of each model, of each window.
    private func logProbabilities(of windows: [Range<Int>]) -> [[LogProbabilities]] {
        let isWhole = firstFrame == 0 && windows == [0..<frames.frames]
        let heard = windows.map { range in
            let window = frames[range.lowerBound - firstFrame..<range.upperBound - firstFrame]
            return frontEnd.stepsOfSound(ofFrames: window, isWindow: !isWhole)
        }
        return group.logProbabilities(
            ofSteps: heard.map(\.steps), pauses: heard.map(\.pauses), detectsSpeech: detectsSpeech, threads: threads)
    }

    /// Stitches the posteriors of windows to what came before, and lets go of frames that no window needs any more.
    private func take(_ ofModels: [[LogProbabilities]], of windows: [Range<Int>]) throws {
        for (model, results) in ofModels.enumerated() {
            for (range, posteriors) in zip(windows, results) {
                try stitch(posteriors, of: model, from: range.lowerBound)
            }
        }
        guard let last = windows.last else { return }
        nextStart = last.upperBound - overlap
        // The last window of all may reach back a whole window from the end.
        let needed = max(firstFrame, nextStart - window)
        let aligned = needed - needed % frontEnd.stride
        if aligned > firstFrame {
            frames = frames[aligned - firstFrame..<frames.frames]
            firstFrame = aligned
        }
    }

    /// Gives out what is held up to the seam with the next window, and holds that window from there on.
    private func stitch(_ posteriors: LogProbabilities, of model: Int, from frame: Int) throws {
        let start = frame / frontEnd.stride
        guard let (before, beforeStart) = held[model] else {
            held[model] = (posteriors, start)
            return
        }
        let shared = max(start, beforeStart)..<min(beforeStart + before.steps, start + posteriors.steps)
        // Away from the ends of the overlap, where one of the two windows lacks context.
        let margin = shared.count / 4
        let blank = group.models[model].vocabulary.blank
        let seam =
            shared.dropFirst(margin).dropLast(margin).max {
                before[$0 - beforeStart, blank] + posteriors[$0 - start, blank]
                    < before[$1 - beforeStart, blank] + posteriors[$1 - start, blank]
            } ?? shared.lowerBound
        try receive(model, before[0..<max(0, seam - beforeStart)])
        held[model] = (posteriors[max(0, seam - start)..<posteriors.steps], max(seam, start))
    }
}
