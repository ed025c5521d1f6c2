import Messages

/// Reads JSON (RFC 8259) strictly, value by value, keeping nothing.
///
/// JSONSerialization will not do for a file from outside: it lets the last of two equal keys win, turns integers into
/// doubles and builds the whole tree. The bytes must be UTF-8; that is checked once for the whole text, before.
package struct JSONScanner {
    /// What is wrong and at which byte.
    package struct Failure: Error {
        /// Which rule is broken, where others than this reader care.
        package enum Rule { case syntax, repeatedKey, controlCharacter, halfSurrogate }
        package let rule: Rule
        package let reason: String
    }

    /// A number as it is written.
    struct Number {
        let text: String
        /// The integer; nil where there is a fraction or an exponent, and where `Int` is too small.
        var integer: Int? { Int(text) }
        var isNegative: Bool { text.hasPrefix("-") }
        var isWhole: Bool { text.allSatisfy { $0.isNumber || $0 == "-" } }
    }

    private let bytes: [UInt8]
    private var position = 0
    /// Values nested deeper are refused, lest they overflow the stack.
    private static let depthLimit = 32

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next byte that is no white space; nil at the end.
    mutating func next() -> UInt8? {
        while let byte = current, byte == 0x20 || (0x09...0x0d).contains(byte) && byte != 0x0b && byte != 0x0c {
            position += 1
        }
        return current
    }

    /// Checks that only white space is left.
    mutating func end() throws {
        if next() != nil { throw failure("something follows the object") }
    }

    /// Hands every key of an object to `member`, which must consume the value. Keys that differ only in Unicode
    /// normalisation count as the same.
    package mutating func object(_ member: (String, inout JSONScanner) throws -> Void) throws {
        try expect(UInt8(ascii: "{"), "an object")
        if take(UInt8(ascii: "}")) { return }
        var keys: Set<String> = []
        repeat {
            let key = try string()
            guard keys.insert(key).inserted else {
                throw failure("the key \(OneLine.quoted(key)) stands there twice", .repeatedKey)
            }
            try expect(UInt8(ascii: ":"), "a colon")
            try member(key, &self)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the end of the object")
    }

    /// Calls `element` before every value of an array; it must consume the value.
    mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
        try expect(UInt8(ascii: "["), "an array")
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the end of the array")
    }

    /// Consumes a string.
    mutating func string() throws -> String {
        try expect(UInt8(ascii: "\""), "a string")
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(contentsOf: Array(String(try escape()).utf8))
            case ..<0x20: throw failure("a control character stands in a string", .controlCharacter)
            default: text.append(byte)
            }
        }
        throw failure("a string has no end")
    }

    /// Consumes a number.
    mutating func number() throws -> Number {
        let first = next()
        let start = position
        if first == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return Number(text: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// Consumes a value of whatever kind.
    package mutating func skip(depth: Int = 0) throws {
        guard depth < Self.depthLimit else { throw failure("values are nested deeper than \(Self.depthLimit)") }
        switch next() {
        case UInt8(ascii: "{"): try object { _, json in try json.skip(depth: depth + 1) }
        case UInt8(ascii: "["): try array { json in try json.skip(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ reason: String, _ rule: Failure.Rule = .syntax) -> Failure {
        Failure(rule: rule, reason: "\(reason) at byte \(position)")
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws {
        guard take(byte) else { throw failure("\(what) is missing") }
    }

    private mutating func digits() throws {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure("a value is missing or no JSON") }
    }

    private mutating func literal(_ word: String) throws {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("a value is missing or no JSON") }
        position += word.utf8.count
    }

    /// What stands after a backslash; two `\u` escapes may be needed for one scalar.
    private mutating func escape() throws -> Unicode.Scalar {
        let byte = current
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xd800..<0xdc00).contains(code), bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                let low = try codeUnit()
                guard (0xdc00..<0xe000).contains(low) else {
                    throw failure("half a surrogate pair stands in a string", .halfSurrogate)
                }
                code = 0x1_0000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw failure("half a surrogate pair stands in a string", .halfSurrogate)
            }
            return scalar
        default: throw failure("an unknown escape stands in a string")
        }
    }

    private mutating func codeUnit() throws -> UInt32 {
        let digits = bytes[position...].prefix(4)
        let text = String(decoding: digits, as: UTF8.self)
        guard text.utf8.count == 4, text.allSatisfy({ $0.isHexDigit && $0.isASCII }), let code = UInt32(text, radix: 16)
        else { throw failure("an escape without four hexadecimal digits stands in a string") }
        position += 4
        return code
    }
}
