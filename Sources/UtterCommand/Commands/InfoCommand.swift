import ArgumentParser
import Files
import Foundation
import Messages
import UtterTraining

/// `utter info`: what a recording, a model, an adapter, a language model or a lexicon is.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Describe a recording, a model, an adapter, a language model or a lexicon.",
        discussion: """
            Examples:
              utter info audio/ten-seconds.wav
              utter info --json models/english-small.safetensors
              utter info models/english.lm

            A recording of up to \(Self.megabytesRead) MB is read to its end, so that damage and missing sound are told.
            """)

    /// Reading more takes longer than somebody waits who asks for a header.
    private static let megabytesRead = 64

    @Argument(
        help:
            "A recording, a model, an adapter, a language model (.lm, .arpa) or a lexicon; - for a recording on standard input.",
        completion: .file())
    var file: String

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        switch try kind {
        case .safetensors:
            if let adapter = try AdapterReport(path: file) { return try print(adapter) }
            try print(ModelReport(path: file, model: AcousticModel(path: file)))
        case .languageModel: try print(LanguageModelReport(path: file))
        case .lexicon: try print(LexiconReport(path: file))
        case .recording: try print(RecordingReport(file, readsUpTo: Self.megabytesRead << 20))
        }
    }

    private enum Kind { case safetensors, languageModel, lexicon, recording }

    private var kind: Kind {
        get throws {
            if isModel { return .safetensors }
            // Reading from a pipe would take from the recording in it.
            guard RawPath(file).isFile else { return .recording }
            if CompactModel.isCompact(file) { return .languageModel }
            let names = [
                ".arpa": Kind.languageModel, ".arpa.gz": .languageModel, ".lm": .languageModel, ".lexicon": .lexicon,
            ]
            return names.first { file.lowercased().hasSuffix($0.key) }?.value ?? .recording
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
    let warnings: [String]

    enum CodingKeys: String, CodingKey {
        case file, container, encoding, channels, frames, duration, warnings
        case sampleRate = "sample_rate"
    }

    /// - Parameter readsUpTo: bytes of a file that is read to its end, to see what is wrong with it.
    init(_ path: String, readsUpTo most: Int) throws {
        let reader = try AudioReader(path: path)
        let information = reader.information
        if let status = RawPath(path).status, status.isFile, status.st_size <= most {
            while try reader.read(upTo: 1 << 16) != nil {}
        }
        warnings = reader.warnings.map(\.description)
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
        ] + warnings.map { ("noticed", $0) }
    }
}

private struct AdapterReport: Report {
    let file: String
    let bytes: Int
    /// The sum over the base's front end and encoder: `utter adapt` and `utter transcribe --adapter` refuse another base.
    let base: String
    let description: ModelDescription

    /// - Returns: nil where the file is no adapter.
    init?(path: String) throws {
        let contents = try SafetensorsFile(path: path)
        guard let json = contents.metadata["utter_adapter"] else { return nil }
        (file, bytes, base) = (path, contents.byteCount, contents.metadata["utter_base"] ?? "unknown")
        guard let description = try? JSONDecoder().decode(ModelDescription.self, from: Data(json.utf8)) else {
            throw CommandError("\(OneLine.file(path)) is an adapter whose description cannot be read: make it again")
        }
        self.description = description
    }

    var rows: [(String, String)] {
        let head = description.head
        return [
            ("file", file), ("adapter", "\(description.name), format \(description.format)"),
            ("size", Megabytes.text(bytes)), ("base", "a model of the sum \(base)"),
            ("head", "\(head.kind), \(head.vocabulary.count) classes"), ("symbols", ModelReport.symbols(head)),
        ] + ModelReport.labels(head)
    }
}

private struct LanguageModelReport: Report {
    let file: String
    let bytes: Int
    let order: Int
    let words: Int
    let ngrams: [Int]
    /// Of a compiled model's probabilities; nil in ARPA.
    let bits: Int?

    init(path: String) throws {
        let model = try LanguageModelFile.open(path)
        file = path
        bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        (order, words) = (model.order, model.vocabularySize)
        ngrams = (model as? CompactModel)?.counts ?? (model as? NGramModel)?.counts ?? []
        bits = (model as? CompactModel)?.bits
    }

    var rows: [(String, String)] {
        let kind = bits.map { $0 >= 32 ? "compiled" : "compiled, probabilities of \($0) bits" } ?? "ARPA"
        return [
            ("file", file), ("language model", "\(order)-grams, \(kind)"),
            ("size", Megabytes.text(bytes)), ("words", Grouped.text(words)),
        ] + ngrams.enumerated().map { ("\($0 + 1)-grams", Grouped.text($1)) }
    }
}

private struct LexiconReport: Report {
    let file: String
    let bytes: Int
    let words: Int
    let pronunciations: Int
    let phones: [String]
    let guesses: Bool

    init(path: String) throws {
        let lexicon = try PronunciationLexicon(path: path)
        (file, bytes) = (path, lexicon.size)
        (words, pronunciations) = (lexicon.words.count, lexicon.pronunciationCount)
        (phones, guesses) = (lexicon.alphabet.symbols, lexicon.model != nil)
    }

    var rows: [(String, String)] {
        [
            ("file", file), ("lexicon", "\(Grouped.text(words)) words, \(Grouped.text(pronunciations)) pronunciations"),
            ("size", Megabytes.text(bytes)),
            ("other words", guesses ? "are guessed by a model" : "are not guessed"),
            ("phones", phones.joined(separator: " ")),
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
            ("size", Megabytes.text(bytes) + String(format: ", %.2f million parameters", Double(parameters) / 1e6)),
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
        ] + Self.labels(head) + (description.characterHead.map { [("characters", Self.symbols($0))] } ?? [])
            + training.map { ("training: \($0.key)", $0.value) }
    }

    /// What a head of phrases tells apart.
    fileprivate static func labels(_ head: HeadDescription) -> [(String, String)] {
        head.phrases.map { [("labels", $0.joined(separator: ", "))] } ?? []
    }

    /// The symbols of a head but for its blank, as people read them.
    fileprivate static func symbols(_ head: HeadDescription) -> String {
        let symbols = head.vocabulary.enumerated().filter { $0.offset != head.blank }.map(\.element)
        let isSpaced = [HeadKind.characters, .phones].map(\.rawValue).contains(head.kind)
        return symbols.map { $0 == " " ? "space" : $0 }.joined(separator: isSpaced ? " " : ", ")
    }
}
