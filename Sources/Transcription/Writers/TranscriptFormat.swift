/// The formats that transcripts are written in; docs/formats.md describes each.
public enum TranscriptFormat: String, Sendable, CaseIterable {
    /// A line of text.
    case text
    /// An object of JSON on one line.
    case json
    /// SubRip subtitles.
    case srt
    /// WebVTT subtitles.
    case vtt
    /// NIST's time-marked conversation format, a word a line.
    case ctm
    /// A Praat TextGrid with a tier of words.
    case textgrid
    /// A table of words, its columns apart by tabs.
    case tsv

    /// How files of this format end, without the dot.
    public var fileExtension: String {
        switch self {
        case .text: "txt"
        case .textgrid: "TextGrid"
        default: rawValue
        }
    }

    /// Whether one file may hold several recordings.
    public var holdsSeveral: Bool {
        switch self {
        case .text, .json, .ctm, .tsv: true
        case .srt, .vtt, .textgrid: false
        }
    }

    /// The writer of this format.
    /// - Parameters:
    ///   - namesFiles: whether a line of text begins with the name of its recording.
    ///   - channel: the channel that was heard, counted from 1; 1 for a mix of all.
    ///   - captions: how subtitles are laid out.
    public func writer(
        namesFiles: Bool = false, channel: Int = 1, captions: CaptionOptions = CaptionOptions()
    ) -> any TranscriptWriter {
        switch self {
        case .text: TextWriter(namesFiles: namesFiles)
        case .json: JSONWriter()
        case .srt: SRTWriter(options: captions)
        case .vtt: VTTWriter(options: captions)
        case .ctm: CTMWriter(channel: channel)
        case .textgrid: TextGridWriter()
        case .tsv: TSVWriter()
        }
    }
}
