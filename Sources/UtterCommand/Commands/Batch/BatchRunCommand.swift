import ArgumentParser
import Batch
import Files
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter batch run`: the run itself.
struct BatchRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Transcribe folders of recordings into an output folder.",
        discussion: """
            Examples:
              utter batch audio --output texts
              utter batch --recursive --format json,srt --output subtitles audio
              utter batch --from audio/transcripts.jsonl --output texts
              find audio -name '*.wav' -print0 | utter batch --from - --output texts
              find audio -name '*.wav' | utter batch --from -
              utter batch --watch inbox --output texts

            The output folder mirrors the tree of the input, and has results.jsonl and results.csv for all. Run again, the \
            same command does what is missing, failed to be written or has changed. Without --output, a line of JSON for each path \
            of the list goes to standard output. The exit code is 1 if a recording failed or is damaged.
            """)

    @Argument(help: "Folders, files, or patterns such as 'talks/*/*.wav'.", completion: .file())
    var inputs: [String] = []

    @Option(
        help: "A list of paths, one a line, or a manifest of JSON lines; - for standard input.", completion: .file())
    var from: [String] = []

    @Option(name: .shortAndLong, help: "The output folder; it is made where it is missing.", completion: .directory)
    var output: String?

    @Flag(name: .shortAndLong, help: "Look into folders in folders.")
    var recursive = false

    @Option(name: .shortAndLong, help: "As of utter transcribe; several apart by commas.")
    var format = FormatList(.text)

    @Flag(help: "Go on when all is done, and do what comes into the folders, until Ctrl-C.")
    var watch = false

    @Flag(help: "Do again what failed before.")
    var retryFailed = false

    @Flag(help: "Do again what is done with another model or other options.")
    var force = false

    @Flag(
        help:
            "Keep a sum over each recording's bytes: one whose time has changed, but not its bytes, is not done again.")
    var checksum = false

    @Option(
        help: """
            Do one of N parts: I/N. Within a Slurm job array this is the array's own numbering, unless given.
            """)
    var shard: String?

    @Option(help: "Take no more memory than so many MB: fewer threads run where it does not suffice for all.")
    var maxMemory: Int?

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var decodingOptions: DecodingOptions

    @OptionGroup var channelOptions: ChannelOptions

    @OptionGroup var runOptions: RunOptions

    func validate() throws {
        guard !inputs.isEmpty || !from.isEmpty else {
            throw ValidationError("Nothing to transcribe: name folders or files, or a list with --from.")
        }
        if output == nil {
            guard inputs.isEmpty, from.count == 1 else {
                throw ValidationError("--output: name the folder for the results.")
            }
            if watch || retryFailed || force || checksum || shard != nil || recursive {
                throw ValidationError("Without --output nothing is remembered: give --output, or --from alone.")
            }
        }
        if watch, from.contains(where: StandardStream.isNamed) {
            throw ValidationError(
                "--watch looks again and again, standard input can be read once: name files or folders.")
        }
        if from.filter(StandardStream.isNamed).count > 1 {
            throw ValidationError("- stands for standard input, which can be read once; give it once.")
        }
        if decodingOptions.inputs.contains(StandardStream.path) {
            throw ValidationError("What steers the search is read again when a run goes on: give a file in place of -.")
        }
        if let shard, Shard(shard) == nil {
            throw ValidationError("--shard \(shard): give I/N, such as 1/4; N is at most \(Shard.most).")
        }
        if let maxMemory, maxMemory < 1 { throw ValidationError("--max-memory \(maxMemory): give megabytes.") }
    }

    func run() throws {
        let log = runOptions.log
        let modelPath = try DefaultModel.path(named: modelOptions.model)
        let model = try AcousticModel(path: modelPath)
        let decoder = try decodingOptions.decoder(for: model, at: modelPath)
        let transcriber = Transcriber(model: model, threads: runOptions.threadCount, decoder: decoder)
        let lists = RawArguments.paths(of: inputs + from)
        guard let output else { return try stream(lists[0], transcriber, log) }

        let settings = try RunSettings(
            model: model.name, path: modelPath,
            options: decodingOptions.settings(decoder, channel: channelOptions.channel),
            files: decodingOptions.settingsFiles(modelPath, decoder))
        var options = BatchRun.Options()
        options.inputs =
            lists.prefix(inputs.count).map(BatchInput.path) + lists.dropFirst(inputs.count).map(BatchInput.list)
        options.isRecursive = recursive
        options.formats = format.formats
        options.channels = channelOptions.selection
        options.shard = try shard.flatMap(Shard.init) ?? Shard.fromSlurm(ProcessInfo.processInfo.environment)
        options.retriesFailed = retryFailed
        options.isForced = force
        options.comparesContent = checksum
        options.megabytes = maxMemory
        // A file that is still being written, or copied, changes every moment.
        if watch { options.settledFor = 3 }
        let run = try BatchRun(transcriber, settings: settings, folder: BatchFolder(output), options: options)
        tell(workers: run.workers, of: transcriber, log)
        let interruption = Interruption {
            log.notice("stopping after what is under way; Ctrl-C once more stops at once")
        }
        guard watch else { return try self.run(run, in: output, options.shard, interruption, log) }
        try self.watch(run, in: output, options.shard, interruption, log)
    }

    /// Looks into the folders every few seconds until somebody wants an end.
    private func watch(
        _ run: BatchRun, in output: String, _ shard: Shard?, _ interruption: Interruption, _ log: Logger
    ) throws {
        log.notice("watching; Ctrl-C ends")
        var isRepeated = false
        while !interruption.isRequested {
            do {
                defer { isRepeated = true }
                try self.run(run, in: output, shard, interruption, log, isRepeated: isRepeated)
            } catch let code as ExitCode where code == .failure {
                // What failed was told; more may come.
            }
            for _ in 0..<20 where !interruption.isRequested { usleep(100_000) }
        }
        throw ExitCode(130)
    }

    private func tell(workers: Int, of transcriber: Transcriber, _ log: Logger) {
        guard workers < transcriber.threads else { return }
        log.notice("--max-memory suffices for \(workers) of \(transcriber.threads) threads")
    }

    private func run(
        _ run: BatchRun, in output: String, _ shard: Shard?, _ interruption: Interruption, _ log: Logger,
        isRepeated: Bool = false
    ) throws {
        let report = BatchProgressReport(quiet: runOptions.quiet, name: shard.map { "shard \($0)" } ?? "transcribing")
        let begin = Date()
        var folders: ListingCounts?
        let summary = try run.run(
            isRepeated: isRepeated, isStopped: { interruption.isRequested },
            listed: { counts in
                if watch, counts.todo + counts.rewritten == 0 { return }
                if counts.foldersPassedOver > 0 { folders = counts }
                log.notice("\(BatchProgressReport.announcement(counts, shard: shard))")
                report.begin(counts)
            }, progress: report.show)
        report.clear()
        if !watch || summary.progress.recordings > 0 {
            tell(summary, seconds: Date().timeIntervalSince(begin), in: output, log)
        }
        if let folders, summary.counts.done + summary.counts.failed + summary.counts.todo == 0 {
            Standard.error(
                "warning: no recording was found, but \(BatchProgressReport.folders(folders)): give --recursive to look "
                    + "into \(folders.foldersPassedOver == 1 ? "it" : "them")")
        }
        if summary.wasStopped {
            Standard.error("\(OneLine.file(output)): stopped; the same command goes on")
            throw ExitCode(130)
        }
        let left = summary.counts.todo - summary.counts.working
        if left > 0 {
            log.error("\(OneLine.file(output)): \(Grouped.text(left)) are left to do: run the same command again")
        }
        if !summary.isComplete { throw ExitCode.failure }
    }

    private func tell(_ summary: BatchRun.Summary, seconds: Double, in output: String, _ log: Logger) {
        for problem in summary.problems { log.error("\(problem)") }
        // Of those that failed before, the exit code speaks where somebody wants quiet.
        let failed = summary.failed + (runOptions.quiet || watch ? [] : summary.failedBefore)
        for recording in failed.prefix(10) { log.error("\(recording.error ?? recording.name)") }
        for recording in summary.damaged {
            Standard.error("warning: \(OneLine.file(recording.name)): \(recording.warnings.joined(separator: "; "))")
        }
        let shown = min(10, failed.count) + summary.damaged.count
        let bad = summary.counts.failed + summary.counts.damaged
        if bad > shown, !runOptions.quiet || summary.failed.count > 9 {
            log.error("\(bad - shown) more recordings like these: utter batch report \(output)")
        }
        let done = BatchProgressReport.done(summary.progress, seconds: seconds)
        let counts = summary.counts
        let all =
            "in all \(Grouped.text(counts.done)) done, \(Grouped.text(counts.failed)) failed, "
            + "\(Grouped.text(counts.damaged)) damaged"
            + (counts.others > 0 ? ", \(Grouped.text(counts.others)) passed over that are no recordings" : "")
        log.notice("\(OneLine.file(output)): \(done); \(all)")
    }

    private func stream(_ list: RawPath, _ transcriber: Transcriber, _ log: Logger) throws {
        guard format.formats == [.text] || format.formats == [.json] else {
            throw CommandError("without --output the results are lines of JSON: give --output for other formats")
        }
        let stream = try BatchStream(transcriber, channels: channelOptions.selection, megabytes: maxMemory)
        tell(workers: stream.workers, of: transcriber, log)
        let report = BatchProgressReport(quiet: runOptions.quiet, name: "transcribing")
        let begin = Date()
        let summary = try stream.run(list, progress: report.show) { lines in
            guard Descriptor.write(lines, to: STDOUT_FILENO) else { throw ResultWriter.Failure(path: nil, errno) }
        }
        report.clear()
        let done = BatchProgressReport.done(summary.progress, seconds: Date().timeIntervalSince(begin))
        log.notice("\(done), \(summary.bad) of them failed or damaged")
        if summary.bad > 0 { throw ExitCode.failure }
    }
}

extension DecodingOptions {
    /// What steers the search and is no file, and which channel is heard, by name.
    func settings(_ decoder: Decoder?, channel: Int?) -> [String: String] {
        var settings: [String: String] = [:]
        if let channel { settings["channel"] = "\(channel)" }
        guard let decoder else { return settings }
        settings["beam"] = "\(decoder.options.beam)"
        settings["n-best"] = "\(nBest)"
        if decoder.hasLanguageModel {
            settings["lm-weight"] = "\(decoder.weights.languageModelWeight)"
            settings["word-bonus"] = "\(decoder.weights.wordBonus)"
            settings["known-words"] = "\(knownWords)"
            if decoder.pendingWords != nil {
                let phones = decoder.weights.spoken
                settings["phones"] =
                    "\(phones.joinedWords), \(phones.pronunciation), \(phones.blank), \(phones.unknownWord), \(phones.unknownPhone)"
            }
            if let scale = decoder.weights.confidence { settings["confidence"] = "\(scale.slope), \(scale.offset)" }
        }
        if grammar != nil { settings["grammar-threshold"] = "\(grammarThreshold)" }
        return settings
    }

    /// The files that steer the search, by name.
    func settingsFiles(_ modelPath: String, _ decoder: Decoder?) -> [String: String] {
        let configuration = configuration(model: modelPath)
        var files: [String: String] = [:]
        files["lm"] = configuration.languageModelPath(modelPath)
        files["general-lm"] = decoder?.generalModel
        if decoder?.goesByPhones ?? false { files["lexicon"] = configuration.lexiconPath(modelPath) }
        files["hot-words"] = hotWords
        files["grammar"] = grammar
        return files
    }
}
