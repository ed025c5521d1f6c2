/// A transcript written while its recording is heard. What is given out is, joined, what the format's writer makes of the
/// whole.
///
/// ```swift
/// var growing = GrowingTranscript(.srt)
/// hearing.settled = { print(growing?.add($0) ?? "", terminator: "") }
/// ...
/// print(growing?.finish(transcript))
/// ```
public struct GrowingTranscript {
    private let format: TranscriptFormat
    private let file: String
    private let writer: any TranscriptWriter
    private let captions = CaptionOptions()
    /// Words that are settled and not yet written.
    private var waiting: [Word] = []
    private var wordsWritten = 0
    private var cuesWritten = 0

    /// - Parameters:
    ///   - format: one that is a row of words, lines or cues; nil is returned for others, which are known at the end.
    ///   - file: the path of the recording.
    ///   - namesFiles: whether a line of text begins with the name of its recording.
    ///   - channel: the channel that is heard, counted from 1.
    public init?(_ format: TranscriptFormat, file: String, namesFiles: Bool = false, channel: Int = 1) {
        guard [.text, .ctm, .tsv, .srt, .vtt].contains(format) else { return nil }
        (self.format, self.file) = (format, file)
        writer = format.writer(namesFiles: namesFiles, channel: channel, captions: captions)
    }

    /// Takes the next words that are settled.
    /// - Returns: what can be written now; may be empty.
    public mutating func add(_ words: [Word]) throws -> String {
        waiting += words
        guard !waiting.isEmpty else { return "" }
        switch format {
        case .srt, .vtt:
            // A long pause always ends a cue, and what comes after it does not change the cues before.
            guard let next = waiting.indices.dropFirst().last(where: { pause(before: $0) >= captions.pause }) else {
                return ""
            }
            let end = waiting[next].start.milliseconds
            let cues = Captions(transcript(of: waiting), options: captions).cues.prefix { $0.start < end }
            return written(next, cues: Array(cues))
        case .text:
            return written(waiting.count, text: try textOfWaiting())
        default:
            return written(waiting.count, text: try writer.body(of: transcript(of: waiting)))
        }
    }

    /// Takes the whole, whose first words are those that were added.
    /// - Returns: what is left to write.
    public mutating func finish(_ transcript: Transcript) throws -> String {
        guard wordsWritten > 0, wordsWritten <= transcript.words.count else { return try writer.body(of: transcript) }
        waiting = Array(transcript.words.dropFirst(wordsWritten))
        switch format {
        case .srt, .vtt:
            return written(waiting.count, cues: Captions(transcript.holding(waiting), options: captions).cues)
        case .text:
            return written(waiting.count, text: waiting.isEmpty ? "\n" : try textOfWaiting() + "\n")
        default:
            return written(waiting.count, text: try writer.body(of: transcript.holding(waiting)))
        }
    }

    /// What brings to a good end what was written, where the recording cannot be heard to its own.
    public var ending: String { format == .text && wordsWritten > 0 ? "\n" : "" }

    private func pause(before index: Int) -> Double {
        Double(waiting[index].start.milliseconds - waiting[index - 1].end.milliseconds) / 1000
    }

    private func textOfWaiting() throws -> String {
        if wordsWritten > 0 { return " " + waiting.map(\.text).joined(separator: " ") }
        return String(try writer.body(of: transcript(of: waiting)).dropLast())
    }

    private mutating func written(_ words: Int, text: String) -> String {
        waiting.removeFirst(words)
        wordsWritten += words
        return text
    }

    private mutating func written(_ words: Int, cues: [Captions.Cue]) -> String {
        let text = cues.enumerated().map { index, cue in
            format == .srt ? SRTWriter.text(of: cue, number: cuesWritten + index + 1) : VTTWriter.text(of: cue)
        }.joined()
        cuesWritten += cues.count
        return written(words, text: text)
    }

    /// As far as writers ask: the recording goes on for as long as any cue might.
    private func transcript(of words: [Word]) -> Transcript {
        Transcript(
            file: file, words: words, duration: (words.last?.end ?? 0) + 60, model: "",
            recording: .init(path: file, container: "", encoding: "", sampleRate: 0, channels: 0, frames: nil))
    }
}

extension Transcript {
    /// The same recording with other words.
    fileprivate func holding(_ words: [Word]) -> Transcript {
        Transcript(file: file, words: words, duration: end, model: model, recording: recording, warnings: warnings)
    }
}
