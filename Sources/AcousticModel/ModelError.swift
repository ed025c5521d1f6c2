import Foundation
import Messages

/// A model that cannot be used.
public struct ModelError: Error, CustomStringConvertible, LocalizedError, Equatable {
    /// The file, what is wrong and what to do, in one line.
    public let description: String
    /// The same, for Foundation.
    public var errorDescription: String? { description }

    package init(_ path: String, _ problem: String, mend: String) {
        description = "\(OneLine.quoted(path, limit: .max)) \(problem): \(mend)"
    }

    /// What to do where the file itself is broken.
    static let getAnother = "get the model again or give another with --model"
}
