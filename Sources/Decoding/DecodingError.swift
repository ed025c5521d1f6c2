import Foundation
import Messages

/// Why something that should steer a search cannot. Each description is one line that names the file and the place, says
/// what is wrong and what to do.
public enum DecodingError: UtterError, Equatable {
    /// A line breaks a rule; lines and columns are counted from 1, columns in characters.
    case badPlace(path: String, line: Int, column: Int?, reason: String, mend: String)
    /// Several lines break one rule; the reason names the first of them.
    case badPlaces(path: String, reason: String, mend: String)
    /// The file as a whole cannot be used.
    case malformed(path: String, reason: String, mend: String)
    /// The file, the place, what is wrong and what to do, in one line.
    public var fault: Fault {
        switch self {
        case .badPlace(let path, let line, let column, let reason, let mend):
            Fault(
                .malformed, path, "is wrong in line \(line)\(column.map { ", column \($0)" } ?? ""), \(reason)",
                remedy: mend)
        case .badPlaces(let path, let reason, let mend):
            Fault(.malformed, path, "is wrong in \(reason)", remedy: mend)
        case .malformed(let path, let reason, let mend):
            Fault(.malformed, path, "cannot be used, \(reason)", remedy: mend)
        }
    }
}
