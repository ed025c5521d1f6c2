import Foundation
import Messages

/// A line of text for each recording. Where several texts were asked for, a line for each of them, best first, its score
/// in nats in front.
public struct TextWriter: TranscriptWriter {
    private let namesFiles: Bool

    /// - Parameter namesFiles: whether the line begins with the name of the recording.
    public init(namesFiles: Bool = false) { self.namesFiles = namesFiles }

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        let name = namesFiles ? "\(OneLine.escaped(transcript.file)): " : ""
        guard transcript.alternatives.count > 1 else { return name + transcript.text + "\n" }
        return transcript.alternatives.map { name + String(format: "%.2f\t", $0.score) + $0.text + "\n" }.joined()
    }
}
