import Foundation

/// Threads over independent work: directions of a layer, utterances, shards of a batch.
public enum Parallel {
    /// The number of cores that this process may use.
    public static let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// Calls `body` with 0 ..< count, on at most `threads` threads, and returns when all calls have. A body may call
    /// this again.
    public static func forEach(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
        let helpers = min(count, threads) - 1
        guard helpers > 0 else {
            for index in 0..<count { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            let job = Job(count: count, body: body)
            WorkerPool.shared.offer(job, to: helpers)
            job.work()
            job.waitForOthers()
        }
    }
}

extension Parallel {
    /// The results of `body` for 0 ..< count, in order, computed on at most `threads` threads.
    public static func map<Result: Sendable>(
        _ count: Int, threads: Int, _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        [Result](unsafeUninitializedCapacity: count) { buffer, initialised in
            nonisolated(unsafe) let slots = buffer
            forEach(count, threads: threads) { index in
                slots.initializeElement(at: index, to: body(index))  // each slot is one thread's alone
            }
            initialised = count
        }
    }
}

/// Indices to be worked on by whoever comes.
private final class Job: @unchecked Sendable {  // its state is behind `condition`
    private var body: ((Int) -> Void)?
    private let count: Int
    private var next = 0
    private var finished = 0
    private let condition = NSCondition()

    init(count: Int, body: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.body = body
    }

    /// Works until no index is left. A worker that comes too late finds none.
    func work() {
        while let index = take() {
            call(index)
            condition.withLock {
                finished += 1
                if finished == count { condition.signal() }
            }
        }
    }

    /// A function of its own, so that nothing holds the body any more when the index is counted as finished.
    @inline(never) private func call(_ index: Int) { body?(index) }

    private func take() -> Int? {
        condition.withLock {
            guard next < count else { return nil }
            defer { next += 1 }
            return next
        }
    }

    /// Waits until all is done, and lets go of the body: workers that come later find the job empty.
    func waitForOthers() {
        condition.withLock {
            while finished < count { condition.wait() }
            body = nil
        }
    }
}

/// Threads that wait for jobs, as many as were ever asked for at once.
///
/// Dispatch's `concurrentPerform` was tried: on Linux it often ran both directions of a layer on one core for seconds.
private final class WorkerPool: @unchecked Sendable {  // its state is behind `condition`
    static let shared = WorkerPool()

    private var offers: [Job] = []
    private var workers = 0
    private let condition = NSCondition()

    func offer(_ job: Job, to helpers: Int) {
        condition.withLock {
            while workers < helpers {
                workers += 1
                let thread = Thread { self.serve() }
                thread.name = "utter worker \(workers)"
                thread.stackSize = 8 << 20
                thread.start()
            }
            offers += [Job](repeating: job, count: helpers)
            for _ in 0..<helpers { condition.signal() }
        }
    }

    private func serve() {
        while true {
            let job = condition.withLock {
                while offers.isEmpty { condition.wait() }
                return offers.removeFirst()
            }
            job.work()
        }
    }
}
