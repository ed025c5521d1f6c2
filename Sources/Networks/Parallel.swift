import Dispatch
import Foundation

/// Threads over independent work: directions of a layer, utterances, shards of a batch.
public enum Parallel {
    /// The number of cores that this process may use.
    public static let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// Calls `body` with 0 ..< count, on at most `threads` threads, and returns when all calls have.
    public static func forEach(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
        let workers = min(count, threads)
        guard workers > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for index in stride(from: worker, to: count, by: workers) { body(index) }
        }
    }
}
