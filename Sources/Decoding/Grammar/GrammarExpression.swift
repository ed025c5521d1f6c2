/// Where something stands in a file; both counted from 1, columns in characters.
struct TextPlace: Sendable, Equatable {
    var line: Int
    var column: Int
}

/// What a rule of a grammar says.
indirect enum GrammarExpression: Sendable {
    /// A word, by its characters.
    case word([CharacterCode])
    /// One after the other; nothing where there is none.
    case sequence([GrammarExpression])
    /// One of them; the weights are logarithms, that of the likeliest being 0.
    case alternatives([(weight: Float, expression: GrammarExpression)])
    /// Once or not at all.
    case optional(GrammarExpression)
    /// Any number of times, at least once where so said.
    case repeated(GrammarExpression, atLeastOnce: Bool)
    /// What another rule says.
    case rule(String, TextPlace)
    /// No text, not even an empty one.
    case impossible

    /// The rules that may stand at the beginning, with nothing said before them.
    func leftmostRules(_ canBeEmpty: (GrammarExpression) -> Bool) -> [(name: String, place: TextPlace)] {
        switch self {
        case .word, .impossible: return []
        case .rule(let name, let place): return [(name, place)]
        case .optional(let inner), .repeated(let inner, _): return inner.leftmostRules(canBeEmpty)
        case .alternatives(let options): return options.flatMap { $0.expression.leftmostRules(canBeEmpty) }
        case .sequence(let parts):
            var found: [(name: String, place: TextPlace)] = []
            for part in parts {
                found += part.leftmostRules(canBeEmpty)
                if !canBeEmpty(part) { break }
            }
            return found
        }
    }

    /// Whether the empty text fits, given the rules for which it does.
    func canBeEmpty(_ emptyRules: Set<String>) -> Bool {
        switch self {
        case .word, .impossible: false
        case .rule(let name, _): emptyRules.contains(name)
        case .optional: true
        case .repeated(let inner, let atLeastOnce): !atLeastOnce || inner.canBeEmpty(emptyRules)
        case .alternatives(let options): options.contains { $0.expression.canBeEmpty(emptyRules) }
        case .sequence(let parts): parts.allSatisfy { $0.canBeEmpty(emptyRules) }
        }
    }
}

/// The rules of a grammar by name, and what may be said: any of the public ones.
struct GrammarRules: Sendable {
    /// The rules in the order of the file.
    var names: [String] = []
    var rules: [String: GrammarExpression] = [:]
    var publicNames: [String] = []

    /// A reference to a rule that cannot be followed.
    struct LeftRecursion {
        let name: String
        let place: TextPlace
    }

    /// Looks for a rule that begins with itself, by whatever way.
    func leftRecursion() -> LeftRecursion? {
        var empty: Set<String> = []
        while true {
            let more = names.filter { !empty.contains($0) && rules[$0]?.canBeEmpty(empty) == true }
            if more.isEmpty { break }
            empty.formUnion(more)
        }
        var finished: Set<String> = []
        for name in names where !finished.contains(name) {
            // Depth first, with a stack of our own: a chain of rules may be long.
            var open: [(name: String, left: [(name: String, place: TextPlace)])] = []
            var isOpen: Set<String> = []
            func enter(_ name: String) {
                open.append((name, rules[name]?.leftmostRules { $0.canBeEmpty(empty) } ?? []))
                isOpen.insert(name)
            }
            enter(name)
            while let top = open.last {
                guard let reference = top.left.last else {
                    open.removeLast()
                    isOpen.remove(top.name)
                    finished.insert(top.name)
                    continue
                }
                open[open.count - 1].left.removeLast()
                if isOpen.contains(reference.name) {
                    return LeftRecursion(name: reference.name, place: reference.place)
                }
                if !finished.contains(reference.name) { enter(reference.name) }
            }
        }
        return nil
    }
}
