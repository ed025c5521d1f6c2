import ArgumentParser
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter posteriors`: what a model says of recordings, before any text is made of it.
struct PosteriorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "posteriors",
        abstract: "Write what a model says of recordings, step by step, to a file.",
        discussion: """
            Examples:
              utter posteriors audio/ten-seconds.wav --output ten.npy
              utter posteriors audio/*.wav --output heard.safetensors
              utter posteriors --manifest audio/transcripts.jsonl \\
                --output heard.safetensors

            For each recording a matrix [steps, classes] of natural log-probabilities. In .safetensors each stands under the \
            path by which the recording was named (here, or in the manifest), and the metadata have the vocabulary and the \
            seconds of a step; .npy holds one recording. utter lm tune --posteriors reads the file in place of the recordings. \
            docs/formats.md describes it.
            """)

    enum Format: String {
        case safetensors, npy
    }

    @Argument(help: "Recordings; - for standard input.", completion: .file())
    var files: [String] = []

    @Option(help: "A manifest whose recordings are heard, in place of files.", completion: .file())
    var manifest: String?

    @Option(
        name: .shortAndLong, help: "The file to write: .safetensors, or .npy for one recording.", completion: .file())
    var output: String

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var channelOptions: ChannelOptions

    @OptionGroup var options: ManifestOptions

    private var format: Format? { Format(rawValue: (output as NSString).pathExtension.lowercased()) }

    func validate() throws {
        guard files.isEmpty != (manifest == nil) else {
            throw ValidationError("Give recordings, or --manifest with a list of them.")
        }
        guard let format else {
            throw ValidationError("--output \(OneLine.escaped(output)): its ending must be .safetensors or .npy.")
        }
        guard format == .safetensors || Set(files).count == 1 else {
            throw ValidationError(
                "--output \(OneLine.escaped(output)): a .npy file holds one recording; name it .safetensors.")
        }
    }

    func run() throws {
        let modelPath = try DefaultModel.path(named: modelOptions.model)
        let model = try AcousticModel(path: modelPath)
        try ResultWriter.refuse(
            output, toReplace: files + [modelPath] + (manifest.map { [$0] } ?? []), option: "--output")
        let (posteriors, failed) = try manifest.map { try listen(toManifest: $0, model) } ?? listen(toFiles: model)
        guard !posteriors.isEmpty else { throw ExitCode.failure }
        if format == .npy, let only = posteriors.values.first {
            try NumPyFile.write(Tensor(shape: [only.steps, only.classes], values: only.values), to: output)
        } else {
            try PosteriorFile.write(posteriors, of: model, to: output)
        }
        if failed { throw ExitCode.failure }
    }

    private func listen(toFiles model: AcousticModel) -> (posteriors: [String: LogProbabilities], failed: Bool) {
        let transcriber = Transcriber(model: model, threads: options.threadCount)
        var posteriors: [String: LogProbabilities] = [:]
        var failed = false
        for file in files where posteriors[file] == nil {
            let progress = ProgressLine(name: file, quiet: options.quiet)
            do {
                posteriors[file] = try transcriber.posteriors(
                    of: file, channels: channelOptions.selection, progress: progress.show,
                    noticed: { warnings in
                        progress.clear()
                        if options.log.report(warnings, of: file) { failed = true }
                    })
            } catch {
                progress.clear()
                options.log.error("\(error)")
                failed = true
            }
        }
        return (posteriors, failed)
    }

    private func listen(
        toManifest path: String, _ model: AcousticModel
    ) throws -> (posteriors: [String: LogProbabilities], failed: Bool) {
        let rows = try options.manifest(path).rows
        let progress = ProgressLine(name: "listening", quiet: options.quiet)
        let heard = HeardPosteriors(
            of: rows, transcriber: Transcriber(model: model, threads: 1), channels: channelOptions.selection,
            threads: options.threadCount, progress: progress.show)
        progress.clear()
        options.log.report(failed: heard.problems)
        return (heard.posteriors, !heard.problems.isEmpty)
    }
}
