/// A recording as another format names it.
struct SourceRow {
    /// The file that names it, and its line.
    let file: String
    let line: Int
    /// From the working directory, or absolute.
    let audioPath: String
    let text: String
    var speaker: String?
    var other: [String: JSONValue] = [:]
}

/// What was found in a corpus.
struct SourceRows {
    var rows: [SourceRow] = []
    var bad: [BadLine] = []
    /// Things worth knowing that concern no single line.
    var remarks: [String] = []
}
