import Foundation

/// SubRip subtitles (`.srt`): numbered cues, times with a comma.
///
/// The format has no escapes; an arrow `-->`, which would be taken for a line of times, is written `→`.
public struct SRTWriter: TranscriptWriter {
    private let options: CaptionOptions

    /// - Parameter options: how words become cues.
    public init(options: CaptionOptions = CaptionOptions()) { self.options = options }

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        Captions(transcript, options: options).cues.enumerated().map { Self.text(of: $1, number: $0 + 1) }.joined()
    }

    /// A cue, and the empty line after it.
    static func text(of cue: Captions.Cue, number: Int) -> String {
        let text = cue.text.replacingOccurrences(of: "-->", with: "→")
        return "\(number)\n\(cue.start.asClock(point: ",")) --> \(cue.end.asClock(point: ","))\n\(text)\n\n"
    }
}
