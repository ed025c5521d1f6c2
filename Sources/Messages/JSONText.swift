/// Text written as JSON, character by character, where the order of keys or the spaces matter and no encoder will do.
public enum JSONText {
    /// A string between quotation marks. Quotation marks, backslashes and control characters are escaped, and with
    /// `lineSeparators` U+2028 and U+2029, which JSON allows and many editors break lines at; the rest stands as it is.
    public static func quoted(_ text: String, lineSeparators: Bool = false) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{8}": result += "\\b"
            case "\u{c}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{2028}" where lineSeparators, "\u{2029}" where lineSeparators, ..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
