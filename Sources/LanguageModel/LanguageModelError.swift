import Foundation
import Messages

/// Why a language model could not be read, estimated or written. Each description is one line that names the file, says
/// what is wrong and what to do; control characters are shown escaped.
public enum LanguageModelError: UtterError, Equatable {
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
    /// One line: the file, what is wrong, what to do.
    public var fault: Fault {
        switch self {
        case .badLine(let path, let line, let reason, let mend):
            Fault(.malformed, path, "is wrong in line \(line), \(reason)", remedy: mend)
        case .malformed(let path, let reason, let mend):
            Fault(.malformed, path, "cannot be used, \(reason)", remedy: mend)
        case .truncated(let path, let expected, let actual):
            Fault(
                .truncated, path, "is cut short, \(actual) bytes of \(expected)",
                remedy: "copy it again or compile it anew")
        case .emptyText(let names):
            Fault(
                .empty,
                sentence:
                    "\(names.prefix(3).map(file).joined(separator: ", "))\(names.count > 3 ? ", ..." : "") has"
                    + " no words: give text with one sentence a line"
            )
        case .badSetting(let name, let value, let mend):
            Fault(.badSetting, sentence: "\(name) \(value) is not possible: \(mend)")
        case .inconsistent(let reason):
            Fault(
                .malformed, sentence: "the language model is wrong, \(reason): write it anew with the tool that made it"
            )
        }
    }

    private func file(_ path: String) -> String { OneLine.quoted(path, limit: .max) }
}
