import Foundation
import Messages

/// A table of words, its columns apart by tabs: file, start, end, confidence, word.
public struct TSVWriter: TranscriptWriter {
    /// Begins.
    public init() {}

    /// See ``TranscriptWriter/heading``.
    public var heading: String { "file\tstart\tend\tconfidence\tword\n" }

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        // A tab or line end in a name becomes an escape, so a line always has five columns.
        let name = OneLine.escaped(transcript.file)
        return transcript.words.map { word in
            let fields = [
                name, word.start.threeDecimals, word.end.threeDecimals, String(format: "%.4f", word.confidence),
                OneLine.escaped(word.text),
            ]
            return fields.joined(separator: "\t") + "\n"
        }.joined()
    }
}
