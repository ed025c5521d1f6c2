import Foundation
import Messages

/// An object of JSON for each recording, on a line of its own; docs/formats.md has the schema.
public struct JSONWriter: TranscriptWriter {
    /// Begins.
    public init() {}

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) throws -> String {
        try JSONLine.encode(TranscriptRecord(transcript)) + "\n"
    }
}

/// A transcript as an object of JSON.
private struct TranscriptRecord: Encodable {
    let file: String
    let text: String
    let words: [WordRecord]
    let duration: Double
    let model: String
    let sampleRate: Int
    let channels: Int
    let warnings: [String]
    /// Nil where there is but one.
    let alternatives: [AlternativeRecord]?
    let grammar: GrammarRecord?

    enum CodingKeys: String, CodingKey {
        case file, text, words, duration, model, channels, warnings, alternatives, grammar
        case sampleRate = "sample_rate"
    }

    struct AlternativeRecord: Encodable {
        let text: String
        let score: Double
        let acoustic: Double
    }

    struct GrammarRecord: Encodable {
        let accepted: Bool
        /// Nil where no text of the grammar is possible at all.
        let score: Double?
    }

    struct WordRecord: Encodable {
        let word: String
        let start: Double
        let end: Double
        let confidence: Double
    }

    init(_ transcript: Transcript) {
        file = transcript.file
        text = transcript.text
        words = transcript.words.map {
            WordRecord(
                word: $0.text, start: $0.start, end: $0.end, confidence: ($0.confidence * 10_000).rounded() / 10_000)
        }
        duration = transcript.duration
        model = transcript.model
        sampleRate = transcript.recording.sampleRate
        channels = transcript.recording.channels
        warnings = transcript.warnings.map(\.description)
        func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
        alternatives =
            transcript.alternatives.count < 2
            ? nil
            : transcript.alternatives.map {
                AlternativeRecord(text: $0.text, score: rounded($0.score), acoustic: rounded($0.acoustic))
            }
        grammar = transcript.grammarFit.map {
            GrammarRecord(accepted: $0.isAccepted, score: $0.score.isFinite ? rounded($0.score) : nil)
        }
    }
}
