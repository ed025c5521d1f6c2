import Messages

/// A line of a file that was skipped.
public struct BadLine: Sendable, Equatable {
    /// The file.
    public let path: String
    /// Counted from 1.
    public let line: Int
    /// What is wrong, and what to do where that is not plain; one line.
    public let reason: String

    package init(_ path: String, _ line: Int, _ reason: String) {
        (self.path, self.line, self.reason) = (path, line, OneLine.escaped(reason))
    }

    /// `file:line`.
    public var place: String { "\(OneLine.escaped(path)):\(line)" }
}

extension BadLine: CustomStringConvertible {
    /// `file:line: reason`.
    public var description: String { "\(place): \(reason)" }
}

/// The share of lines or rows that may be bad before a whole file is refused.
public enum BadShare {
    /// One in twenty.
    public static let allowed = 0.05

    /// Refuses a file of which too much is bad.
    package static func check(_ bad: [BadLine], of total: Int, path: String, allowed: Double) throws(DataError) {
        guard let first = bad.first, Double(bad.count) > allowed * Double(total) else { return }
        let place = first.path == path ? "line \(first.line)" : first.place
        throw DataError(
            path, "\(bad.count) of \(total) lines are bad, first \(place): \(first.reason)",
            mend: "mend them, or raise --max-bad above \(allowed)")
    }
}
