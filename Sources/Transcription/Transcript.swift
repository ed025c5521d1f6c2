import AudioIO
import Decoding

/// What was said in a recording, and when.
public struct Transcript: Sendable, Equatable {
    /// The path of the recording; `-` for standard input.
    public let file: String
    /// The words in order; none where nothing was said. Each begins when the one before it has ended, or later, and all lie
    /// within the recording.
    public let words: [Word]
    /// Seconds of audio that were heard.
    public let duration: Double
    /// The name of the model.
    public let model: String
    /// What the recording's file says of itself.
    public let recording: AudioInformation
    /// What was noticed on the way; the text is the best that could be had nevertheless.
    public let warnings: [AudioWarning]

    /// Where in the recording it begins, in seconds; times of words are from the recording's start.
    public var start = 0.0
    /// Whether an end was asked for before the recording's, so that what comes after was not heard.
    public var isStopped = false

    /// Where in the recording it ends, in seconds.
    var end: Double { start + duration }

    /// The texts that were considered, best first, the transcript's own among them; none where the best path was taken.
    public var alternatives: [Hypothesis] = []
    /// How well the recording fits the grammar; nil where there was none.
    public var grammarFit: GrammarFit?

    /// The text, words apart by single spaces; empty where nothing was said.
    public var text: String { words.map(\.text).joined(separator: " ") }

    /// Takes what is known of a recording.
    public init(
        file: String, words: [Word], duration: Double, model: String, recording: AudioInformation,
        warnings: [AudioWarning] = []
    ) {
        (self.file, self.words, self.duration) = (file, words, duration)
        (self.model, self.recording, self.warnings) = (model, recording, warnings)
    }
}
