import Foundation
import Messages

/// Reads the rules of a JSGF grammar: alternatives with weights, groups, optional parts, `*` and `+`, rules, quoted
/// words, `<NULL>` and `<VOID>`. Tags are passed over; imports are refused.
///
///     alternatives = sequence { "|" sequence }
///     sequence     = [weight] item { item }
///     item         = (word | <rule> | "(" alternatives ")" | "[" alternatives "]") { "*" | "+" }
struct JSGFParser {
    private typealias Problem = JSGFLexer.Problem

    private let path: String
    private let alphabet: Alphabet
    private var lexer: JSGFLexer
    private var token = JSGFLexer.Token(kind: .end, place: TextPlace(line: 1, column: 1))
    private var references: [(name: String, place: TextPlace)] = []
    private var depth = 0
    /// Parentheses in parentheses: each takes a part of the program's stack.
    private static let deepest = 200

    /// - Parameter text: the whole file, its `#JSGF` included.
    /// - Throws: ``DecodingError`` with line and column.
    static func rules(of text: String, path: String, alphabet: Alphabet) throws(DecodingError) -> GrammarRules {
        var parser = JSGFParser(path: path, alphabet: alphabet, lexer: JSGFLexer(text))
        do {
            return try parser.parse()
        } catch {
            throw .badPlace(
                path: path, line: error.place.line, column: error.place.column, reason: error.reason, mend: error.mend)
        }
    }

    private init(path: String, alphabet: Alphabet, lexer: JSGFLexer) {
        (self.path, self.alphabet, self.lexer) = (path, alphabet, lexer)
    }

    private mutating func advance() throws(Problem) { token = try lexer.next() }

    private func unexpected(_ wanted: String) -> Problem {
        let found =
            switch token.kind {
            case .word(let word): OneLine.quoted(word)
            case .rule(let name): OneLine.quoted("<\(name)>")
            case .weight: "a weight"
            case .sign(let sign): "\"\(sign)\""
            case .end: "the end of the file"
            }
        return Problem(place: token.place, reason: "here stands \(found)", mend: "put \(wanted) here")
    }

    private mutating func expect(_ sign: Character) throws(Problem) {
        guard token.kind == .sign(sign) else { throw unexpected("\"\(sign)\"") }
        try advance()
    }

    private mutating func parse() throws(Problem) -> GrammarRules {
        try lexer.header()
        try advance()
        if token.kind == .word("grammar") {
            try advance()
            guard case .word = token.kind else { throw unexpected("the grammar's name") }
            try advance()
            try expect(";")
        }
        var grammar = GrammarRules()
        while token.kind != .end {
            if token.kind == .word("import") {
                throw Problem(
                    place: token.place, reason: "rules of other files cannot be imported",
                    mend: "put the rules into this file")
            }
            let isPublic = token.kind == .word("public")
            if isPublic { try advance() }
            guard case .rule(let name) = token.kind else { throw unexpected("a rule, <name> = ...;") }
            guard grammar.rules[name] == nil else {
                throw Problem(
                    place: token.place, reason: "<\(name)> is there twice", mend: "give one of them another name")
            }
            try advance()
            try expect("=")
            grammar.rules[name] = try alternatives()
            grammar.names.append(name)
            if isPublic { grammar.publicNames.append(name) }
            try expect(";")
        }
        guard !grammar.publicNames.isEmpty else {
            throw Problem(
                place: token.place, reason: "no rule is public",
                mend: "write \"public\" before the rule that says what may be spoken")
        }
        for reference in references where grammar.rules[reference.name] == nil {
            throw Problem(
                place: reference.place, reason: "<\(reference.name)> is no rule of this grammar",
                mend: "define it or mend its name")
        }
        if let loop = grammar.leftRecursion() {
            throw Problem(
                place: loop.place, reason: "<\(loop.name)> begins with itself (left recursion)",
                mend: "write it with * or +, or let it refer to itself at its end alone")
        }
        return grammar
    }

    private mutating func alternatives() throws(Problem) -> GrammarExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw Problem(
                place: token.place, reason: "more than \(Self.deepest) parentheses are open",
                mend: "give parts names as rules")
        }
        var options: [(weight: Double, expression: GrammarExpression)] = []
        repeat {
            if !options.isEmpty { try advance() }
            var weight = 1.0
            if case .weight(let value) = token.kind {
                weight = value
                try advance()
            }
            options.append((weight, try sequence()))
        } while token.kind == .sign("|")
        let greatest = options.map(\.weight).max() ?? 0
        guard greatest > 0 else { return .impossible }
        if options.count == 1 { return options[0].expression }
        return .alternatives(
            options.filter { $0.weight > 0 }.map { (Float(log($0.weight / greatest)), $0.expression) })
    }

    private mutating func sequence() throws(Problem) -> GrammarExpression {
        var parts: [GrammarExpression] = []
        while let item = try item() { parts.append(item) }
        guard !parts.isEmpty else { throw unexpected("a word, a rule or a group (<NULL> is silence)") }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func item() throws(Problem) -> GrammarExpression? {
        var expression: GrammarExpression
        switch token.kind {
        case .word(let text):
            expression = try words(text)
            try advance()
        case .rule("NULL"):
            expression = .sequence([])
            try advance()
        case .rule("VOID"):
            expression = .impossible
            try advance()
        case .rule(let name):
            references.append((name, token.place))
            expression = .rule(name, token.place)
            try advance()
        case .sign("("):
            try advance()
            expression = try alternatives()
            try expect(")")
        case .sign("["):
            try advance()
            expression = .optional(try alternatives())
            try expect("]")
        default: return nil
        }
        while case .sign(let sign) = token.kind, sign == "*" || sign == "+" {
            expression = .repeated(expression, atLeastOnce: sign == "+")
            try advance()
        }
        return expression
    }

    private func words(_ text: String) throws(Problem) -> GrammarExpression {
        let words: [[CharacterCode]]
        do { words = try alphabet.words(ofTyped: text) } catch {
            var place = token.place
            place.column += error.offset
            throw Problem(
                place: place, reason: "\(OneLine.quoted(String(error.character))) is none of the model's characters",
                mend: "write it as it is spoken, with the letters that the model knows")
        }
        return words.count == 1 ? .word(words[0]) : .sequence(words.map { .word($0) })
    }
}
