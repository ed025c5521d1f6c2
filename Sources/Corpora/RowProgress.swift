import Foundation
import VectorKernels

/// How far work on many rows has come.
public struct RowProgress: Sendable {
    /// Rows done.
    public let done: Int
    /// Rows in all.
    public let total: Int
    /// Seconds of audio in the rows done, where that is known.
    public let seconds: Double

    /// Nobody looks.
    public static let ignore: @Sendable (RowProgress) -> Void = { _ in }
}

/// Maps 0 ..< count on several threads; the results stand in order, whichever was first.
/// - Parameters:
///   - seconds: how much audio a result stands for.
///   - progress: is called after each, by one thread at a time.
package func mapInParallel<Result: Sendable>(
    _ count: Int, threads: Int, seconds: @Sendable (Result) -> Double = { _ in 0 },
    progress: @Sendable (RowProgress) -> Void, _ body: @Sendable (Int) -> Result
) -> [Result] {
    let tally = Tally(total: count)
    return Parallel.map(count, threads: threads) { index in
        let result = body(index)
        tally.add(seconds(result), progress)
        return result
    }
}

/// What several threads have done so far.
package final class Tally: @unchecked Sendable {  // its state is behind `lock`
    private let total: Int
    private var done = 0
    private var seconds = 0.0
    private let lock = NSLock()

    package init(total: Int) { self.total = total }

    package func add(_ more: Double = 0, recordings: Int = 1, _ progress: (RowProgress) -> Void) {
        lock.withLock {
            done += recordings
            seconds += more
            progress(RowProgress(done: done, total: total, seconds: seconds))
        }
    }
}
