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
        Captions(transcript, options: options).cues.enumerated().map { number, cue in
            let text = cue.text.replacingOccurrences(of: "-->", with: "→")
            return "\(number + 1)\n\(cue.start.asClock(point: ",")) --> \(cue.end.asClock(point: ","))\n\(text)\n\n"
        }.joined()
    }
}

/// WebVTT subtitles (`.vtt`), as the W3C defines them: `&`, `<` and `>` are escaped, so no text can be an arrow or a tag.
public struct VTTWriter: TranscriptWriter {
    private let options: CaptionOptions

    /// - Parameter options: how words become cues.
    public init(options: CaptionOptions = CaptionOptions()) { self.options = options }

    /// See ``TranscriptWriter/heading``.
    public var heading: String { "WEBVTT\n" }

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        Captions(transcript, options: options).cues.map { cue in
            let text = cue.text.replacingOccurrences(of: "&", with: "&amp;")
                .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
            return "\n\(cue.start.asClock(point: ".")) --> \(cue.end.asClock(point: "."))\n\(text)\n"
        }.joined()
    }
}
