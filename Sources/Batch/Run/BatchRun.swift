import AudioIO
import Files
import Foundation
import Transcription

/// Transcribes all recordings of folders, files and lists into an output folder, and does what is missing when it is run
/// again.
///
/// ```swift
/// let run = try BatchRun(transcriber, settings: settings, folder: BatchFolder("texts"), options: options)
/// let summary = try run.run(listed: { print($0.todo, "to do") })
/// ```
public struct BatchRun: Sendable {
    /// What is asked of a run.
    public struct Options: Sendable {
        /// Where recordings come from.
        public var inputs: [BatchInput] = []
        /// Whether folders in folders are looked into.
        public var isRecursive = false
        /// In which formats results are written.
        public var formats: [TranscriptFormat] = [.text]
        /// Which channels are heard.
        public var channels = ChannelSelection.mixDown
        /// The part of the recordings that this process does; nil: all.
        public var shard: Shard?
        /// Does again what failed before.
        public var retriesFailed = false
        /// Does again what is done with another model or other options.
        public var isForced = false
        /// Keeps a sum over each recording's bytes, and tells by it whether one has changed whose time has.
        public var comparesContent = false
        /// Files that changed within the last so many seconds are left for another run: they may still be written.
        public var settledFor = 0.0
        /// Megabytes that the process may take; nil: what the threads need.
        public var megabytes: Int?

        /// The defaults.
        public init() {}
    }

    /// How a run ended.
    public struct Summary: Sendable {
        /// What this process did.
        public let progress: BatchProgress
        /// How all that was listed stands.
        public let counts: LedgerCounts
        /// Recordings that failed in this run, the first ten by path.
        public let failed: [LedgerRecording]
        /// Recordings that failed before and were not tried again, the first ten by path.
        public let failedBefore: [LedgerRecording]
        /// Recordings that are damaged, the first ten by path.
        public let damaged: [LedgerRecording]
        /// Folders that could not be read, a line each.
        public let problems: [String]
        /// Whether an end was asked for before all was done.
        public let wasStopped: Bool

        /// Whether every recording that was listed has its result, whole, or another process is about it.
        public var isComplete: Bool {
            problems.isEmpty && counts.failed + counts.damaged == 0 && counts.todo == counts.working
        }
    }

    /// Batches of the network that run at once.
    public let workers: Int

    private let transcriber: Transcriber
    private let settings: RunSettings
    private let folder: BatchFolder
    private let options: Options

    /// - Parameters:
    ///   - transcriber: at most as many threads run at once as it has.
    ///   - settings: of the transcriber.
    ///   - folder: what results are written to; it is made where it is missing.
    /// - Throws: ``BatchError`` where the bound on memory is too low.
    public init(_ transcriber: Transcriber, settings: RunSettings, folder: BatchFolder, options: Options) throws {
        let model = transcriber.model
        workers = try MemoryPlan(model, threads: transcriber.threads, megabytes: options.megabytes).workers
        // A long recording's windows are shared out to no more threads than a layer has directions: with more, their
        // batches would be others, and so would be the last bits of the results.
        self.transcriber = Transcriber(
            model: model, threads: min(transcriber.threads, model.encoder.layers[0].directions.count),
            windows: transcriber.windows, decoder: transcriber.decoder)
        (self.settings, self.folder, self.options) = (settings, folder, options)
    }

