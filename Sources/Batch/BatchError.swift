import Files
import Foundation
import Messages

/// Why a run over many recordings cannot begin or go on. What is wrong with one recording is no error of the run: it is in
/// the ledger, and the run goes on.
public struct BatchError: UtterError, Equatable {
    /// The place, what is wrong and what to do, in one line.
    public let fault: Fault

    init(_ place: RawPath, _ problem: String, mend: String, code: ErrorCode = .inputOutput) {
        fault = Fault(code, place.text, problem, remedy: mend)
    }

    init(_ place: String, _ problem: String, mend: String) { self.init(RawPath(place), problem, mend: mend) }

    /// An error of the files below.
    static func wrapping(_ error: any Error, _ path: RawPath) -> BatchError {
        let fault = (error as? any UtterError)?.fault
        return BatchError(
            path, fault?.problem ?? "cannot be read", mend: fault?.remedy ?? "check the disk",
            code: fault?.code ?? .inputOutput)
    }

    /// A result that could not be written.
    static func writing(_ path: RawPath, code: Int32) -> BatchError {
        switch code {
        case ENOSPC, EDQUOT:
            BatchError(
                path, "was not written, the disk is full",
                mend: "free some space, then run the same command again; nothing that is done is lost",
                code: .noSpace)
        case EXDEV:
            BatchError(
                path, "lies on another disk than the output folder",
                mend: "give a folder on that disk with --output, or take the link to it away")
        case EACCES, EPERM, EROFS:
            BatchError(
                path, "may not be written by this user", mend: "change the permissions or give another --output",
                code: .notPermitted)
        default:
            BatchError(
                path, "could not be written (\(FileError.words(of: code)))",
                mend: "check the disk, then run the same command again; nothing that is done is lost")
        }
    }

    /// A list or folder that could not be read.
    static func reading(_ path: RawPath, code: Int32) -> BatchError {
        wrapping(FileError.reading(path.text, code: code), path)
    }
}
