import ArgumentParser
import Files
import Foundation
import Messages
import Utter

/// `utter info`: what a recording or a model is.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Say what a recording or a model is.",
        discussion: """
            Examples:
              utter info audio/ten-seconds.wav
              utter info --json models/english-small.safetensors
            """)

    @Argument(help: "A recording, or a model file; - for a recording on standard input.")
    var file: String

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        if isModel {
            try print(ModelReport(path: file, model: AcousticModel(path: file)))
        } else {
            try print(RecordingReport(AudioFile.information(file)))
        }
    }

    /// Whether the file is named, or begins, as a safetensors file: a header of less than 4 GiB that is a JSON object.
    private var isModel: Bool {
        if file.hasSuffix(".safetensors") { return true }
        let start = RawPath(file).firstBytes(9)
        return start.count == 9 && start[4..<8].allSatisfy { $0 == 0 } && start[8] == UInt8(ascii: "{")
    }

    private func print(_ report: some Report) throws {
        if json {
            try Standard.output(try JSONLine.encode(report))
        } else {
            let width = report.rows.map(\.0.count).max() ?? 0
            for (name, value) in report.rows {
                try Standard.output(
                    name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + OneLine.escaped(value))
            }
        }
    }
}

/// What `info` prints: an object for programs, rows for people.
private protocol Report: Encodable {
    var rows: [(String, String)] { get }
}

private struct RecordingReport: Report {
    let file: String
    let container: String
    let encoding: String
    let sampleRate: Int
    let channels: Int
    let frames: Int?
    let duration: Double?

    enum CodingKeys: String, CodingKey {
        case file, container, encoding, channels, frames, duration
        case sampleRate = "sample_rate"
    }

    init(_ information: AudioInformation) {
        file = information.path
        container = information.container
        encoding = information.encoding
        sampleRate = information.sampleRate
        channels = information.channels
        frames = information.frames
        duration = information.duration
    }

    var rows: [(String, String)] {
        [
            ("file", file), ("format", "\(container), \(encoding)"), ("sample rate", "\(sampleRate) Hz"),
            ("channels", "\(channels)"),
            ("duration", duration.map { String(format: "%.3f s", $0) } ?? "unknown until it is read"),
        ]
    }
}

private struct ModelReport: Report {
    let file: String
    let bytes: Int
    let parameters: Int
    let secondsPerStep: Double
    let description: ModelDescription

    enum CodingKeys: String, CodingKey {
        case file, bytes, parameters, description
        case secondsPerStep = "seconds_per_step"
    }

    init(path: String, model: AcousticModel) throws {
        file = path
        bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        parameters = model.parameterCount
        secondsPerStep = model.frontEnd.secondsPerStep
        description = model.description
    }

    var rows: [(String, String)] {
        let (features, encoder, head) = (description.features, description.encoder, description.head)
        let kind = features.coefficients.map { "\($0) MFCC of \(features.melBands)" } ?? "\(features.melBands) log"
        let directions = encoder.bidirectional ? "bidirectional " : ""
        var headText = "\(head.kind), \(head.vocabulary.count) classes"
        if let hidden = head.hidden { headText += ", a hidden layer of \(hidden)" }
        if let ngram = head.ngram { headText += ", with a \(ngram.order)-gram of labels" }
        if let threshold = head.threshold { headText += String(format: ", threshold %.3f", threshold) }
        if let second = description.characterHead {
            headText += "; beside it \(second.kind), \(second.vocabulary.count) classes"
        }
        let training = (description.training ?? [:]).sorted { $0.key < $1.key }
        return [
            ("file", file),
            ("model", "\(description.name), format \(description.format)"),
            ("size", String(format: "%.1f MB, %.2f million parameters", Double(bytes) / 1e6, Double(parameters) / 1e6)),
            ("sample rate", "\(description.sampleRate) Hz"),
            ("front end", "\(kind) mel bands, \(features.normalisation.rawValue)"),
            ("steps", String(format: "of %.0f ms, %d frames each", secondsPerStep * 1000, features.stack)),
            (
                "encoder",
                (encoder.convolution.map { "a convolution of \($0) filters over the frames of a step, " } ?? "")
                    + "\(encoder.layers) layers of \(encoder.hidden) \(directions)\(encoder.cell.uppercased()) units"
            ),
            ("head", headText),
            ("speech detector", description.speechDetector ?? "none: sounds that are no speech may be spelled"),
            ("symbols", Self.symbols(head)),
        ] + (description.characterHead.map { [("characters", Self.symbols($0))] } ?? [])
            + training.map { ("training: \($0.key)", $0.value) }
    }

    /// The symbols of a head but for its blank, as people read them.
    private static func symbols(_ head: HeadDescription) -> String {
        let symbols = head.vocabulary.enumerated().filter { $0.offset != head.blank }.map(\.element)
        let isSpaced = [HeadKind.characters, .phones].map(\.rawValue).contains(head.kind)
        return symbols.map { $0 == " " ? "space" : $0 }.joined(separator: isSpaced ? " " : ", ")
    }
}
