import Corpora
import Files
import Foundation
import Messages
import TensorFiles

/// The folder of a training run, and what lies where in it.
public struct TrainingFolder: Sendable {
    /// The path of the folder.
    public let path: String
    /// The model with the lowest dev error.
    public var best: String { "\(path)/best.safetensors" }
    /// The model after the last epoch.
    public var last: String { "\(path)/last.safetensors" }
    /// What a resumed run goes on from.
    public var checkpoint: String { "\(path)/checkpoint.safetensors" }
    /// A line of JSON for each epoch, and for some steps.
    public var log: String { "\(path)/log.jsonl" }
    /// The recipe, with every key.
    public var recipe: String { "\(path)/recipe.yaml" }

    /// Names a folder; it need not exist.
    public init(path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// Whether a run has been here.
    public var isUsed: Bool { [checkpoint, log, recipe].contains { FileManager.default.fileExists(atPath: $0) } }

    /// Makes the folder, and notes the recipe in it.
    /// - Throws: ``DataError`` where a run has been here or it cannot be made; `FileError` where it cannot be written.
    func begin(_ recipe: TrainingRecipe) throws {
        guard !isUsed else {
            throw DataError(
                path, "holds a training run", mend: "go on with it by --resume, or give another folder with --output")
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw DataError(path, "cannot be made a folder", mend: "give another with --output")
        }
        try note(recipe)
    }

    /// Notes the recipe, its paths from the root of the disk.
    func note(_ recipe: TrainingRecipe) throws {
        var recipe = recipe
        var resolver = RelativePaths(to: ".")
        recipe.mapPaths { resolver.absolute($0) }
        try AtomicFile.write(to: self.recipe) { try $0.append(RecipeFile.yaml(recipe).utf8) }
    }

    /// The checkpoint of a run that is to go on; nil where the run was ended before its first.
    /// - Throws: ``DataError`` where no run has been here; the errors of a broken checkpoint.
    func readCheckpoint() throws -> Checkpoint? {
        guard isUsed else {
            throw DataError(path, "holds no training run to go on with", mend: "begin one without --resume")
        }
        return FileManager.default.fileExists(atPath: checkpoint) ? try Checkpoint(path: checkpoint) : nil
    }
}
