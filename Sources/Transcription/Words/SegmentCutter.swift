import AcousticModel
import CTC
import Decoding

/// Cuts the posteriors of a recording, as they come, into segments between words, so that each can be aligned by itself
/// and memory does not grow with the recording.
///
/// A segment ends in a pause: the longest run of steps at which the blank is the most probable class, and next to which
/// the best path has a space. Only where there is no such run for two minutes is a word cut.
package struct SegmentCutter {
    /// Some steps of a recording.
    package struct Segment {
        /// [steps, classes].
        package let posteriors: LogProbabilities
        /// The most probable class of each step.
        package let bestPath: [Int]
        /// The step of the recording at which the segment begins.
        package let firstStep: Int

        /// The segment with the one that comes after it.
        func joined(with next: Segment) -> Segment {
            var posteriors = posteriors
            posteriors.append(next.posteriors)
            return Segment(posteriors: posteriors, bestPath: bestPath + next.bestPath, firstStep: firstStep)
        }
    }

    private let blank: Int
    private let space: Int?
    /// The columns of the posteriors that have the classes of the vocabulary.
    private let columns: Range<Int>
    /// Steps from which on a pause is looked for, and steps at which a cut is made in any case.
    private let (usual, longest): (Int, Int)
    /// Steps of a pause in which a cut is made at once.
    private let pause: Int
    /// Steps of a pause that parts words even where the best path has no space.
    private let longPause: Int

    private var posteriors: LogProbabilities
    private var bestPath: [Int] = []
    private var firstStep = 0

    /// - Parameters:
    ///   - vocabulary: its classes tell where words end.
    ///   - columns: of the posteriors, where they hold more than these classes, which come first.
    package init(
        vocabulary: Vocabulary, columns: Int? = nil, secondsPerStep: Double, usual: Double = 45, longest: Double = 120
    ) {
        self.columns = 0..<vocabulary.symbols.count
        blank = vocabulary.blank
        space = vocabulary.symbols.firstIndex(of: " ")
        self.usual = max(8, Int(usual / secondsPerStep))
        self.longest = max(16, Int(longest / secondsPerStep))
        pause = max(2, Int(0.3 / secondsPerStep))
        longPause = max(2, Int((BeamOptions.pause / secondsPerStep).rounded()))
        posteriors = LogProbabilities(classes: columns ?? vocabulary.symbols.count)
    }

    /// Takes the next posteriors, and gives out the segments that are complete.
    package mutating func accept(_ new: LogProbabilities) -> [Segment] {
        bestPath += BestPath(new.columns(columns)).classes
        posteriors.append(new)
        var segments: [Segment] = []
        while bestPath.count > usual {
            let cut = bestCut()
            guard bestPath.count > longest || cut.pause >= pause else { break }
            segments.append(take(cut.step))
        }
        return segments
    }

    /// Gives out what is left; nil where nothing is.
    package mutating func finish() -> Segment? { bestPath.isEmpty ? nil : take(bestPath.count) }

    private mutating func take(_ count: Int) -> Segment {
        let segment = Segment(
            posteriors: posteriors[0..<count], bestPath: Array(bestPath[..<count]), firstStep: firstStep)
        posteriors = posteriors[count..<posteriors.steps]
        bestPath.removeFirst(count)
        firstStep += count
        return segment
    }

    /// The best place to cut in the second half of what is held, and the steps of the pause there; a pause of 0 steps is
    /// none between words.
    private func bestCut() -> (step: Int, pause: Int) {
        var best = (step: bestPath.count, pause: 0)
        var bestInWord: (step: Int, length: Int)?
        var step = bestPath.count / 2
        while step < bestPath.count {
            guard bestPath[step] == blank else {
                step += 1
                continue
            }
            let start = step
            while step < bestPath.count, bestPath[step] == blank { step += 1 }
            // A run that goes on beyond what is here may have a letter or a space after it.
            let (before, after) = (start > 0 ? bestPath[start - 1] : nil, step < bestPath.count ? bestPath[step] : nil)
            let isBetweenWords = space.map { before == $0 || after == $0 } ?? false
            let (middle, length) = ((start + step + 1) / 2, step - start)
            // A long pause is between words, whatever the best path has beside it.
            if isBetweenWords || length >= longPause, length > best.pause { best = (middle, length) }
            if length > bestInWord?.length ?? 0 { bestInWord = (middle, length) }
        }
        guard best.pause == 0, let bestInWord else { return best }
        return (bestInWord.step, 0)
    }
}
