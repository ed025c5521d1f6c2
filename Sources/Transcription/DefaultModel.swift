import Foundation
import Messages

/// Where a model is found when none is named.
public enum DefaultModel {
    /// The environment variable that names one.
    public static let environmentVariable = "UTTER_MODEL"
    /// The file name of the model that is shipped.
    public static let shippedName = "english-small.safetensors"

    /// The language model that belongs to an acoustic model: the file beside it of the same name that ends in `.lm`; nil
    /// where there is none.
    public static func languageModel(beside model: String) -> String? {
        let path = (model as NSString).deletingPathExtension + ".lm"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The path of the model to use: `named` if given, else `$UTTER_MODEL`, else the shipped one.
    ///
    /// The shipped one is looked for beside the running program, never in the working directory: in `models/` of each
    /// folder above it (a checkout, wherever it was built), and in `share/utter/models` beside its `bin`.
    /// - Throws: ``DefaultModelError`` where none is found.
    public static func path(named: String?) throws(DefaultModelError) -> String {
        if let named { return named }
        if let path = ProcessInfo.processInfo.environment[environmentVariable], !path.isEmpty {
            guard FileManager.default.fileExists(atPath: path) else { throw .doesNotExist(path) }
            return path
        }
        guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { throw .notShipped }
        var folder = program.deletingLastPathComponent()
        while folder.path != "/" {
            for place in ["models", "share/utter/models"] {
                let candidate = folder.appendingPathComponent(place).appendingPathComponent(shippedName).path
                if FileManager.default.fileExists(atPath: candidate) { return candidate }
            }
            folder.deleteLastPathComponent()
        }
        throw .notShipped
    }
}

/// No model is where it was looked for.
public enum DefaultModelError: Error, CustomStringConvertible, LocalizedError, Equatable {
    /// None was named, and the shipped one is not beside the program.
    case notShipped
    /// The environment variable names a file that is not there.
    case doesNotExist(String)

    /// What is wrong and what to do, in one line.
    public var description: String {
        let variable = "$\(DefaultModel.environmentVariable)"
        return switch self {
        case .notShipped:
            "no model: \(DefaultModel.shippedName) is not in models/ above the program; name one with --model or \(variable)"
        case .doesNotExist(let path):
            "\(OneLine.quoted(path, limit: .max)), which \(variable) names, does not exist: check the path"
        }
    }
    /// The same, for Foundation.
    public var errorDescription: String? { description }
}
