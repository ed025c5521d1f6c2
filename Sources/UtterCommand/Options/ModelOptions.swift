import ArgumentParser
import Foundation
import Transcription

/// Which model to use.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: """
            A model: a file, or a name that utter models lists (default: $UTTER_MODEL, else the English model that comes \
            with utter).
            """,
        completion: .model)
    var model: String?
}

extension CompletionKind {
    /// The names of models, folders, and files that may be models.
    static var model: CompletionKind {
        .custom { _, _, prefix in
            let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
            let paths = entries.map { folder + $0 }.filter { path in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                    && (isFolder.boolValue || path.hasSuffix(".safetensors"))
            }
            return (InstalledModel.all.map(\.name) + paths).filter { $0.hasPrefix(prefix) }.sorted()
        }
    }
}
