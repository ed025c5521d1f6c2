import Foundation
import Messages

/// Why something that should steer a search cannot. Each description is one line that names the file and the place, says
/// what is wrong and what to do.
public enum DecodingError: Error, Sendable, Equatable {
    /// A line breaks a rule; lines and columns are counted from 1, columns in characters.
    case badPlace(path: String, line: Int, column: Int?, reason: String, mend: String)
    /// Several lines break one rule; the reason names the first of them.
    case badPlaces(path: String, reason: String, mend: String)
    /// The file as a whole cannot be used.
    case malformed(path: String, reason: String, mend: String)
}

extension DecodingError: CustomStringConvertible, LocalizedError {
    /// The file, the place, what is wrong and what to do, in one line.
    public var description: String {
        switch self {
        case .badPlace(let path, let line, let column, let reason, let mend):
            "\(OneLine.quoted(path, limit: .max)) is wrong in line \(line)\(column.map { ", column \($0)" } ?? ""),"
                + " \(OneLine.escaped(reason)): \(OneLine.escaped(mend))"
        case .badPlaces(let path, let reason, let mend):
            "\(OneLine.quoted(path, limit: .max)) is wrong in \(OneLine.escaped(reason)): \(OneLine.escaped(mend))"
        case .malformed(let path, let reason, let mend):
            "\(OneLine.quoted(path, limit: .max)) cannot be used, \(OneLine.escaped(reason)): \(OneLine.escaped(mend))"
        }
    }

    /// The description.
    public var errorDescription: String? { description }
}
