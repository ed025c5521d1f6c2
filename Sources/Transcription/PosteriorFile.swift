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
/// `blank`, `seconds_per_step`, `first_step_seconds` (when the first step begins) and the name of the `model`. Opening
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
        /// Seconds from step to step.
        public var secondsPerStep: Double
        /// Seconds into the recording at which the first step begins.
        public var firstStepSeconds: Double
        /// The name of the model that heard the recordings.
        public var model: String

        enum CodingKeys: String, CodingKey {
            case format, vocabulary, blank, model
            case secondsPerStep = "seconds_per_step"
            case firstStepSeconds = "first_step_seconds"
        }
    }

    /// What the classes and steps are.
    public let description: Description
    /// The symbols of the classes.
    public let vocabulary: Vocabulary
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
            Set(read.vocabulary).count == read.vocabulary.count
        else {
            throw PosteriorFileError(
                path, "has a description of its posteriors that cannot be read",
                mend: "make it anew with utter posteriors")
        }
        description = read
        vocabulary = Vocabulary(symbols: read.vocabulary, blank: read.blank)
        recordings = file.names
        for name in file.names {
            let shape = file.shape(of: name) ?? []
            guard shape.count == 2, shape[1] == read.vocabulary.count, file.dataType(of: name)?.isFloatingPoint == true
            else {
                throw PosteriorFileError(
                    path,
                    "has a tensor \(OneLine.quoted(name)) that is not of floats [steps, \(read.vocabulary.count)]",
                    mend: "make it anew with utter posteriors")
            }
        }
    }

    /// The number of steps of a recording; nil where there is none of this name.
    public func steps(of recording: String) -> Int? { file.shape(of: recording)?.first }

    /// The posteriors of a recording, read from the disk and checked.
    /// - Throws: ``PosteriorFileError`` where there are none of this name, or what is there are no probabilities.
    public func posteriors(of recording: String) throws -> LogProbabilities {
        guard file.shape(of: recording) != nil else {
            throw PosteriorFileError(
                path, "has no posteriors of \(OneLine.quoted(recording))", mend: "make it from the same manifest")
        }
        let posteriors = LogProbabilities(
            classes: vocabulary.symbols.count, values: try file.tensor(recording).values)
        for step in 0..<posteriors.steps {
            let sum = posteriors[step].reduce(into: Float(0)) { $0 += exp($1) }
            guard abs(sum - 1) <= Self.tolerance else {
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
    /// - Throws: `TensorFileError` where the file cannot be written.
    public static func write(
        _ posteriors: [String: LogProbabilities], of model: AcousticModel, to path: String
    ) throws {
        let description = Description(
            vocabulary: model.vocabulary.symbols, blank: model.vocabulary.blank,
            secondsPerStep: model.frontEnd.secondsPerStep, firstStepSeconds: model.frontEnd.seconds(atStep: 0),
            model: model.description.name)
        let tensors = try posteriors.mapValues { posteriors in
            StoredTensor.float32(try Tensor(shape: [posteriors.steps, posteriors.classes], values: posteriors.values))
        }
        try SafetensorsWriter.write(tensors, metadata: [metadataKey: try JSONLine.encode(description)], to: path)
    }
}

/// A file of posteriors that cannot be used.
public struct PosteriorFileError: Error, CustomStringConvertible, LocalizedError, Equatable {
    /// The file, what is wrong and what to do, in one line.
    public let description: String
    /// The same, for Foundation.
    public var errorDescription: String? { description }

    init(_ path: String, _ problem: String, mend: String) {
        description = "\(OneLine.file(path)) \(problem): \(mend)"
    }
}
