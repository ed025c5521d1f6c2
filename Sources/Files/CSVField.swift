/// A field of comma-separated values.
package enum CSVField {
    /// The field as RFC 4180 has it: between quotation marks where it holds a comma, a quotation mark or a line end, and where
    /// it begins with a space, which some readers drop.
    package static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) || field.hasPrefix(" ") else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
