import Messages

/// What is asked of a recogniser that its model cannot do, or sound that it cannot take.
public struct RecognizerError: UtterError, Equatable {
    /// The file it is about, what is wrong and what to do.
    public let fault: Fault

    package init(_ path: String?, _ problem: String, _ remedy: String) {
        fault = Fault(.unsupported, path, problem, remedy: remedy, name: path.map { OneLine.file($0) + ":" })
    }
}
