import Foundation
import Messages

/// Where a model is found when none is named.
public enum DefaultModel {
    /// The environment variable that names one.
    public static let environmentVariable = "UTTER_MODEL"
    /// The file name of the model that is shipped.
    public static let shippedName = "english-small.safetensors"

    /// The file name of the language model that is shipped with it.
    public static let shippedLanguageModel = "english.lm"

    /// The lexicon that is shipped with it.
    public static let shippedLexicon = "english.lexicon"

    /// The language model that belongs to an acoustic model: the file beside it of the same name that ends in `.lm`, or
    /// beside the shipped one the shipped one; nil where there is none.
    public static func languageModel(beside model: String) -> String? {
        companion(of: model, ending: "lm", shipped: shippedLanguageModel)
    }

    /// The compiled lexicon that belongs to an acoustic model, by the same rule: its name ends in `.lexicon`.
    public static func lexicon(beside model: String) -> String? {
        companion(of: model, ending: "lexicon", shipped: shippedLexicon)
    }

    private static func companion(of model: String, ending: String, shipped: String) -> String? {
        let url = URL(fileURLWithPath: model)
        let names =
            ["\(url.deletingPathExtension().lastPathComponent).\(ending)"]
            + (url.lastPathComponent == shippedName ? [shipped] : [])
        let folder = (model as NSString).deletingLastPathComponent
        return names.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
            .first { FileManager.default.fileExists(atPath: $0) }
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
public enum DefaultModelError: UtterError, Equatable {
    /// None was named, and the shipped one is not beside the program.
    case notShipped
    /// The environment variable names a file that is not there.
    case doesNotExist(String)

    /// What is wrong and what to do.
    public var fault: Fault {
        let variable = "$\(DefaultModel.environmentVariable)"
        return switch self {
        case .notShipped:
            Fault(
                .notFound, nil, "no model: \(DefaultModel.shippedName) is not in models/ above the program",
                remedy: "name one with --model or \(variable)", separator: "; ")
        case .doesNotExist(let path):
            Fault(
                .notFound, path, "which \(variable) names, does not exist", remedy: "check the path",
                name: OneLine.file(path) + ",")
        }
    }
}
