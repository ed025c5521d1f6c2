import AudioIO

/// What was said in a recording.
public struct Transcript: Sendable, Equatable {
    /// The path of the recording; `-` for standard input.
    public let file: String
    /// The text; empty where nothing was said.
    public let text: String
    /// Seconds of audio that were read.
    public let duration: Double
    /// The name of the model.
    public let model: String
    /// What the recording's file says of itself.
    public let recording: AudioInformation
    /// What was noticed on the way; the text is the best that could be had nevertheless.
    public let warnings: [AudioWarning]
}
