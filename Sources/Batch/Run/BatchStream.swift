import AudioIO
import Files
import Foundation
import Messages
import Transcription

/// Paths in, an object of JSON out for each, in the order in which they are done: for programs that give out work
/// themselves, such as Apache Spark. Nothing is remembered.
///
/// A line is what `transcribe --format json` writes; of a recording without a transcript it has `file`, `error` and `kind`.
public struct BatchStream: Sendable {
    /// How a stream ended.
    public struct Summary: Sendable {
        /// What was done.
        public let progress: BatchProgress
        /// How many have no transcript, or a damaged recording.
        public let bad: Int
    }

    /// Batches of the network that run at once.
    public let workers: Int

    private let transcriber: Transcriber
    private let channels: ChannelSelection

    /// - Parameters:
    ///   - transcriber: at most as many threads run at once as it has.
    ///   - channels: which channels are heard.
    ///   - megabytes: what the process may take; nil: what the threads need.
    /// - Throws: ``BatchError`` where the bound on memory is too low.
    public init(_ transcriber: Transcriber, channels: ChannelSelection = .mixDown, megabytes: Int? = nil) throws {
        workers = try MemoryPlan(transcriber.model, threads: transcriber.threads, megabytes: megabytes).workers
        (self.transcriber, self.channels) = (transcriber, channels)
    }

    /// Does all that a list names.
    /// - Parameters:
    ///   - list: see ``BatchInput/list(_:)``.
    ///   - write: takes lines, with their ends.
    /// - Throws: ``BatchError`` where the list cannot be read; what `write` throws.
    public func run(
        _ list: RawPath, progress: @escaping @Sendable (BatchProgress) -> Void = { _ in },
        write: @escaping @Sendable (String) throws -> Void
    ) throws -> Summary {
        let queue = StreamQueue(try PathList(list), write)
        var options = Pipeline.Options()
        options.channels = channels
        options.progress = progress
        let single = Transcriber(
            model: transcriber.model, threads: 1, windows: transcriber.windows, decoder: transcriber.decoder)
        let done = try Pipeline(single, workers: workers, options: options, from: queue, to: queue).run()
        return Summary(progress: done, bad: queue.bad)
    }
}

/// A list of paths and a writer of lines as the two ends of a pipeline.
private final class StreamQueue: WorkSource, OutcomeSink, @unchecked Sendable {
    // The list is read by one thread at a time, and `bad` changed by one; both are the pipeline's promise.
    private let list: PathList
    private let write: @Sendable (String) throws -> Void
    private(set) var bad = 0

    init(_ list: PathList, _ write: @escaping @Sendable (String) throws -> Void) {
        (self.list, self.write) = (list, write)
    }

    /// As many as are there already, a batch at most: who writes a line and waits for the answer gets one.
    func next() throws -> [WorkItem] {
        var items: [WorkItem] = []
        while items.isEmpty || (items.count < LedgerListing.recordingsInBatch && list.hasMore),
            let path = try list.next()
        {
            items.append(
                WorkItem(
                    id: 0, path: path, name: path.text, output: path, size: 0, formats: [], isNamed: true,
                    isWanted: true))
        }
        return items
    }

    func accept(_ outcomes: [Outcome]) throws {
        let json = JSONWriter()
        var lines = ""
        for outcome in outcomes {
            switch outcome.result {
            case .transcript(let transcript):
                if transcript.isDamaged { bad += 1 }
                lines += try json.body(of: transcript)
            case .failure(let failure):
                bad += 1
                lines +=
                    try JSONLine.encode(
                        FailureRecord(file: outcome.item.name, error: failure.description, kind: failure.kind)) + "\n"
            case .noRecording: break
            }
        }
        try write(lines)
    }
}
