import Foundation
import Messages

/// Why a language model could not be read, estimated or written. Each description is one line that names the file, says
/// what is wrong and what to do; control characters are shown escaped.
public enum LanguageModelError: Error, Sendable, Equatable {
    /// A line of an ARPA file or of a text breaks a rule; lines are counted from 1.
    case badLine(path: String, line: Int, reason: String, mend: String)
    /// The file as a whole is not what it should be.
    case malformed(path: String, reason: String, mend: String)
    /// The compiled file ends before its data do; sizes in bytes.
    case truncated(path: String, expected: Int, actual: Int)
    /// The texts hold no word at all.
    case emptyText(names: [String])
    /// A setting is outside what can be done.
    case badSetting(name: String, value: String, mend: String)
    /// N-grams that contradict each other; `reason` names them.
    case inconsistent(reason: String)
}

extension LanguageModelError: CustomStringConvertible, LocalizedError {
    /// One line: the file, what is wrong, what to do.
    public var description: String {
        switch self {
        case .badLine(let path, let line, let reason, let mend):
            "\(file(path)) is wrong in line \(line), \(OneLine.escaped(reason)): \(OneLine.escaped(mend))"
        case .malformed(let path, let reason, let mend):
            "\(file(path)) cannot be used, \(OneLine.escaped(reason)): \(OneLine.escaped(mend))"
        case .truncated(let path, let expected, let actual):
            "\(file(path)) is cut short, \(actual) bytes of \(expected): copy it again or compile it anew"
        case .emptyText(let names):
            "\(names.prefix(3).map(file).joined(separator: ", "))\(names.count > 3 ? ", ..." : "") has no words:"
                + " give text with one sentence a line"
        case .badSetting(let name, let value, let mend):
            "\(OneLine.escaped(name)) \(OneLine.escaped(value)) is not possible: \(OneLine.escaped(mend))"
        case .inconsistent(let reason):
            "the language model is wrong, \(OneLine.escaped(reason)): write it anew with the tool that made it"
        }
    }

    /// The description.
    public var errorDescription: String? { description }

    private func file(_ path: String) -> String { OneLine.quoted(path, limit: .max) }
}
