import Yams

/// A key of a recipe: where it stands, what it means, how it is read and written. ``all`` is the one list that reading,
/// printing and overriding by flags share.
public struct RecipeKey: Sendable {
    /// The section that it stands in.
    public let section: String
    /// Its name there.
    public let name: String
    /// What it means, with units and what may be given; for people.
    public let comment: String
    /// Its value as YAML.
    let yaml: @Sendable (TrainingRecipe) -> String
    /// Takes a value, or says in a part of a sentence why it cannot be.
    let set: @Sendable (Node, inout TrainingRecipe) throws(RecipeProblem) -> Void

    /// `section.name`.
    public var path: String { "\(section).\(name)" }
}

/// The place of a value in a recipe.
typealias RecipePath<Value> = WritableKeyPath<TrainingRecipe, Value> & Sendable

extension RecipeKey {
    static func integer(
        _ section: String, _ name: String, _ path: RecipePath<Int>, _ range: ClosedRange<Int>, _ comment: String
    ) -> RecipeKey {
        RecipeKey(section: section, name: name, comment: comment) { recipe in
            "\(recipe[keyPath: path])"
        } set: { node, recipe throws(RecipeProblem) in
            recipe[keyPath: path] = try YAMLValue.integer(node, range)
        }
    }

    static func number(
        _ section: String, _ name: String, _ path: RecipePath<Double>, _ range: ClosedRange<Double>, _ comment: String
    ) -> RecipeKey {
        RecipeKey(section: section, name: name, comment: comment) { recipe in
            YAMLValue.text(recipe[keyPath: path])
        } set: { node, recipe throws(RecipeProblem) in
            recipe[keyPath: path] = try YAMLValue.number(node, range)
        }
    }

    static func truth(_ section: String, _ name: String, _ path: RecipePath<Bool>, _ comment: String) -> RecipeKey {
        RecipeKey(section: section, name: name, comment: comment) { recipe in
            "\(recipe[keyPath: path])"
        } set: { node, recipe throws(RecipeProblem) in
            recipe[keyPath: path] = try YAMLValue.truth(node)
        }
    }

    static func text(_ section: String, _ name: String, _ path: RecipePath<String>, _ comment: String) -> RecipeKey {
        RecipeKey(section: section, name: name, comment: comment) { recipe in
            YAMLValue.quoted(recipe[keyPath: path])
        } set: { node, recipe throws(RecipeProblem) in
            recipe[keyPath: path] = try YAMLValue.string(node)
        }
    }

    static func texts(_ section: String, _ name: String, _ path: RecipePath<[String]>, _ comment: String) -> RecipeKey {
        RecipeKey(section: section, name: name, comment: comment) { recipe in
            "[\(recipe[keyPath: path].map(YAMLValue.quoted).joined(separator: ", "))]"
        } set: { node, recipe throws(RecipeProblem) in
            recipe[keyPath: path] = try YAMLValue.list(node) { element throws(RecipeProblem) in
                try YAMLValue.string(element)
            }
        }
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ section: String, _ name: String, _ path: RecipePath<Value>, _ comment: String
    ) -> RecipeKey {
        RecipeKey(section: section, name: name, comment: comment) { recipe in
            recipe[keyPath: path].rawValue
        } set: { node, recipe throws(RecipeProblem) in
            recipe[keyPath: path] = try YAMLValue.choice(node)
        }
    }
}
