import Messages
import Yams

/// Values of a recipe, to and from YAML.
enum YAMLValue {
    static func string(_ node: Node) throws(RecipeProblem) -> String {
        guard let scalar = node.scalar else { throw RecipeProblem("is not a single value", mend: "give a text") }
        return scalar.string
    }

    static func integer(_ node: Node, _ range: ClosedRange<Int>) throws(RecipeProblem) -> Int {
        let wanted = "give a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let scalar = node.scalar, let value = Int(scalar.string) else {
            throw RecipeProblem("is \(shown(node)), no whole number", mend: wanted)
        }
        guard range.contains(value) else { throw RecipeProblem("is \(value), out of range", mend: wanted) }
        return value
    }

    static func number(_ node: Node, _ range: ClosedRange<Double>) throws(RecipeProblem) -> Double {
        let wanted = "give a number from \(text(range.lowerBound)) to \(text(range.upperBound))"
        guard let scalar = node.scalar, let value = Double(scalar.string), value.isFinite else {
            throw RecipeProblem("is \(shown(node)), no number", mend: wanted)
        }
        guard range.contains(value) else { throw RecipeProblem("is \(text(value)), out of range", mend: wanted) }
        return value
    }

    static func truth(_ node: Node) throws(RecipeProblem) -> Bool {
        switch node.scalar?.string {
        case "true": true
        case "false": false
        default: throw RecipeProblem("is \(shown(node))", mend: "give true or false")
        }
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable>(_ node: Node) throws(RecipeProblem) -> Value {
        guard let value = node.scalar.flatMap({ Value(rawValue: $0.string) }) else {
            let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw RecipeProblem("is \(shown(node))", mend: "give one of \(names)")
        }
        return value
    }

    /// A list; a single value is a list of one.
    static func list<Value>(
        _ node: Node, _ element: (Node) throws(RecipeProblem) -> Value
    ) throws(RecipeProblem) -> [Value] {
        guard let sequence = node.sequence else {
            if node.scalar?.string == "" { return [] }
            return [try element(node)]
        }
        var values: [Value] = []
        for node in sequence { values.append(try element(node)) }
        return values
    }

    /// A number as short as it can be: 5, 0.1, 1e-05.
    static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// A text in double quotes, which is YAML for any text.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case ..<" ", "\u{7f}": result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func shown(_ node: Node) -> String {
        guard let scalar = node.scalar else { return node.mapping == nil ? "a list" : "a section of its own" }
        return scalar.string.isEmpty ? "empty" : OneLine.quoted(scalar.string)
    }
}
