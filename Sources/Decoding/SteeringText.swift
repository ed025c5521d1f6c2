import Foundation
import LanguageModel
import Messages

extension InputLines {
    /// The next line as text; nil at the end.
    /// - Throws: ``DecodingError`` where it is not UTF-8, `LanguageModelError` where it cannot be read.
    func text() throws -> String? {
        try next { bytes in
            guard let text = String(bytes: bytes, encoding: .utf8) else {
                throw DecodingError.badPlace(
                    path: path, line: number, column: nil, reason: "it is not UTF-8",
                    mend: "convert the file, for example with iconv -f LATIN1 -t UTF-8")
            }
            return text
        }
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    func trimmingSpace() -> String {
        let inner = drop { $0.isWhitespace }
        return String(inner[..<(inner.lastIndex { !$0.isWhitespace }.map(inner.index(after:)) ?? inner.startIndex)])
    }
}

extension DecodingError {
    /// What is said of a character that the acoustic model does not spell.
    static func unspellable(
        _ error: Alphabet.Unspellable, path: String, line: Int, column: Int
    ) -> DecodingError {
        .badPlace(
            path: path, line: line, column: column,
            reason: "\(OneLine.quoted(String(error.character))) is none of the model's characters",
            mend: "write it as it is spoken, with the letters that the model knows")
    }
}
