import AudioIO
import Files
import Foundation
import Transcription

/// Reading, features, network, decoding and writing side by side, in bounded memory.
///
/// Readers make utterances of a batch's recordings; workers run the network over a batch and decode it, each by itself
/// and single-threaded, so that no core waits for another; one thread writes. Between them are queues of a few batches.
/// A recording longer than a window is read by the worker itself, window by window.
final class Pipeline: @unchecked Sendable {  // its state is behind `condition`
    struct Options: Sendable {
        var channels = ChannelSelection.mixDown
        /// Whether a sum over each recording's bytes is made.
        var makesHash = false
        /// Whether an end was asked for: what is under way is finished, but for long recordings.
        var isStopped: @Sendable () -> Bool = { false }
        var progress: @Sendable (BatchProgress) -> Void = { _ in }
        /// Where what the network said of long recordings is kept until they are done, and the key of model and channel; nil:
        /// nowhere.
        var journals: (folder: RawPath, key: String)?
    }

    private let transcriber: Transcriber
    private let workers: Int
    private let options: Options
    private let source: any WorkSource
    private let sink: any OutcomeSink

    private enum Job {
        case batch([(item: WorkItem, utterance: Utterance, hash: String?)])
        case long(WorkItem, hash: String?)
    }

    private let condition = NSCondition()
    private let sourceLock = NSLock()
    private var jobs: [Job] = []
    private var outcomes: [Outcome] = []
    private var readersAtWork: Int
    private var workersAtWork: Int
    private var rolesAtWork = 0
    private var failure: (any Error)?
    private var done = BatchProgress()

    /// The thread that writes takes so many results at once, or what there is after a while.
    private static let resultsAtOnce = 64
    /// (A caller of a stream that waits for its answer gets it then.)
    private static let longestWait = 0.5
    /// More results than these wait for the disk, and workers for them.
    private static let resultsWaiting = 256

    /// - Parameter transcriber: its threads are those of a recording that is longer than a window.
    init(
        _ transcriber: Transcriber, workers: Int, options: Options, from source: any WorkSource,
        to sink: any OutcomeSink
    ) {
        (self.transcriber, self.workers, self.options) = (transcriber, workers, options)
        (self.source, self.sink) = (source, sink)
        // Reading and features take a tenth of the network's time.
        readersAtWork = max(1, workers / 4)
        workersAtWork = workers
    }

    /// Does all the work there is, and returns what was done.
    /// - Throws: what the source or the sink throws; what the sink has taken is done.
    func run() throws -> BatchProgress {
        // Threads of their own: these wait for each other, and those of `Parallel` may not.
        let roles: [@Sendable () throws -> Void] =
            [write] + Array(repeating: read, count: readersAtWork) + Array(repeating: work, count: workers)
        rolesAtWork = roles.count
        for role in roles {
            let thread = Thread { self.play(role) }
            thread.name = "utter batch"
            thread.stackSize = 8 << 20
            thread.start()
        }
        return try condition.withLock {
            while rolesAtWork > 0 { condition.wait() }
            if let failure { throw failure }
            return done
        }
    }

    private func play(_ role: () throws -> Void) {
        var problem: (any Error)?
        do {
            try role()
        } catch is Stopped {
            // Somebody else has failed, or an end was asked for.
        } catch {
            problem = error
        }
        condition.withLock {
            failure = failure ?? problem
            rolesAtWork -= 1
            condition.broadcast()
        }
    }

    private struct Stopped: Error {}

    /// Under the lock.
    private var isStopping: Bool { failure != nil || options.isStopped() }

    // MARK: Readers

    private func read() throws {
        defer {
            condition.withLock {
                readersAtWork -= 1
                condition.broadcast()
            }
        }
        while !options.isStopped() {
            let items = try sourceLock.withLock { try source.next() }
            if items.isEmpty { return }
            var batch: [(item: WorkItem, utterance: Utterance, hash: String?)] = []
            var failed: [Outcome] = []
            for item in items {
                if options.isStopped() { return }
                do {
                    let (reader, hash) = try open(item)
                    if let utterance = try transcriber.utterance(reader) {
                        batch.append((item, utterance, hash))
                    } else if item.isWanted {
                        try offer(.long(item, hash: hash))
                    }
                } catch let error as Stopped {
                    throw error
                } catch {
                    if item.isWanted { failed.append(Outcome(item: item, result: Self.result(of: error, item))) }
                }
            }
            deliver(failed, seconds: 0, bytes: Self.bytes(failed.map(\.item)))
            // What is done is read again only where it shares a batch with what is not.
            guard batch.contains(where: \.item.isWanted) else { continue }
            for part in Self.parts(of: batch) { try offer(.batch(part)) }
        }
    }

