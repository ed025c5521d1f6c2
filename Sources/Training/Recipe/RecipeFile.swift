import Corpora
import Evaluation
import Foundation
import Messages
import Yams

/// Recipes as files of YAML: a mapping of sections, each a mapping of keys (``RecipeKey/all``). What is left out has its
/// default.
public enum RecipeFile {
    /// Reads a recipe. Paths in it are seen from its folder.
    /// - Throws: ``DataError`` with the line of what is wrong: no YAML, an unknown section or key, a value out of range.
    public static func read(_ path: String) throws(DataError) -> TrainingRecipe {
        try recipe(text(of: path), path: path)
    }

    /// Reads the recipe that a run noted in its folder with every key. A key that was not there yet has the value that
    /// stands for what was done before.
    /// - Throws: as ``read(_:)``.
    public static func readNoted(_ path: String) throws(DataError) -> TrainingRecipe {
        try recipe(text(of: path), path: path, defaults: .first)
    }

    private static func text(of path: String) throws(DataError) -> String {
        var text = ""
        let lines = try TextLines(path: path)
        while let line = try lines.next() {
            do {
                text += try line.content.get() + "\n"
            } catch {
                throw DataError(path, line: line.number, "is \(error.reason)", mend: "save the recipe as UTF-8 text")
            }
        }
        return text
    }

    /// The recipe that a text holds.
    static func recipe(
        _ text: String, path: String, defaults: TrainingRecipe = TrainingRecipe()
    ) throws(DataError) -> TrainingRecipe {
        var recipe = defaults
        guard let root = try root(of: text, path: path) else { return recipe }
        guard let sections = root.mapping else {
            throw DataError(path, "is not a recipe", mend: "see utter train --print-recipe for what one looks like")
        }
        for (node, keys) in sections {
            let name = node.scalar?.string ?? ""
            let line = node.mark?.line
            guard RecipeKey.sections.contains(where: { $0.name == name }) else {
                throw unknown("section", name, of: RecipeKey.sections.map(\.name), path, line)
            }
            if keys.scalar?.string == "" { continue }
            guard let keys = keys.mapping else {
                throw DataError(path, line: line, "\(name) is not a section", mend: "put its keys below it, indented")
            }
            for (node, value) in keys { try set(name, node, value, in: &recipe, path: path) }
        }
        let folder = FilePath.folder(of: path)
        recipe.mapPaths { FilePath.resolve($0, from: folder) }
        return recipe
    }

    private static func root(of text: String, path: String) throws(DataError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            let (line, problem) = error.place
            throw DataError(path, line: line, "is not YAML (\(problem))", mend: "see utter train --print-recipe")
        } catch {
            throw DataError(path, "is not YAML", mend: "see utter train --print-recipe")
        }
    }

    private static func set(
        _ section: String, _ node: Node, _ value: Node, in recipe: inout TrainingRecipe, path: String
    ) throws(DataError) {
        let name = node.scalar?.string ?? ""
        guard let key = RecipeKey.all.first(where: { $0.section == section && $0.name == name }) else {
            let names = RecipeKey.all.filter { $0.section == section }.map(\.name)
            throw unknown("key", name, of: names, path, node.mark?.line, in: section)
        }
        do {
            try key.set(value, &recipe)
        } catch {
            throw DataError(path, line: value.mark?.line, "\(key.path) \(error.problem)", mend: error.mend)
        }
    }

    private static func unknown(
        _ what: String, _ name: String, of names: [String], _ path: String, _ line: Int?, in section: String? = nil
    ) -> DataError {
        let place = section.map { " in \($0)" } ?? ""
        let nearest = names.min { Alignment.distance($0, name) < Alignment.distance($1, name) }
        let mend =
            nearest.flatMap { Alignment.distance($0, name) <= 3 ? "did you mean \($0)?" : nil }
            ?? "there are \(names.joined(separator: ", "))"
        return DataError(path, line: line, "unknown \(what) \(OneLine.quoted(name))\(place)", mend: mend)
    }

    /// Changes one key by an assignment, `network.hidden=256`, its value being YAML. Paths are seen from the working
    /// directory.
    /// - Throws: ``DataError`` where there is no such key, or the value cannot be.
    public static func assign(_ assignment: String, to recipe: inout TrainingRecipe) throws(DataError) {
        let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0].trimmingCharacters(in: .whitespaces)
        guard parts.count == 2 else {
            throw DataError("--set \(assignment)", "has no =", mend: "give KEY=VALUE, such as network.hidden=256")
        }
        guard let key = RecipeKey.all.first(where: { $0.path == name }) else {
            throw unknown("key", name, of: RecipeKey.all.map(\.path), "--set", nil)
        }
        let node: Node
        do { node = try Yams.compose(yaml: parts[1]) ?? "" } catch {
            throw DataError("--set \(assignment)", "has a value that is not YAML", mend: "give KEY=VALUE")
        }
        do { try key.set(node, &recipe) } catch {
            throw DataError("--set", "\(key.path) \(error.problem)", mend: error.mend)
        }
    }

    /// What a recipe has that another has not, as ``assign(_:to:)`` takes it.
    package static func changes(in recipe: TrainingRecipe, from usual: TrainingRecipe = TrainingRecipe()) -> [String] {
        RecipeKey.all.compactMap { key in
            let value = key.yaml(recipe)
            return value == key.yaml(usual) ? nil : "\(key.path)=\(value)"
        }
    }

    /// A recipe as YAML, each key with its explanation.
    public static func yaml(_ recipe: TrainingRecipe) -> String {
        RecipeKey.sections.map { section in
            let lines = RecipeKey.all.filter { $0.section == section.name }.flatMap { key in
                ["  # \(key.comment)", "  \(key.name): \(key.yaml(recipe))"]
            }
            return (["# \(section.comment)", "\(section.name):"] + lines).joined(separator: "\n")
        }.joined(separator: "\n\n") + "\n"
    }
}

extension YamlError {
    /// The line, counted from 1, and what is wrong.
    fileprivate var place: (line: Int?, problem: String) {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
            (nil, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            (context.mark.line, "the key \(duplicates.map { "\($0)" }.joined(separator: ", ")) stands there twice")
        default: (nil, "it cannot be parsed")
        }
    }
}

extension Alignment where Token == Character {
    /// The edits between two names.
    fileprivate static func distance(_ a: String, _ b: String) -> Int {
        let counts = EditCounts(Alignment(reference: Array(a), hypothesis: Array(b)))
        return counts.errors
    }
}
