import ArgumentParser
import Files
import Messages

/// A subcommand that there is not: ArgumentParser would take it for an argument too many.
enum Misspelling {
    /// Follows the subcommands that arguments name.
    /// - Throws: `ValidationError` where one is unknown, with the one that may be meant.
    static func check(_ arguments: [String], root: any ParsableCommand.Type) throws {
        var (command, path) = (root, "utter")
        for argument in arguments {
            let subcommands = command.configuration.subcommands
            // An option may come first.
            guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return }
            // With a default subcommand, any argument may be its own: a file, or what nobody means by a subcommand.
            let hasDefault = command.configuration.defaultSubcommand != nil
            if hasDefault, RawPath(argument).status != nil { return }
            let name = { (type: any ParsableCommand.Type) in type._commandName }
            guard let next = subcommands.first(where: { name($0) == argument }) else {
                let nearest = nearest(to: argument, among: subcommands.map(name))
                if hasDefault, nearest == nil { return }
                throw ValidationError(
                    "Unknown subcommand \(OneLine.quoted(argument))."
                        + (nearest.map { " Did you mean \(OneLine.quoted("\(path) \($0)"))?" }
                            ?? " See \"\(path) --help\"."))
            }
            (command, path) = (next, "\(path) \(argument)")
        }
    }

    /// The name that differs least; nil where all differ much.
    static func nearest(to word: String, among names: [String]) -> String? {
        let best = names.map { (name: $0, edits: edits(word.lowercased(), $0)) }.min { $0.edits < $1.edits }
        return best.flatMap { $0.edits <= max(1, $0.name.count / 3) ? $0.name : nil }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment; Damerau 1964).
    static func edits(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var edits = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { edits = min(edits, rows[i - 1][j - 1] + 1) }
                row.append(edits)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
