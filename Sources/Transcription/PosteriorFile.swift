import AcousticModel
import CTC
import Foundation
import Messages
import TensorFiles

/// Posteriors kept in a file, to be decoded again and again without the recordings and without the model that heard
/// them.
///
/// A safetensors file: a tensor [steps, classes] of natural log-probabilities for each recording, under the path by
/// which the recording was named; the metadata key `posteriors` holds JSON with `format` (1), the `vocabulary`, its
/// `blank`, for a model of two heads the `characters` whose columns stand behind those of the first and their
/// `character_blank`, `seconds_per_step`, `first_step_seconds` (when the first step begins) and the name of the `model`. Opening
/// reads the header; a recording's values come from the disk when they are asked for.
public struct PosteriorFile: Sendable {
    /// What the metadata say.
    public struct Description: Codable, Sendable, Equatable {
        /// The version of this layout.
        public var format = 1
        /// The symbol of each class.
        public var vocabulary: [String]
        /// The class of the CTC blank.
        public var blank: Int
        /// The kind of the head (`HeadKind`); absent for characters.
        public var head: String?
        /// The symbols of a second head, of characters, whose columns follow; absent where there is none.
        public var characters: [String]?
        /// The blank among ``characters``.
        public var characterBlank: Int?
        /// Seconds from step to step.
        public var secondsPerStep: Double
        /// Seconds into the recording at which the first step begins.
        public var firstStepSeconds: Double
        /// The name of the model that heard the recordings.
        public var model: String

        enum CodingKeys: String, CodingKey {
            case format, vocabulary, blank, head, characters, model
            case characterBlank = "character_blank"
            case secondsPerStep = "seconds_per_step"
            case firstStepSeconds = "first_step_seconds"
        }
    }

    /// What the classes and steps are.
    public let description: Description
    /// The symbols of the first head's classes.
    public let vocabulary: Vocabulary
    /// The symbols of a second head, whose columns stand behind those of the first; nil where there is none.
    public let characterVocabulary: Vocabulary?
    /// Classes of both heads.
    public var columns: Int { vocabulary.symbols.count + (characterVocabulary?.symbols.count ?? 0) }
    /// The columns from which text is read without a lexicon: the characters beside phones, else the first head's.
    public var textColumns: Range<Int> { (characterVocabulary == nil ? 0 : vocabulary.symbols.count)..<columns }
    /// What they stand for.
    public var textVocabulary: Vocabulary { characterVocabulary ?? vocabulary }
    /// The recordings, by the paths by which they were named; sorted.
    public let recordings: [String]

    private let path: String
    private let file: SafetensorsFile
    private static let metadataKey = "posteriors"
    /// What float32 rounds away, and a file of another program may.
    private static let tolerance: Float = 0.02

    /// Opens a file and checks its header: nothing else is read.
    /// - Throws: `TensorFileError`, or ``PosteriorFileError`` where it holds something else.
    public init(path: String) throws {
        file = try SafetensorsFile(path: path)
        self.path = path
        guard let json = file.metadata[Self.metadataKey] else {
            throw PosteriorFileError(
                path, "holds tensors but no posteriors (no key '\(Self.metadataKey)' in its metadata)",
                mend: "make it with utter posteriors")
        }
        guard let read = try? JSONDecoder().decode(Description.self, from: Data(json.utf8)), read.format == 1,
            read.vocabulary.indices.contains(read.blank), read.secondsPerStep > 0, read.secondsPerStep.isFinite,
            Set(read.vocabulary).count == read.vocabulary.count,
            read.characters.map({ $0.indices.contains(read.characterBlank ?? -1) && Set($0).count == $0.count })
                ?? true,
            let kind = HeadKind(rawValue: read.head ?? HeadKind.characters.rawValue)
        else {
            throw PosteriorFileError(
                path, "has a description of its posteriors that cannot be read",
                mend: "make it anew with utter posteriors")
        }
        description = read
        vocabulary = Vocabulary(symbols: read.vocabulary, blank: read.blank, unit: kind.unit)
        characterVocabulary = read.characters.map { Vocabulary(symbols: $0, blank: read.characterBlank ?? 0) }
        recordings = file.names
        for name in file.names {
            let shape = file.shape(of: name) ?? []
            guard shape.count == 2, shape[1] == columns, file.dataType(of: name)?.isFloatingPoint == true
            else {
                throw PosteriorFileError(
                    path,
                    "has a tensor \(OneLine.quoted(name)) that is not of floats [steps, \(columns)]",
                    mend: "make it anew with utter posteriors")
            }
        }
    }

    /// The number of steps of a recording; nil where there is none of this name.
    public func steps(of recording: String) -> Int? { file.shape(of: recording)?.first }

    /// The posteriors of a recording, [steps, ``columns``], read from the disk and checked.
    /// - Throws: ``PosteriorFileError`` where there are none of this name, or what is there are no probabilities.
    public func posteriors(of recording: String) throws -> LogProbabilities {
        guard file.shape(of: recording) != nil else {
            throw PosteriorFileError(
                path, "has no posteriors of \(OneLine.quoted(recording))", mend: "make it from the same manifest")
        }
        let posteriors = LogProbabilities(classes: columns, values: try file.tensor(recording).values)
        let first = vocabulary.symbols.count
        for step in 0..<posteriors.steps {
            let row = posteriors[step]
            // Each head is a softmax by itself.
            let sums = [row.prefix(first), row.dropFirst(first)].filter { !$0.isEmpty }
                .map { $0.reduce(into: Float(0)) { $0 += exp($1) } }
            if let sum = sums.first(where: { !(abs($0 - 1) <= Self.tolerance) }) {
                throw PosteriorFileError(
                    path,
                    "has no log-probabilities for \(OneLine.quoted(recording)) (those of step \(step) sum to \(sum))",
                    mend: "store the logarithms of a softmax")
            }
        }
        return posteriors
    }

    /// Writes posteriors, whole or not at all.
    /// - Parameters:
    ///   - posteriors: those of each recording, by the path by which it is named.
    ///   - model: the model that heard them.
    /// - Throws: `FileError` where the file cannot be written.
    public static func write(
        _ posteriors: [String: LogProbabilities], of model: AcousticModel, to path: String
    ) throws {
        let description = Description(
            vocabulary: model.vocabulary.symbols, blank: model.vocabulary.blank,
            head: model.head.kind == .characters ? nil : model.head.kind.rawValue,
            characters: model.characterVocabulary?.symbols, characterBlank: model.characterVocabulary?.blank,
            secondsPerStep: model.frontEnd.secondsPerStep, firstStepSeconds: model.frontEnd.seconds(atStep: 0),
            model: model.name)
        let tensors = try posteriors.mapValues { posteriors in
            StoredTensor.float32(try Tensor(shape: [posteriors.steps, posteriors.classes], values: posteriors.values))
        }
        try SafetensorsWriter.write(tensors, metadata: [metadataKey: try JSONLine.encode(description)], to: path)
    }
}

/// A file of posteriors that cannot be used.
public struct PosteriorFileError: UtterError, Equatable {
    /// The file, what is wrong and what to do, in one line.
    public let fault: Fault

    init(_ path: String, _ problem: String, mend: String) {
        fault = Fault(.malformed, path, problem, remedy: mend)
    }
}
