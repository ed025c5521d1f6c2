import AcousticModel
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
    /// beside the shipped one the shipped one; for an adapted model that has none, that of its base. nil where there is none.
    public static func languageModel(beside model: String) -> String? {
        companion(of: model, ending: "lm", shipped: shippedLanguageModel)
    }

    /// The compiled lexicon that belongs to an acoustic model, by the same rule: its name ends in `.lexicon`.
    public static func lexicon(beside model: String) -> String? {
        companion(of: model, ending: "lexicon", shipped: shippedLexicon)
    }

    private static func companion(of model: String, ending: String, shipped: String) -> String? {
        let folder = (model as NSString).deletingLastPathComponent
        let stem = URL(fileURLWithPath: model).deletingPathExtension().lastPathComponent
        if let own = companion(named: stem, in: folder, ending: ending, shipped: shipped) { return own }
        // An adapted model goes on with what its base has: beside it, or where the shipped model is.
        guard let base = AcousticModel.nameOfBase(at: model) else { return nil }
        if let found = companion(named: base, in: folder, ending: ending, shipped: shipped) { return found }
        guard "\(base).safetensors" == shippedName, let path = try? path(named: nil) else { return nil }
        return companion(
            named: base, in: (path as NSString).deletingLastPathComponent, ending: ending, shipped: shipped)
    }

    private static func companion(
        named stem: String, in folder: String, ending: String, shipped: String
    ) -> String? {
        let names = ["\(stem).\(ending)"] + ("\(stem).safetensors" == shippedName ? [shipped] : [])
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
