import Foundation

/// A model that cannot be used.
public struct ModelError: Error, CustomStringConvertible, LocalizedError, Equatable {
    /// The file, what is wrong and what to do, in one line.
    public let description: String
    /// The same, for Foundation.
    public var errorDescription: String? { description }

    init(_ path: String, _ problem: String, mend: String) {
        description = "\(path.escapedForOneLine): \(problem); \(mend)"
    }

    /// What to do where the file itself is broken.
    static let getAnother = "get the model again or give another with --model"
}

extension String {
    /// The same text with control characters written as escapes, for messages of one line.
    public var escapedForOneLine: String {
        unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.properties.generalCategory == .control || "\u{2028}\u{2029}".unicodeScalars.contains(scalar) {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}
