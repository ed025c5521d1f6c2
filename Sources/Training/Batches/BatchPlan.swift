import Networks

/// Which recordings make up each batch of each epoch: a function of the seed and the epoch alone, so that a resumed run
/// goes on with the batches that the other would have had.
///
/// The first epoch goes from the shortest recordings to the longest (Amodei et al. 2016, "SortaGrad"): short ones teach the
/// alignment soonest. From then on recordings are shuffled; within pools of many batches they are sorted by length, so that
/// recordings of a batch end at about the same time, and the batches are shuffled in turn.
public struct BatchPlan: Sendable {
    private let seconds: [Double]
    private let batchSize: Int
    private let batchSeconds: Double
    private let seed: UInt64
    private let sets: [RecordingSet]

    /// Batches in a pool that is sorted by length.
    private static let batchesInPool = 16

    /// - Parameters:
    ///   - seconds: how long each recording is.
    ///   - batchSize: recordings in a batch at the most.
    ///   - batchSeconds: seconds of audio in a batch at the most; a longer recording is a batch of its own.
    ///   - sets: what share of the recordings an epoch has; none: all of them.
    public init(seconds: [Double], batchSize: Int, batchSeconds: Double, seed: UInt64, sets: [RecordingSet] = []) {
        (self.seconds, self.batchSize, self.batchSeconds, self.seed) = (seconds, max(1, batchSize), batchSeconds, seed)
        self.sets = sets.contains { $0.share < 1 } ? sets : []
    }

    /// The recordings of an epoch. Of a set that is met in part, the recordings come in turns, so that each is met as often as
    /// the others.
    private func recordings(epoch: Int) -> [Int] {
        guard !sets.isEmpty else { return Array(seconds.indices) }
        return sets.enumerated().flatMap { number, set -> [Int] in
            let count = min(set.recordings.count, max(1, Int((set.share * Double(set.recordings.count)).rounded())))
            guard count < set.recordings.count else { return Array(set.recordings) }
            var numbers = SplitMix64(seed: Streams.seed(seed, .order, -3, number))
            let order = numbers.shuffled(Array(set.recordings))
            return (0..<count).map { order[(epoch * count + $0) % order.count] }.sorted()
        }
    }

    /// The batches of an epoch, counted from 0: indices of recordings, each in one batch.
    public func batches(epoch: Int) -> [[Int]] {
        let all = recordings(epoch: epoch)
        guard epoch > 0 else { return cut(all.sorted(by: isShorter)) }
        var numbers = SplitMix64(seed: Streams.seed(seed, .order, epoch))
        let shuffled = numbers.shuffled(all)
        var batches: [[Int]] = []
        for start in stride(from: 0, to: shuffled.count, by: batchSize * Self.batchesInPool) {
            let pool = shuffled[start..<min(start + batchSize * Self.batchesInPool, shuffled.count)]
            batches += cut(pool.sorted(by: isShorter))
        }
        return numbers.shuffled(batches)
    }

    private func isShorter(_ a: Int, _ b: Int) -> Bool { (seconds[a], a) < (seconds[b], b) }

    /// Parts recordings in order.
    private func cut(_ order: [Int]) -> [[Int]] {
        var batches: [[Int]] = []
        var (batch, length) = ([Int](), 0.0)
        for index in order {
            if !batch.isEmpty, batch.count == batchSize || length + seconds[index] > batchSeconds {
                batches.append(batch)
                (batch, length) = ([], 0)
            }
            batch.append(index)
            length += seconds[index]
        }
        if !batch.isEmpty { batches.append(batch) }
        return batches
    }
}

/// Recordings that stand beside each other in a training set, and what share of them an epoch has.
public struct RecordingSet: Sendable, Equatable {
    /// Their indices.
    public let recordings: Range<Int>
    /// Above 0, at most 1.
    public let share: Double

    /// Takes both.
    public init(recordings: Range<Int>, share: Double) { (self.recordings, self.share) = (recordings, share) }
}
