import Foundation

/// Where a model is found when none is named.
public enum DefaultModel {
    /// The environment variable that names one.
    public static let environmentVariable = "UTTER_MODEL"
    /// The file name of the model that is shipped.
    public static let shippedName = "english-small.safetensors"

    /// The path of the model to use: `named` if given, else `$UTTER_MODEL`, else the shipped one.
    ///
    /// The shipped one is looked for beside the running program, never in the working directory: in `models/` of each
    /// folder above it (a checkout, wherever it was built), and in `share/utter/models` beside its `bin`.
    /// - Throws: ``DefaultModelError`` where none is found.
    public static func path(named: String?) throws(DefaultModelError) -> String {
        if let named { return named }
        if let path = ProcessInfo.processInfo.environment[environmentVariable], !path.isEmpty { return path }
        guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { throw DefaultModelError() }
        var folder = program.deletingLastPathComponent()
        while folder.path != "/" {
            for place in ["models", "share/utter/models"] {
                let candidate = folder.appendingPathComponent(place).appendingPathComponent(shippedName).path
                if FileManager.default.fileExists(atPath: candidate) { return candidate }
            }
            folder.deleteLastPathComponent()
        }
        throw DefaultModelError()
    }
}

/// No model was named, and the shipped one is not beside the program.
public struct DefaultModelError: Error, CustomStringConvertible, LocalizedError {
    /// What is wrong and what to do, in one line.
    public var description: String {
        "no model: \(DefaultModel.shippedName) is not in models/ above the program; name one with --model or "
            + "$\(DefaultModel.environmentVariable)"
    }
    /// The same, for Foundation.
    public var errorDescription: String? { description }
}
