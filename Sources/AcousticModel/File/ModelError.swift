import Foundation
import Messages

/// A model that cannot be used.
public struct ModelError: UtterError, Equatable {
    /// The file, what is wrong and what to do, in one line.
    public let fault: Fault

    package init(_ path: String, _ problem: String, mend: String) {
        fault = Fault(.malformed, path, problem, remedy: mend)
    }

    /// What to do where the file itself is broken.
    static let getAnother = "get the model again or give another with --model"
}
