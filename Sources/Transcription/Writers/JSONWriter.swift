import AudioIO
import Decoding
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

    /// The words and times of an object that was written, for other formats: what they show of them is the same as from the
    /// transcript itself. Warnings and grammar are not read back.
    /// - Throws: `DecodingError` where it is no such object.
    package static func transcript(from line: String) throws -> Transcript {
        let record = try JSONDecoder().decode(TranscriptRecord.self, from: Data(line.utf8))
        var transcript = Transcript(
            file: record.file,
            words: record.words.map {
                Word(text: $0.word, start: $0.start, end: $0.end, confidence: $0.confidence)
            },
            duration: record.duration, model: record.model,
            recording: AudioInformation(
                path: record.file, container: "", encoding: "", sampleRate: record.sampleRate,
                channels: record.channels, frames: nil))
        transcript.start = record.start ?? 0
        transcript.alternatives = (record.alternatives ?? []).map {
            Hypothesis(
                labels: [], text: $0.text, acoustic: $0.acoustic, steering: $0.score - $0.acoustic, isComplete: true)
        }
        return transcript
    }
}

/// A transcript as an object of JSON.
private struct TranscriptRecord: Codable {
    let file: String
    let text: String
    let words: [WordRecord]
    let duration: Double
    /// Nil where the recording was heard from its start.
    let start: Double?
    /// True where its end was not heard; else nil.
    let stopped: Bool?
    let model: String
    let sampleRate: Int
    let channels: Int
    let warnings: [String]
    /// Nil where there is but one.
    let alternatives: [AlternativeRecord]?
    let grammar: GrammarRecord?

    enum CodingKeys: String, CodingKey {
        case file, text, words, duration, start, stopped, model, channels, warnings, alternatives, grammar
        case sampleRate = "sample_rate"
    }

    struct AlternativeRecord: Codable {
        let text: String
        let score: Double
        let acoustic: Double
    }

    struct GrammarRecord: Codable {
        let accepted: Bool
        /// Nil where no text of the grammar is possible at all.
        let score: Double?
    }

    struct WordRecord: Codable {
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
        start = transcript.start > 0 ? transcript.start : nil
        stopped = transcript.isStopped ? true : nil
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
