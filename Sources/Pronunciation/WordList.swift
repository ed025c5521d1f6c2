import Files
import Foundation
import LanguageModel

/// Words to be pronounced, from a file.
public enum WordList {
    /// The words of a language model (compiled, or ARPA in a file that ends in `.arpa`), or the first field of each line of
    /// a text, plain or compressed; `-` is standard input. Words in angle brackets (`<unk>`) are no words.
    /// - Throws: `FileError` where the file cannot be read or a line is not UTF-8.
    public static func read(_ path: String) throws -> [String] {
        if CompactModel.isCompact(path) || (path as NSString).pathExtension.lowercased() == "arpa" {
            let model = try LanguageModelFile.open(path)
            return model.ordinaryWords.map { model.word($0) }.filter(isWord)
        }
        var words: [String] = []
        let lines = try LineSource(path: path)
        while let word = try lines.next({ try fields($0, of: lines).first }) {
            if let word, isWord(word) { words.append(word) }
        }
        return words
    }

    /// All words of a text, in their order.
    /// - Parameter body: is called for each as soon as its line has been read.
    /// - Throws: as ``read(_:)``, and what the body throws.
    public static func forEachWord(of path: String, _ body: (String) throws -> Void) throws {
        let lines = try LineSource(path: path)
        while let words = try lines.next({ try fields($0, of: lines) }) { try words.forEach(body) }
    }

    private static func fields(_ line: UnsafeRawBufferPointer, of lines: LineSource) throws -> [String] {
        guard let text = String(bytes: line, encoding: .utf8) else {
            throw LanguageModelError.badLine(
                path: lines.path, line: lines.number, reason: "it is not UTF-8",
                mend: "convert the file, for example with iconv -f LATIN1 -t UTF-8")
        }
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func isWord(_ word: String) -> Bool { !(word.hasPrefix("<") && word.hasSuffix(">")) }
}
