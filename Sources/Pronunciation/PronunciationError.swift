import Messages

/// Why a lexicon could not be read, compiled or opened. Each description is one line that says what is wrong and what to
/// do; control characters are shown escaped.
public enum PronunciationError: UtterError, Equatable {
    /// A list of symbols is no alphabet.
    case badAlphabet(reason: String)
    /// A lexicon's text has problems: the first ones, and how many there are in all.
    case badText(path: String, problems: [LexiconProblem], count: Int)
    /// There is no word at all.
    case noWords(names: [String])
    /// A file is no compiled lexicon, or a damaged one.
    case malformed(path: String, reason: String)
    /// A compiled lexicon ends before its data do; sizes in bytes.
    case truncated(path: String, expected: Int, actual: Int)
    /// A lexicon has more than the format can hold.
    case tooLarge(reason: String)
    /// A setting is outside what can be done.
    case badSetting(name: String, value: String, remedy: String)
    /// No pronunciation model can be made of the words that are there.
    case noModel(reason: String)
    /// One line: the file, what is wrong, what to do.
    public var fault: Fault {
        switch self {
        case .badAlphabet(let reason):
            Fault(
                .badSetting, sentence: "the phone alphabet cannot be used, \(reason): give a list of symbols, each once"
            )
        case .badText(let path, let problems, let count):
            count == 1 && !problems.isEmpty
                ? Fault(.malformed, path, sentence: "\(problems[0])")
                : Fault(
                    .malformed, path, "has \(count) problems",
                    remedy: "correct them, \"utter lexicon check\" lists them")
        case .noWords(let names):
            Fault(
                .empty,
                sentence:
                    "\(names.prefix(3).map(OneLine.file).joined(separator: ", ")) has no words: give a lexicon"
                    + " with a word and its phones in each line"
            )
        case .malformed(let path, let reason):
            Fault(
                .malformed, path, "cannot be used, \(reason)",
                remedy: "give a file that \"utter lexicon compile\" wrote")
        case .truncated(let path, let expected, let actual):
            Fault(
                .truncated, path, "is cut short, \(actual) bytes of \(expected)",
                remedy: "copy it again or compile it anew")
        case .tooLarge(let reason):
            Fault(.unsupported, sentence: "the lexicon is too large, \(reason): leave words out")
        case .badSetting(let name, let value, let remedy):
            Fault(.badSetting, sentence: "\(name) \(value) is not possible: \(remedy)")
        case .noModel(let reason):
            Fault(
                .empty,
                sentence:
                    "no pronunciation model can be made, \(reason): give more words, or leave it out with --no-model")
        }
    }
}
