import Messages

/// A line of text for each recording.
public struct TextWriter: TranscriptWriter {
    private let namesFiles: Bool

    /// - Parameter namesFiles: whether the line begins with the name of the recording.
    public init(namesFiles: Bool = false) { self.namesFiles = namesFiles }

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        (namesFiles ? "\(OneLine.escaped(transcript.file)): " : "") + transcript.text + "\n"
    }
}
