import ArgumentParser
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter convert`: a model with another front end.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a model to another front end: to MFCC, to another range, padding or normalization.",
        discussion: """
            Examples:
              utter convert models/english-small.safetensors --features mfcc \\
                --output mfcc.safetensors
              utter convert models/english-small.safetensors --normalization sound \\
                --range 16 --measure audio/transcripts.jsonl --output sound.safetensors

            To MFCC: a model of log-mel energies computes the same from as many cepstral coefficients; the inverse of the \
            cosine transform becomes part of the weights that read them. Another range, padding or normalization changes \
            what a model hears: measure it with utter evaluate, or train on with utter train --from. With --measure the \
            weights take up by how much the two normalizations differ on those recordings.
            """)

    enum Features: String, ExpressibleByArgument, CaseIterable {
        case mfcc
    }

    enum Normalization: String, ExpressibleByArgument, CaseIterable {
        case sound, utterance
    }

    @Argument(help: "The model file.", completion: .file())
    var model: String

    @Option(name: .shortAndLong, help: "The model file to write.", completion: .file())
    var output: String

    @Option(help: "mfcc: read cepstral coefficients, as many as mel bands, in place of log-mel energies.")
    var features: Features?

    @Option(help: "Frames whose mean is subtracted: sound (those that hold any) or utterance (all).")
    var normalization: Normalization?

    @Option(help: "Nats below the loudest at which log-mel energies are held, 1 to 1000; 0: not held.")
    var range: Double?

    @Option(help: "Milliseconds of silence put before and after a recording, 0 to 1000.")
    var padding: Double?

    @Option(
        help: "Recordings of speech on which the difference of the two normalizations is measured; a manifest.",
        completion: .file())
    var measure: String?

    @Flag(help: "Store weights in 16 bits: half the size, rounded to 11 bits of precision.")
    var half = false

    @OptionGroup var options: RunOptions

    func validate() throws {
        guard features != nil || normalization != nil || range != nil || padding != nil else {
            throw ValidationError("Nothing to convert: give --features, --normalization, --range or --padding.")
        }
        if let range, range != 0, !FrontEndDescription.ranges.contains(range) {
            throw ValidationError("--range \(range): give 1 to 1000, or 0 for none.")
        }
        if let padding, !FrontEndDescription.paddings.contains(padding) {
            throw ValidationError("--padding \(padding): give 0 to 1000.")
        }
    }

    func run() throws {
        let log = options.log
        var converted = try AcousticModel(path: model)
        let old = converted.frontEnd
        if normalization != nil, old.normalisation == .none {
            throw CommandError("\(OneLine.file(model)) subtracts no mean: leave out --normalization")
        }
        let frontEnd = changed(old)
        let offset = try measure.map { try self.offset(from: old, to: frontEnd, manifest: $0, log: log) } ?? []
        converted = converted.behind(frontEnd, offset: offset)
        if features == .mfcc {
            guard let cepstral = converted.onCepstra() else {
                throw CommandError("\(OneLine.file(model)) reads no log-mel energies: leave out --features")
            }
            converted = cepstral
        }
        try ResultWriter.refuse(output, toReplace: [model] + (measure.map { [$0] } ?? []), option: "--output")
        try converted.write(to: output, precision: half ? .float16 : .float32)
    }

    private func changed(_ old: FrontEnd) -> FrontEnd {
        FrontEnd(
            options: old.options,
            normalisation: normalization.map { old.normalisation.of(sound: $0 == .sound) } ?? old.normalisation,
            scale: old.scale, stack: old.stack, stride: old.stride,
            range: range.map { $0 == 0 ? nil : $0 } ?? old.range, padding: padding.map { $0 / 1000 } ?? old.padding)
    }

    private func offset(from old: FrontEnd, to new: FrontEnd, manifest: String, log: Logger) throws -> [Float] {
        let rows = try Manifest(path: manifest, maxBad: 1).rows
        let (offset, problems) = FrontEndOffset.measure(from: old, to: new, rows: rows, threads: options.threadCount)
        log.report(skipped: problems, as: "row")
        guard problems.count < rows.count else {
            throw CommandError(
                "\(OneLine.file(manifest)) names no recording that can be heard: give recordings of speech")
        }
        let mean = Double(offset.reduce(0, +)) / Double(max(1, offset.count))
        let heard = rows.count - problems.count
        log.notice(
            "on \(heard) recordings the steps are lower by \(String(format: "%.2f", mean)); the biases take it up")
        return offset
    }
}
