import Foundation

/// The words and signs of a grammar in JSGF (Java Speech Grammar Format, 1998).
struct JSGFLexer {
    enum Kind: Equatable {
        case word(String)
        /// `<name>`; of a name with dots the last part.
        case rule(String)
        case weight(Double)
        /// One of `= ; | * + ( ) [ ]`.
        case sign(Character)
        case end
    }

    struct Token {
        let kind: Kind
        let place: TextPlace
    }

    /// What is wrong at a place, and what to do.
    struct Problem: Error {
        let place: TextPlace
        let reason: String
        let mend: String
    }

    private let text: [Unicode.Scalar]
    private var position = 0
    private(set) var place = TextPlace(line: 1, column: 1)
    private static let special = Set("=;|*+()[]<>{}/\"".unicodeScalars)

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    /// Takes the first line's `#JSGF V1.0 ...;`.
    mutating func header() throws(Problem) {
        let start = place
        while let scalar = peek(), scalar != ";" {
            guard scalar != "\n" else { break }
            advance()
        }
        guard peek() == ";" else {
            throw Problem(place: start, reason: "the head has no semicolon", mend: "begin with #JSGF V1.0;")
        }
        advance()
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < text.count ? text[position + ahead] : nil
    }

    private mutating func advance() {
        if text[position] == "\n" {
            place = TextPlace(line: place.line + 1, column: 1)
        } else {
            place.column += 1
        }
        position += 1
    }

    /// Passes over white space, comments and tags.
    private mutating func skip() throws(Problem) {
        while let scalar = peek() {
            if scalar.properties.isWhitespace {
                advance()
            } else if scalar == "/", peek(1) == "/" {
                while let next = peek(), next != "\n" { advance() }
            } else if scalar == "/", peek(1) == "*" {
                let start = place
                advance()
                advance()
                while peek() != nil, !(peek() == "*" && peek(1) == "/") { advance() }
                guard peek() != nil else {
                    throw Problem(place: start, reason: "a comment is not closed", mend: "put */ at its end")
                }
                advance()
                advance()
            } else if scalar == "{" {
                // A tag is for the program that gets the text; it says nothing about what is heard.
                let start = place
                while let next = peek(), next != "}" {
                    if next == "\\", peek(1) != nil { advance() }
                    advance()
                }
                guard peek() != nil else {
                    throw Problem(place: start, reason: "a tag is not closed", mend: "put } at its end")
                }
                advance()
            } else {
                return
            }
        }
    }

    /// The next word or sign.
    mutating func next() throws(Problem) -> Token {
        try skip()
        let start = place
        guard let first = peek() else { return Token(kind: .end, place: start) }
        switch first {
        case "<":
            let name = try upTo(">", "a rule's name")
            guard let last = name.split(separator: ".").last, !last.isEmpty else {
                throw Problem(place: start, reason: "a rule has no name", mend: "write <name>")
            }
            return Token(kind: .rule(String(last)), place: start)
        case "/":
            let number = try upTo("/", "a weight").trimmingSpace()
            guard let value = Double(number), value >= 0, value.isFinite else {
                throw Problem(place: start, reason: "a weight is no number", mend: "write /2.5/, 0 or more")
            }
            return Token(kind: .weight(value), place: start)
        case "\"":
            return Token(kind: .word(try upTo("\"", "a quotation")), place: start)
        case ">", "}":
            throw Problem(
                place: start, reason: "\(first) closes nothing", mend: first == ">" ? "write <name>" : "write {tag}")
        default: break
        }
        if Self.special.contains(first) {
            advance()
            return Token(kind: .sign(Character(first)), place: start)
        }
        var word = String.UnicodeScalarView()
        while let scalar = peek(), !scalar.properties.isWhitespace, !Self.special.contains(scalar) {
            word.append(scalar)
            advance()
        }
        return Token(kind: .word(String(word)), place: start)
    }

    /// What stands between the sign at hand and the next `end` on the same line.
    private mutating func upTo(_ end: Unicode.Scalar, _ what: String) throws(Problem) -> String {
        let start = place
        advance()
        var content = String.UnicodeScalarView()
        while let scalar = peek(), scalar != end, scalar != "\n" {
            content.append(scalar)
            advance()
        }
        guard peek() == end else {
            throw Problem(place: start, reason: "\(what) is not closed", mend: "put \(end) at its end")
        }
        advance()
        return String(content)
    }
}
