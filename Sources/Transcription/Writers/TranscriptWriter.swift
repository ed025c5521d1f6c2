/// Writes transcripts in one format.
///
/// A file is the writer's ``heading``, then the ``body(of:)`` of each recording. New formats come by conforming a type
/// and giving it a case of ``TranscriptFormat``.
public protocol TranscriptWriter: Sendable {
    /// What stands once at the head of a file, its line ends included; may be empty.
    var heading: String { get }

    /// A recording in this format, its line ends included; may be empty.
    /// - Throws: `EncodingError` from JSON, for a number that is not finite.
    func body(of transcript: Transcript) throws -> String
}

extension TranscriptWriter {
    /// Nothing.
    public var heading: String { "" }

    /// A whole file with one recording.
    public func document(of transcript: Transcript) throws -> String { try heading + body(of: transcript) }
}
