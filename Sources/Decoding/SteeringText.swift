import Files
import Foundation
import LanguageModel
import Messages

extension LineSource {
    /// The next line as text; nil at the end.
    /// - Throws: ``DecodingError`` where it is not UTF-8, `FileError` where it cannot be read.
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

/// Characters that the acoustic model does not spell, in a file with a phrase a line: all are named at once.
struct UnspellablePlaces {
    private var places: [(line: Int, column: Int, character: Unicode.Scalar)] = []

    mutating func add(_ error: Alphabet.Unspellable, line: Int) {
        places.append((line, error.offset + 1, error.character))
    }

    /// What is wrong with the file; nil where nothing is.
    func error(path: String) -> DecodingError? {
        let mend = "write it as it is spoken, with the letters that the model knows"
        func quoted(_ place: Int) -> String { OneLine.quoted(String(places[place].character)) }
        guard let first = places.first else { return nil }
        if places.count == 1 {
            return .badPlace(
                path: path, line: first.line, column: first.column,
                reason: "\(quoted(0)) is none of the model's characters", mend: mend)
        }
        let listed = places.indices.prefix(8).map {
            "line \(places[$0].line) column \(places[$0].column) (\(quoted($0)))"
        }
        let more = places.count > 8 ? " and \(places.count - 8) more" : ""
        return .badPlaces(
            path: path, reason: listed.joined(separator: ", ") + more + ", which are none of the model's characters",
            mend: mend)
    }
}
