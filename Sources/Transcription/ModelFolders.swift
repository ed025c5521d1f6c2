import Foundation
import ShippedModel

/// The folders in which models are looked for by their names: `NAME.safetensors` in the first folder that has it.
package enum ModelFolders {
    /// The environment variable that names a folder of models.
    package static let environmentVariable = "UTTER_MODELS"

    /// Where the shipped model may be, in order: `models/` of the folders above the program (a checkout, wherever it was
    /// built), `share/utter/models` in these folders, so beside its `bin`, and the resource of the package.
    static var shipped: [String] { models + shared + ShippedModel.folders }

    /// Where a model is looked for by its name, in order: `$UTTER_MODELS`, `~/.local/share/utter`, `share/utter/models` beside
    /// the program, `models/` above it, and the resource of the package.
    static var named: [String] { own + shared + models + ShippedModel.folders }

    /// The folders that are the user's own, whether they exist or not.
    private static var own: [String] {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
        return [environment[environmentVariable] ?? "", "\(home)/.local/share/utter"].filter { !$0.isEmpty }
    }

    private static var shared: [String] { aboveProgram.map { "\($0)/share/utter/models" } }
    private static var models: [String] { aboveProgram.map { "\($0)/models" } }

    /// The folders above the running program but for the root.
    private static let aboveProgram: [String] = {
        guard var folder = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return [] }
        var found: [String] = []
        while folder.deletingLastPathComponent().path != "/", folder.path != "/" {
            folder.deleteLastPathComponent()
            found.append(folder.path)
        }
        return found
    }()

    /// Whether what was given for a model is a name: no path, and nothing with an extension.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.contains("/") && (text as NSString).pathExtension.isEmpty
    }

    /// The path of the model of a name; nil where there is none.
    static func path(of name: String) -> String? {
        guard isName(name) else { return nil }
        return named.map { "\($0)/\(name).safetensors" }.first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The names of all that can be named, and their paths, sorted by name. What is no model of Utter's is among them.
    package static var files: [(name: String, path: String)] {
        var paths: [String: String] = [:]
        for folder in named {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                let name = (file as NSString).deletingPathExtension
                guard file.hasSuffix(".safetensors"), isName(name), paths[name] == nil else { continue }
                paths[name] = "\(folder)/\(file)"
            }
        }
        return paths.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// The folders that exist, and the user's own, which can be made.
    static var worthNaming: [String] {
        let own = own
        var seen: Set<String> = []
        return named.filter {
            (own.contains($0) || FileManager.default.fileExists(atPath: $0)) && seen.insert($0).inserted
        }
    }
}
