/// Text from outside (paths, names in files), made fit for a message of one line.
public enum OneLine {
    /// The text with every character that breaks a line or steers a terminal written as an escape.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch (scalar, scalar.properties.generalCategory) {
            case ("\n", _): result += "\\n"
            case ("\r", _): result += "\\r"
            case ("\t", _): result += "\\t"
            case (_, .control), (_, .format), (_, .lineSeparator), (_, .paragraphSeparator):
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A file as messages name it: its whole path between quotation marks, or `standard input` where it is `-`.
    public static func file(_ path: String) -> String {
        StandardStream.isNamed(by: path) ? "standard input" : quoted(path, limit: .max)
    }

    /// The text between quotation marks, cut after `limit` characters: a hostile header may hold a name of megabytes.
    public static func quoted(_ text: String, limit: Int = 100) -> String {
        let head = text.unicodeScalars.prefix(limit)
        let isWhole = head.endIndex == text.unicodeScalars.endIndex
        return "\"\(escaped(String(String.UnicodeScalarView(head))))\(isWhole ? "" : "...")\""
    }
}
