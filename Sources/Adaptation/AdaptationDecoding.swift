import AcousticModel
import CTC
import Corpora
import Decoding
import Evaluation
import Foundation
import Training
import Transcription
import VectorKernels

/// How text is found by a model where it is used.
public struct AdaptationDecoding: Sendable {
    /// What people call the language model, its file's name.
    public let name: String
    /// What turns the posteriors of a model into text; nil for the best path.
    public let decoder: @Sendable (AcousticModel) throws -> Decoder?

    /// Takes a name and what makes a decoder.
    public init(name: String, decoder: @escaping @Sendable (AcousticModel) throws -> Decoder?) {
        (self.name, self.decoder) = (name, decoder)
    }
}

/// The errors of a model of text, as it is used.
struct UsedErrors: Sendable {
    /// Of the best path.
    let greedy: DevScore
    /// With the language model; nil where there is none for the model.
    let decoded: DevScore?
    /// Of the language model.
    let name: String

    /// By which models are compared.
    var score: DevScore { decoded ?? greedy }

    /// Those of a base, beside those of what was made of it.
    var beside: String { "\(decoded == nil ? "" : " with \(name)"), the base \(score.figures)," }

    /// For people.
    var figures: String {
        decoded.map { "\($0.figures) with \(name), \(greedy.figures) without" }
            ?? "\(greedy.figures) without a language model"
    }

    /// Recordings that are heard at the most: every so-many-th of more.
    static let most = 300

    /// Hears recordings whole, as `utter transcribe` does.
    /// - Throws: what is wrong with the files of the language model.
    init(
        of model: AcousticModel, on set: TrainingSet, decoding: AdaptationDecoding?, threads: Int,
        progress: @Sendable (RowProgress) -> Void
    ) throws {
        name = decoding?.name ?? ""
        let step = max(1, (set.utterances.count + Self.most - 1) / Self.most)
        let heard = stride(from: 0, to: set.utterances.count, by: step).map { set.utterances[$0] }
        let plain = Transcriber(model: model, threads: 1)
        let used = try decoding?.decoder(model)
        let decoded = used.map { Transcriber(model: model, threads: 1, decoder: $0) }
        func errors(_ transcriber: Transcriber) -> DevScore {
            let all = mapInParallel(heard.count, threads: threads, progress: progress) { index in
                // What cannot be read has no text.
                let text = (try? transcriber.transcribe(heard[index].path))?.text ?? ""
                return ErrorRate(reference: heard[index].text, hypothesis: text)
            }
            var total = ErrorRate()
            for one in all { total += one }
            return DevScore(wer: total.words.rate ?? 0, cer: total.characters.rate ?? 0)
        }
        greedy = errors(plain)
        self.decoded = decoded.map(errors)
    }
}
