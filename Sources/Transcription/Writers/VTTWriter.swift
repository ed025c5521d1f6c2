import Foundation

/// WebVTT subtitles (`.vtt`), as the W3C defines them: `&`, `<` and `>` are escaped, so no text can be an arrow or a tag.
public struct VTTWriter: TranscriptWriter {
    private let options: CaptionOptions

    /// - Parameter options: how words become cues.
    public init(options: CaptionOptions = CaptionOptions()) { self.options = options }

    /// See ``TranscriptWriter/heading``.
    public var heading: String { "WEBVTT\n" }

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        Captions(transcript, options: options).cues.map(Self.text).joined()
    }

    /// A cue, and the empty line before it.
    static func text(of cue: Captions.Cue) -> String {
        let text = cue.text.replacingOccurrences(of: "&", with: "&amp;")
            .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
        return "\n\(cue.start.asClock(point: ".")) --> \(cue.end.asClock(point: "."))\n\(text)\n"
    }
}
