import CTC
import Features
import Foundation
import Networks

/// The long pauses of an utterance, which the encoder is not given: how long nothing was said must not change what is heard
/// before and after it.
///
/// A frame is quiet where its level v(t), the greatest of its log-mel energies, is at once far below the loudest and near the
/// level of the quiet around it:
///
///     v(t) < loudest - 20 dB   and   v(t) < floor(t) + 8 dB
///     floor(t) = the least mean of v over 0.25 s, within 1.5 s of t
///
/// Digital silence, a few bits of hiss and the tone of a room are quiet so; soft speech is not, for it rises and falls. Of a
/// stretch of quiet frames 0.3 s at either end stay, and what lies between goes out in whole steps where that is 0.4 s or more.
package struct Pauses: Sendable, Equatable {
    /// Steps of the utterance that are left out, in order, apart from each other.
    package let omitted: [Range<Int>]
    /// Steps of the whole utterance.
    package let steps: Int

    /// Nats; levels are logarithms of power.
    private static let belowLoudest: Float = 20 * nat
    private static let aboveFloor: Float = 8 * nat
    private static let nat = Float(log(10.0) / 10)
    private static let (smoothing, around, kept, least) = (0.25, 1.5, 0.3, 0.4)

    /// None.
    package static func none(steps: Int) -> Pauses { Pauses(omitted: [], steps: steps) }

    private init(omitted: [Range<Int>], steps: Int) { (self.omitted, self.steps) = (omitted, steps) }

    /// Finds them.
    /// - Parameters:
    ///   - levels: of each frame.
    ///   - loudest: what `FrontEnd` takes for the loudest of them.
    init(levels: [Float], loudest: Float, of frontEnd: FrontEnd) {
        let perSecond = Double(frontEnd.options.sampleRate) / Double(frontEnd.options.shiftSize)
        func frames(_ seconds: Double) -> Int { max(1, Int((seconds * perSecond).rounded())) }
        let (kept, least, stride) = (frames(Self.kept), frames(Self.least), frontEnd.stride)
        steps = frontEnd.steps(frames: levels.count)
        guard levels.contains(where: { $0 < loudest - Self.belowLoudest }) else {
            omitted = []
            return
        }
        let floor = Self.least(of: Self.means(of: levels, over: frames(Self.smoothing)), within: frames(Self.around))
        var omitted: [Range<Int>] = []
        var start = 0
        while start < levels.count {
            var end = start
            while end < levels.count, levels[end] < min(loudest - Self.belowLoudest, floor[end] + Self.aboveFloor) {
                end += 1
            }
            let (first, last) = (start + kept, end - kept)
            // At the edges of the recording nothing was said before or after.
            let from = ((start == 0 ? 0 : first) + stride - 1) / stride
            let to = min(steps, (end == levels.count ? end : last) / stride)
            if (to - from) * stride >= least { omitted.append(from..<to) }
            start = end + 1
        }
        self.omitted = omitted
    }

    /// The frames without those of the pauses.
    func without(_ frames: FeatureMatrix, stride: Int) -> FeatureMatrix {
        var result = FeatureMatrix(dimension: frames.dimension)
        var start = 0
        for range in omitted {
            result.append(frames[start..<range.lowerBound * stride])
            start = range.upperBound * stride
        }
        result.append(frames[start..<frames.frames])
        return result
    }

    /// A row for each step of the utterance, from rows of those that are not left out.
    /// - Precondition: as many rows as there are such steps.
    /// - Parameter row: stands for each step that is.
    package func restored(_ values: [Float], row: [Float]) -> [Float] {
        guard !omitted.isEmpty else { return values }
        var result: [Float] = []
        result.reserveCapacity(steps * row.count)
        var (step, taken) = (0, 0)
        for range in omitted {
            let rows = range.lowerBound - step
            result += values[taken * row.count..<(taken + rows) * row.count]
            for _ in range { result += row }
            (step, taken) = (range.upperBound, taken + rows)
        }
        return result + values[(taken * row.count)...]
    }

    /// Means over so many values, those beyond the ends left out.
    private static func means(of values: [Float], over count: Int) -> [Float] {
        var sums = [0.0]
        for value in values { sums.append(sums[sums.count - 1] + Double(value)) }
        return values.indices.map { place in
            let range = max(0, place - count / 2)..<min(values.count, place - count / 2 + count)
            return Float((sums[range.upperBound] - sums[range.lowerBound]) / Double(range.count))
        }
    }

    /// The least of the values within a distance of each, by a queue of those that may still become it.
    private static func least(of values: [Float], within distance: Int) -> [Float] {
        var queue: [Int] = []
        var head = 0
        var result: [Float] = []
        var next = 0
        for place in values.indices {
            while next < min(values.count, place + distance + 1) {
                while queue.count > head, let last = queue.last, values[last] >= values[next] { queue.removeLast() }
                queue.append(next)
                next += 1
            }
            while queue[head] < place - distance { head += 1 }
            result.append(values[queue[head]])
        }
        return result
    }
}

extension AcousticModel {
    /// What stands for a step of a pause: the blank, in every head; a step of no weight for a classifier.
    var quietRow: [Float] {
        let columns = posteriorColumns
        guard head.kind != .classifier else { return [Float](repeating: 0, count: columns - 1) + [Self.never] }
        var row = [Float](repeating: Self.never, count: columns)
        for head in blankColumns { row[head.blank] = 0 }
        return row
    }

    /// The logarithm of next to nothing.
    private static let never: Float = -60
}
