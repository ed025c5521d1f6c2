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
        // An adapted model goes on with what its base has: beside it, or where models are installed, whatever $UTTER_MODEL says.
        guard let base = AcousticModel.nameOfBase(at: model) else { return nil }
        if let found = companion(named: base, in: folder, ending: ending, shipped: shipped) { return found }
        guard let path = ModelFolders.path(of: base) else { return nil }
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
    /// Either may be a path or the name of a model, without slash and extension: a file of that name in the working directory,
    /// else `NAME.safetensors` in `$UTTER_MODELS`, `~/.local/share/utter`, `share/utter/models` beside the program, `models/` of
    /// the folders above it, or the resources of the package. The shipped one is looked for in `models/` of the folders above
    /// the program, in `share/utter/models` beside it and in those resources, never in the working directory.
    /// - Throws: ``DefaultModelError`` where none is found.
    public static func path(named: String?) throws(DefaultModelError) -> String {
        if let named {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: named, isDirectory: &isFolder)
            guard ModelFolders.isName(named), !exists || isFolder.boolValue else { return named }
            if let path = ModelFolders.path(of: named) { return path }
            guard !exists else { return named }
            throw .unknownName(named, folders: ModelFolders.worthNaming, models: InstalledModel.all.map(\.name))
        }
        if let path = ProcessInfo.processInfo.environment[environmentVariable], !path.isEmpty {
            if FileManager.default.fileExists(atPath: path) { return path }
            guard let path = ModelFolders.path(of: path) else { throw .doesNotExist(path) }
            return path
        }
        let candidates = ModelFolders.shipped.lazy.map { "\($0)/\(shippedName)" }
        guard let path = candidates.first(where: FileManager.default.fileExists(atPath:)) else { throw .notShipped }
        return path
    }
}

/// No model is where it was looked for.
public enum DefaultModelError: UtterError, Equatable {
    /// None was named, and the shipped one is not beside the program.
    case notShipped
    /// The environment variable names a file that is not there.
    case doesNotExist(String)
    /// No folder has a model of this name; the folders that were looked in, and the models that are there.
    case unknownName(String, folders: [String], models: [String])

    /// What is wrong and what to do.
    public var fault: Fault {
        let variable = "$\(DefaultModel.environmentVariable)"
        return switch self {
        case .notShipped:
            Fault(
                .notFound, nil,
                "no model: \(DefaultModel.shippedName) is neither in models/ above the program nor beside it",
                remedy: "name one with --model or \(variable)", separator: "; ")
        case .doesNotExist(let path):
            Fault(
                .notFound, path, "which \(variable) names, does not exist", remedy: "check the path",
                name: OneLine.file(path) + ",")
        case .unknownName(let name, let folders, let models):
            Fault(
                .notFound, nil,
                "no model \(OneLine.quoted(name)) in " + folders.map(OneLine.file).joined(separator: ", "),
                remedy: models.isEmpty
                    ? "there are no models; give the path of one"
                    : "there are: \(models.map(OneLine.escaped).joined(separator: ", ")); name one of them or give a path",
                separator: "; ")
        }
    }
}
