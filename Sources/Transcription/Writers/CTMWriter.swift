import Foundation
import Messages

/// NIST's time-marked conversation format (CTM), as sclite and Kaldi read it: a line for each word.
///
///     file channel start duration word confidence
///
/// The file is named without folder and ending; white space in it becomes `_`.
public struct CTMWriter: TranscriptWriter {
    private let channel: Int

    /// - Parameter channel: the channel that was heard, counted from 1.
    public init(channel: Int = 1) { self.channel = channel }

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        let name = transcript.baseName.asField
        return transcript.words.map { word in
            let (start, end) = (word.start.milliseconds, word.end.milliseconds)
            let confidence = String(format: "%.4f", word.confidence)
            let fields = [name, "\(channel)", start.asSeconds, (end - start).asSeconds, word.text.asField, confidence]
            return fields.joined(separator: " ") + "\n"
        }.joined()
    }
}

extension Transcript {
    /// The name of the recording's file without folder and ending; of standard input, `standard-input`.
    var baseName: String { Self.baseName(of: file) }

    /// The name of a file without folder and ending; of standard input, `standard-input`.
    package static func baseName(of file: String) -> String {
        guard !StandardStream.isNamed(by: file) else { return "standard-input" }
        return ((file as NSString).lastPathComponent as NSString).deletingPathExtension
    }
}
