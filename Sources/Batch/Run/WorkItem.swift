import Files
import Transcription

/// A recording to be done.
package struct WorkItem: Sendable {
    /// Its number in the ledger; 0 where there is none.
    package let id: Int64
    package let path: RawPath
    /// As results and messages name it.
    package let name: String
    /// Its results in the output folder, without their endings.
    package let output: RawPath
    /// Bytes; 0 where that is not known.
    package let size: Int64
    /// The formats in which its results are written: those that are asked for, and those that it has, so that no result
    /// is older than another. Empty where results are no files.
    package let formats: [TranscriptFormat]
    /// Whether it was named, and not found.
    let isNamed: Bool
    /// False for one whose results are there, and that is read again only because it belongs to a batch: the last bits of
    /// the others' results depend on it.
    package let isWanted: Bool
}