    private func open(_ item: WorkItem) throws -> (reader: AudioReader, hash: String?) {
        let descriptor = Foundation.open(item.path.cString, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR, ELOOP: throw AudioError.doesNotExist(path: item.name)
            case EACCES, EPERM: throw AudioError.notReadable(path: item.name)
            case let code: throw AudioError.inputOutput(path: item.name, reason: FileError.words(of: code))
            }
        }
        let hash = options.makesHash ? try? RunSettings.sum(of: descriptor, item.path) : nil
        let reader = try AudioReader(
            descriptor: descriptor, name: item.name, sampleRate: transcriber.model.frontEnd.options.sampleRate,
            channels: options.channels)
        return (reader, hash)
    }

    private static func result(of error: any Error, _ item: WorkItem) -> Outcome.Result {
        // What is called a recording and is none is missed by somebody: a page that a download gave in its place, say.
        if case AudioError.notAudio = error, !item.isNamed, !item.path.isCalledRecording { return .noRecording }
        return .failure(RecordingFailure(error))
    }

    /// A batch whose utterances are longer than fits into memory, in parts; utterances of like length together.
    private static func parts(
        of batch: [(item: WorkItem, utterance: Utterance, hash: String?)]
    ) -> [[(item: WorkItem, utterance: Utterance, hash: String?)]] {
        let order = batch.indices.sorted {
            (batch[$1].utterance.steps, $0) < (batch[$0].utterance.steps, $1)
        }
        var parts: [[(item: WorkItem, utterance: Utterance, hash: String?)]] = []
        var steps = Int.max
        for index in order {
            let mine = batch[index].utterance.steps
            if steps > MemoryPlan.stepsInBatch - mine {
                parts.append([])
                steps = 0
            }
            parts[parts.count - 1].append(batch[index])
            steps += mine
        }
        return parts.filter { $0.contains(where: \.item.isWanted) }
    }

    private func offer(_ job: Job) throws {
        condition.lock()
        defer { condition.unlock() }
        while jobs.count > workers, !isStopping { condition.wait() }
        if isStopping { throw Stopped() }
        jobs.append(job)
        condition.broadcast()
    }

    // MARK: Workers

    private func work() throws {
        defer {
            condition.withLock {
                workersAtWork -= 1
                condition.broadcast()
            }
        }
        while let job = nextJob() {
            switch job {
            case .batch(let batch):
                let results = transcriber.transcripts(of: batch.map(\.utterance))
                let wanted = zip(batch, results).filter(\.0.item.isWanted)
                deliver(
                    wanted.map { part, result in
                        Outcome(item: part.item, result: Self.result(result, part.item), hash: part.hash)
                    }, seconds: wanted.reduce(0) { $0 + $1.0.utterance.duration },
                    bytes: Self.bytes(wanted.map(\.0.item)))
            case .long(let item, let hash):
                let journal = journal(of: item)
                guard let (result, seconds, bytes) = transcribe(item, journal) else { return }
                var outcome = Outcome(item: item, result: Self.result(result, item), hash: hash)
                outcome.journal = journal?.path
                deliver([outcome], seconds: seconds, bytes: bytes)
            }
        }
    }

    private func nextJob() -> Job? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty, readersAtWork > 0, !isStopping { condition.wait() }
        guard !isStopping, !jobs.isEmpty else { return nil }
        defer { condition.broadcast() }
        return jobs.removeFirst()
    }

    private static func result(_ result: Result<Transcript, any Error>, _ item: WorkItem) -> Outcome.Result {
        switch result {
        case .success(let transcript): .transcript(transcript)
        case .failure(let error): Self.result(of: error, item)
        }
    }

    /// A recording longer than a window, and its seconds and bytes that were not told yet; nil where the run was stopped.
    private func transcribe(
        _ item: WorkItem, _ journal: PosteriorJournal?
    ) -> (result: Result<Transcript, any Error>, seconds: Double, bytes: Int64)? {
        let size = max(0, item.size)
        var (seconds, bytes) = (0.0, Int64(0))
        do {
            var hearing = Hearing()
            hearing.memory = journal
            hearing.progress = { [self] progress in
                if condition.withLock({ isStopping }) { throw Stopped() }
                let new = progress.seconds - seconds
                guard new > 30 else { return }
                let part = progress.total.map { Int64(Double(size) * min(1, new / max($0, 1))) } ?? 0
                tell {
                    $0.seconds += new
                    $0.bytes += min(part, size - bytes)
                }
                (seconds, bytes) = (progress.seconds, min(size, bytes + part))
            }
            let transcript = try transcriber.transcribe(open(item).reader, hearing: hearing)
            return (.success(transcript), transcript.duration - seconds, size - bytes)
        } catch is Stopped {
            return nil
        } catch {
            return (.failure(error), 0, size - bytes)
        }
    }

    /// The journal of a recording as it is now; nil where none is kept.
    private func journal(of item: WorkItem) -> PosteriorJournal? {
        guard let (folder, key) = options.journals, let status = item.path.status, status.isFile else { return nil }
        let (size, modified, identity) = (status.st_size, status.modified, status.identity)
        return PosteriorJournal(
            in: folder, of: item.path, key: "\(key)\n\(size)\n\(modified)\n\(identity.device) \(identity.number)",
            columns: transcriber.model.posteriorColumns)
    }

    private static func bytes(_ items: [WorkItem]) -> Int64 { items.reduce(0) { $0 + max(0, $1.size) } }

    private func tell(_ change: (inout BatchProgress) -> Void) {
        options.progress(
            condition.withLock {
                change(&done)
                return done
            })
    }

    /// Gives results to the thread that writes.
    private func deliver(_ results: [Outcome], seconds: Double, bytes: Int64) {
        guard !results.isEmpty else { return }
        condition.lock()
        while outcomes.count > Self.resultsWaiting, failure == nil { condition.wait() }
        outcomes += results
        done.seconds += seconds
        done.bytes += bytes
        condition.broadcast()
        condition.unlock()
    }

    // MARK: The thread that writes

    private func write() throws {
        while let results = nextResults() {
            try sink.accept(results)
            tell { $0.recordings += results.count }
        }
    }

    private func nextResults() -> [Outcome]? {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: Self.longestWait)
        func isComing() -> Bool { (readersAtWork > 0 || workersAtWork > 0) && failure == nil }
        while outcomes.count < Self.resultsAtOnce, isComing() {
            if outcomes.isEmpty { condition.wait() } else if !condition.wait(until: deadline) { break }
        }
        defer {
            outcomes = []
            condition.broadcast()
        }
        return outcomes.isEmpty || failure != nil ? nil : outcomes
    }
}
