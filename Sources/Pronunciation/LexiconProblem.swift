import Messages

/// Something wrong in a line of a lexicon's text.
public struct LexiconProblem: Sendable, Equatable, CustomStringConvertible {
    /// The file, as it was named.
    public let path: String
    /// The line, counted from 1.
    public let line: Int
    /// The word of the line; empty where there is none.
    public let word: String
    /// What is wrong.
    public let reason: String
    /// What to do.
    public let remedy: String

    /// One line: file, line, word, what is wrong, what to do.
    public var description: String {
        let name = word.isEmpty ? "" : " \(OneLine.quoted(word)):"
        return "\(OneLine.file(path)) is wrong in line \(line),\(name) \(OneLine.escaped(reason)):"
            + " \(OneLine.escaped(remedy))"
    }
}
