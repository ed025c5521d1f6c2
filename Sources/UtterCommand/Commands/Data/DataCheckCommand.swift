import Messages
import ArgumentParser
import Foundation
import UtterTraining

/// `utter data check`: all that can be wrong with data, before an hour is spent on training.
struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look at all recordings and texts before training with them.",
        discussion: """
            Examples:
              utter data check audio/transcripts.jsonl
              utter data check audio/transcripts.jsonl --lexicon models/english.lexicon
              utter data check --train train.jsonl --dev dev.jsonl --speeds 0.9,1.0,1.1 \\
                --output good.jsonl

            Every recording is read from start to end. Findings are bad (the row cannot be used), doubtful (worth a look) \
            or notes. Characters that a model lacks are bad where --model or --vocabulary names what texts may be made of, \
            else a note: a model that is trained anew takes its characters from the texts. The exit code is 0 if the data can be used, 1 if more than --max-bad of the rows are bad.
            """)

    @Argument(help: "Manifests.", completion: .file())
    var manifests: [String] = []

    @Option(help: "A manifest for training; may be given several times.", completion: .file())
    var train: [String] = []

    @Option(
        help: "A manifest for measuring; what it shares with those for training is named. May be given several times.",
        completion: .file())
    var dev: [String] = []

    @OptionGroup var modelOptions: ModelOptions

    @Option(help: "The characters that texts may be made of, in place of a model's; the space always may.")
    var vocabulary: String?

    @Option(
        help: "A lexicon that the words of the texts must be in, or by which they can be guessed.",
        completion: .file())
    var lexicon: String?

    @Option(help: "Speeds at which recordings will be played in training, parted by commas.")
    var speeds = "1.0"

    @Option(parsing: .unconditional, help: "A recording whose peak is below this many dB of full scale is silent.")
    var silence = -50.0

    @Option(help: "The share of samples at full scale above which a recording is clipped.")
    var clipping = 0.001

    @Option(help: "Fewer characters a second than this are doubtful.")
    var minRate = 1.0

    @Option(help: "More characters a second than this are doubtful.")
    var maxRate = 25.0

    @Option(
        name: .shortAndLong, help: "Write the rows that are not bad to this manifest, with measured durations.",
        completion: .file())
    var output: String?

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    @OptionGroup var options: ManifestOptions

    func validate() throws {
        guard !(manifests + train + dev).isEmpty else {
            throw ValidationError("No manifest: give one, such as audio/transcripts.jsonl.")
        }
        if vocabulary != nil, modelOptions.model != nil {
            throw ValidationError("--vocabulary and --model: give one of them.")
        }
        _ = try speedValues()
        guard silence < 0, silence.isFinite else {
            throw ValidationError("--silence \(silence): give decibels below 0, such as -50.")
        }
        guard (0...1).contains(clipping) else {
            throw ValidationError("--clipping \(clipping): give a share from 0 to 1.")
        }
        guard minRate >= 0, minRate < maxRate else {
            throw ValidationError(
                "--min-rate \(minRate) --max-rate \(maxRate): the first must be 0 or more, and smaller.")
        }
    }

    private func speedValues() throws -> [Double] {
        try speeds.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let speed = Double(text.trimmingCharacters(in: .whitespaces)), (0.1...10).contains(speed) else {
                throw ValidationError("--speeds \(speeds): give numbers from 0.1 to 10, such as 0.9,1.0,1.1.")
            }
            return speed
        }
    }

    func run() throws {
        let log = options.log
        let inputs =
            manifests.map { CheckInput(path: $0) } + train.map { CheckInput(path: $0, role: .train) }
            + dev.map { CheckInput(path: $0, role: .dev) }
        let progress = ProgressLine(name: "checking", quiet: options.quiet)
        let check = try DataCheck(inputs, options: checkOptions(), progress: progress.show)
        progress.clear()
        if let output { try ManifestWriter.write(check.goodRows, to: output) }
        if json {
            try Standard.output(try JSONLine.encode(check.report))
        } else {
            try CheckTable(check.report).lines.forEach { try Standard.output($0) }
        }
        if let output { log.notice("\(output): \(check.goodRows.count) rows that are not bad") }
        if !check.report.isUsable { throw ExitCode.failure }
    }

    private func checkOptions() throws -> CheckOptions {
        var check = CheckOptions()
        check.speeds = try speedValues()
        check.silenceLevel = silence
        check.clippedShare = clipping
        check.charactersPerSecond = minRate...maxRate
        check.maxBad = options.maxBad
        check.threads = options.threadCount
        check.lexicon = lexicon ?? ""
        check.requiresCharacters = vocabulary != nil || modelOptions.model != nil
        if let vocabulary {
            check.characters = CharacterInventory(vocabulary)
        } else if modelOptions.model != nil || (try? DefaultModel.path(named: nil)) != nil {
            let model = try AcousticModel(path: DefaultModel.path(named: modelOptions.model))
            check.characters = CharacterInventory(model.textVocabulary, name: model.name)
            check.geometry = StepGeometry(model.frontEnd)
        }
        return check
    }
}