    /// Lists, does what is to be done, and writes the results of all together.
    /// - Parameters:
    ///   - isRepeated: whether this only looks again, as somebody does who watches a folder: what is done or failed is not tried
    ///     again then, whatever the options say.
    ///   - isStopped: whether an end is asked for; what is under way is finished, but for long recordings.
    ///   - listed: is told what there is to do, before it is done.
    ///   - progress: is called now and then.
    /// - Throws: ``BatchError`` where the run cannot begin or go on; what is done stays done.
    public func run(
        isRepeated: Bool = false, isStopped: @escaping @Sendable () -> Bool = { false },
        listed: (ListingCounts) -> Void = { _ in },
        progress: @escaping @Sendable (BatchProgress) -> Void = { _ in }
    ) throws -> Summary {
        let begin = Date().timeIntervalSince1970
        try folder.prepare()
        try folder.check(options.shard)
        ProcessLock.tidy(folder.hidden)
        let lock = try ProcessLock(in: folder.hidden)
        let ledger = try Ledger(folder.ledger(options.shard), .making)
        let claimant = Claimant(token: lock.token, settings: try settings.key, formats: options.formats)
        let work = LedgerQueue(ledger, claimant, lock: lock, folder: folder, channel: options.channels.number)
        try ledger.releaseClaims(ofEnded: work.hasEnded)
        defer { try? ledger.releaseClaims(of: lock.token) }

        var (counts, problems) = try ProcessLock.alone("listing", in: folder.hidden) {
            try list(ledger, isRepeated: isRepeated)
        }
        listed(counts)
        var done = BatchProgress()
        var isRewritten = true
        if counts.rewritten > 0 {
            let (unplaced, isComplete) = try work.rewrite(options.formats, isStopped: isStopped)
            problems += unplaced
            isRewritten = isComplete
        }
        if try ledger.counts(ofListed: true).todo > 0 {
            try ledger.begin(lock.token)
            var pipelineOptions = Pipeline.Options()
            pipelineOptions.channels = options.channels
            pipelineOptions.makesHash = options.comparesContent
            pipelineOptions.isStopped = isStopped
            pipelineOptions.progress = progress
            pipelineOptions.journals = (
                folder.hidden, "\(settings.fingerprint)\n\(settings.options["channel"] ?? "mix")"
            )
            done = try Pipeline(transcriber, workers: workers, options: pipelineOptions, from: work, to: work).run()
        }
        try ledger.releaseClaims(of: lock.token)
        // Who looks every few seconds need not write the same again.
        let isNew = done.recordings + counts.rewritten > 0 || folder.jsonLines(options.shard).status == nil
        if options.settledFor == 0 || isNew {
            try ResultExport(ledger).write(to: folder, options.shard, by: lock)
        }
        let after = try ledger.counts(ofListed: true)
        if options.shard == nil, after.todo == 0, try ledger.counts().working == 0 {
            PosteriorJournal.clear(folder.hidden)
        }
        func first(_ condition: String) throws -> [LedgerRecording] {
            try ledger.recordings(
                where: "\(condition) AND recordings.id IN (SELECT id FROM listed)", order: "path", limit: 10)
        }
        return Summary(
            progress: done, counts: after, failed: try first("state = 'failed' AND finished >= \(begin)"),
            failedBefore: try first("state = 'failed' AND finished < \(begin)"),
            damaged: try first("state = 'done' AND damaged"), problems: problems,
            wasStopped: isStopped() && (after.todo > 0 || !isRewritten))
    }

    private func list(_ ledger: Ledger, isRepeated: Bool) throws -> (ListingCounts, problems: [String]) {
        let listing = try LedgerListing(
            ledger,
            ListingOptions(
                settings: settings, formats: options.formats, folder: folder.path,
                retriesFailed: options.retriesFailed && !isRepeated, isForced: options.isForced && !isRepeated,
                comparesContent: options.comparesContent))
        var files = InputFiles(isRecursive: options.isRecursive, output: folder.path.status?.identity)
        // A recorder whose clock is wrong dates its files into the future: these are not waited for.
        let now = Date().timeIntervalSince1970
        let unsettled = Int64((now - options.settledFor) * 1e9)...Int64(now * 1e9)
        try files.forEach(in: options.inputs) { file in
            guard options.settledFor == 0 || !unsettled.contains(file.modified) else { return }
            if options.shard?.takes(file.mirrored) ?? true { try listing.add(file) }
        }
        let problems = files.problems.map { "\(BatchError.reading($0.folder, code: $0.code))" }
        var counts = try listing.finish()
        counts.foldersPassedOver = files.foldersPassedOver
        return (counts, problems)
    }
}
