import Foundation
import Networks

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
func mapInParallel<Result: Sendable>(
    _ count: Int, threads: Int, seconds: @Sendable (Result) -> Double = { _ in 0 },
    progress: @Sendable (RowProgress) -> Void, _ body: @Sendable (Int) -> Result
) -> [Result] {
    let slots = Slots<Result>(count: count)
    Parallel.forEach(count, threads: threads) { index in
        let result = body(index)
        slots.store(result, at: index, seconds: seconds(result), progress)
    }
    return slots.values.compactMap(\.self)
}

/// Results of several threads.
private final class Slots<Result: Sendable>: @unchecked Sendable {  // its state is behind `lock`
    private(set) var values: [Result?]
    private var done = 0
    private var seconds = 0.0
    private let lock = NSLock()

    init(count: Int) { values = [Result?](repeating: nil, count: count) }

    func store(_ value: Result, at index: Int, seconds more: Double, _ progress: (RowProgress) -> Void) {
        lock.withLock {
            values[index] = value
            done += 1
            seconds += more
            progress(RowProgress(done: done, total: values.count, seconds: seconds))
        }
    }
}
