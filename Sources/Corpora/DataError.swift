import Foundation
import Messages

/// Data for training that cannot be used. The description is one line: the file, the line where there is one, what is
/// wrong, what to do.
public struct DataError: UtterError, Equatable {
    /// The file, the line, what is wrong and what to do.
    public let fault: Fault

    /// An error of the files below, in the words of this room.
    package init(wrapping error: any Error, _ path: String) {
        let fault = (error as? any UtterError)?.fault
        self.init(
            path, fault?.problem ?? "cannot be read", mend: fault?.remedy ?? "check the disk",
            code: fault?.code ?? .inputOutput)
    }

    package init(_ path: String, line: Int? = nil, _ problem: String, mend: String, code: ErrorCode = .malformed) {
        let name = OneLine.escaped(path) + (line.map { ":\($0)" } ?? "") + ":"
        fault = Fault(code, path, problem, remedy: mend, name: name, separator: "; ")
    }
}
