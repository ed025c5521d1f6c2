import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// `utter detector`: teaches a model to know sounds that are no speech.
struct DetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detector",
        abstract: "Teach a model which sounds are no speech, so that it writes nothing for them.",
        discussion: """
            Example:
              utter detector --model models/english-small.safetensors \\
                --speech audio/transcripts.jsonl --noise audio/sounds.jsonl \\
                --output taught.safetensors

            The model itself stays as it is: a linear layer on what its encoder gives learns to tell the recordings of one \
            manifest from those of the other, and becomes part of the model file. Every fifth recording of either is kept \
            apart, and what the detector does to these is printed. A hundred sounds of the kind that is met in use, and \
            some hundred recordings of speech, short ones among them, are a good beginning.
            """)

    @OptionGroup var modelOptions: ModelOptions

    @Option(help: "A manifest of recordings of speech; their texts are not looked at.", completion: .file())
    var speech: [String]

    @Option(help: "A manifest of recordings of anything but speech.", completion: .file())
    var noise: [String]

    @Option(name: .shortAndLong, help: "The model file that is written.", completion: .file())
    var output: String

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    @OptionGroup var options: ManifestOptions

    func run() throws {
        let path = try DefaultModel.path(named: modelOptions.model)
        var model = try AcousticModel(path: path)
        guard !model.head.kind.labelsRecordings else {
            throw CommandError(
                "\(OneLine.file(path)) labels recordings, and rejects by itself: teach it by utter adapt --other")
        }
        let rows = try [speech, noise].map { try $0.flatMap { try options.manifest($0).rows } }
        let progress = ProgressLine(name: "listening", quiet: options.quiet)
        let (detector, report, problems) = try DetectorTraining(model, threads: options.threadCount).run(
            speech: rows[0], noise: rows[1], progress: progress.show)
        progress.clear()
        options.log.report(failed: problems)
        if model.speechDetector != nil {
            options.log.notice("the model had a speech detector; this one takes its place")
        }
        model.speechDetector = detector
        try model.write(to: output)
        if json {
            try Standard.output(try JSONLine.encode(report))
        } else {
            try Standard.output("sounds kept apart             \(report.noise)")
            try Standard.output("  with words before           \(report.spelled)")
            try Standard.output("  with words now              \(report.left)")
            try Standard.output("stretches of speech kept apart \(report.stretches)")
            try Standard.output("  lost                        \(report.lost)")
        }
        if !problems.isEmpty { throw ExitCode.failure }
    }
}
