import Foundation
import Messages

/// The most probable path that spells given labels: when each of them is said (Viterbi alignment).
///
/// Of all paths that collapse to the labels l (see ``Collapse``), the one with the highest product of probabilities:
///
///     path = argmax over paths of l of the sum over t of ln y_t(path_t)
///
/// found through the lattice of the CTC loss (Graves et al. 2006, section 4.1) with the maximum in place of the sum.
/// Where several paths are equally probable, the one that moves on earliest.
///
/// Time is O(steps x labels), and where there are more labels than the band is wide, O(steps x band). Memory beside the
/// posteriors is at most 16 MiB where back pointers for all steps fit into that; above, rows are kept at checkpoints,
/// every √(8 · steps) steps, and what lies between two of them is computed again when the path is traced: 2 · width ·
/// √(8 · steps) bytes, width being that of the band or the number of labels (two hours of 30 ms steps: 11 MiB).
///
/// ```swift
/// let alignment = try ForcedAlignment(of: [3, 1, 20], to: posteriors)
/// print(alignment.spans[0].steps)  // the steps at which the first label is said
/// ```
public struct ForcedAlignment: Sendable, Equatable {
    /// When one label is said.
    public struct Span: Sendable, Equatable {
        /// From its first step to its last.
        public let steps: Range<Int>
        /// The sum of its log-probabilities over these steps, in nats.
        public let logProbability: Double
    }

    /// One for each label, in order; no step belongs to two. Steps between them are blanks.
    public let spans: [Span]
    /// The natural logarithm of the probability of this one path.
    public let logProbability: Double

    /// Labels across which paths are searched at a step, where there are more: some four minutes of speech.
    public static let defaultBand = 4096

    /// Aligns labels to the posteriors of a recording.
    /// - Parameters:
    ///   - labels: without blanks; may be empty.
    ///   - posteriors: [steps, classes].
    ///   - blank: the class that spells nothing.
    ///   - band: at most this many labels, around the best one so far, are looked at in a step. With as many labels or
    ///     fewer the best path of all is found, with more the best of those that stay in the band.
    /// - Throws: ``ForcedAlignmentError`` where no path spells the labels.
    /// - Precondition: a band of at least 32 labels.
    public init(
        of labels: [Int], to posteriors: LogProbabilities, blank: Int = 0, band: Int = defaultBand
    ) throws(ForcedAlignmentError) {
        try self.init(of: labels, to: posteriors, blank: blank, band: band, backPointers: 1 << 24)
    }

    /// - Parameter backPointers: above so many bytes of them, checkpoints are used.
    package init(
        of labels: [Int], to posteriors: LogProbabilities, blank: Int, band: Int, backPointers: Int
    ) throws(ForcedAlignmentError) {
        precondition(band >= 32, "a band of \(band) labels")
        let classes = posteriors.classes
        for (position, label) in labels.enumerated() where label == blank || !(0..<classes).contains(label) {
            throw .noSuchLabel(position: position, label: label, classes: classes, blank: blank)
        }
        let fewest = CTCLoss.fewestFrames(for: labels)
        guard posteriors.steps >= fewest else { throw .tooFewSteps(steps: posteriors.steps, fewest: fewest) }
        guard posteriors.steps > 0 else {
            (spans, logProbability) = ([], 0)
            return
        }
        let lattice = ViterbiLattice(labels: labels, posteriors: posteriors, blank: blank, band: band)
        guard let path = lattice.bestPath(backPointers: backPointers) else { throw .noPath }

        var total = 0.0
        var spans: [Span] = []
        spans.reserveCapacity(labels.count)
        var step = 0
        for (position, label) in labels.enumerated() {
            let range = path[position]
            while step < range.lowerBound {
                total += Double(posteriors[step, blank])
                step += 1
            }
            let sum = range.reduce(0.0) { $0 + Double(posteriors[$1, label]) }
            spans.append(Span(steps: range, logProbability: sum))
            total += sum
            step = range.upperBound
        }
        while step < posteriors.steps {
            total += Double(posteriors[step, blank])
            step += 1
        }
        guard total.isFinite else { throw .noPath }
        self.spans = spans
        logProbability = total
    }
}

/// Labels that cannot be aligned.
public enum ForcedAlignmentError: UtterError, Equatable {
    /// A label is the blank or none of the classes. `position` counts from 0.
    case noSuchLabel(position: Int, label: Int, classes: Int, blank: Int)
    /// There are fewer steps than labels, counting the blank that parts two equal ones.
    case tooFewSteps(steps: Int, fewest: Int)
    /// Each path that spells the labels has the probability 0, or a posterior is not a number.
    case noPath

    /// What is wrong and what to do.
    public var fault: Fault { Fault(.mismatch, sentence: sentence) }

    private var sentence: String {
        switch self {
        case .noSuchLabel(let position, let label, let classes, let blank):
            "label \(position) is \(label), but labels are classes from 0 to \(classes - 1) other than"
                + " \(blank), the blank; "
                + "map every character to a class of this model's vocabulary first"
        case .tooFewSteps(let steps, let fewest):
            "\(steps) steps are too few for these labels, which need \(fewest); give the labels of this recording alone"
        case .noPath:
            "no path of a probability above 0 spells these labels; give posteriors that rule no label out"
        }
    }
}
