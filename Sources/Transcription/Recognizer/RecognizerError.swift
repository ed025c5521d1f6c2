import Foundation
import Messages

/// What is asked of a recogniser that its model cannot do, or sound that it cannot take.
public struct RecognizerError: Error, CustomStringConvertible, LocalizedError, Equatable {
    /// The file it is about; nil where it is about none.
    public let path: String?
    /// What is wrong.
    public let problem: String
    /// What to do.
    public let remedy: String

    package init(_ path: String?, _ problem: String, _ remedy: String) {
        (self.path, self.problem, self.remedy) = (path, problem, remedy)
    }

    /// The file, what is wrong and what to do, in one line.
    public var description: String { (path.map { OneLine.file($0) + ": " } ?? "") + problem + ": " + remedy }
    /// The same, for Foundation.
    public var errorDescription: String? { description }
}
