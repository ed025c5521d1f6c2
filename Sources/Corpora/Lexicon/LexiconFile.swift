import Files
import Foundation
import Pronunciation

/// The lexicon that a recipe names: compiled, or as text.
///
/// A compiled one has phones of its own and may guess the words that it lacks. One as text is in ARPAbet, its stress dropped, and
/// guesses no more than endings, spelled letters and parts of words.
package struct LexiconFile: PronunciationSource {
    /// What is in it.
    package let lexicon: PronunciationLexicon

    package var phones: [String] { lexicon.alphabet.symbols }

    /// - Throws: `PronunciationError`, or the errors of a file that cannot be read.
    package init(path: String) throws {
        if Self.isCompiled(path) {
            lexicon = try PronunciationLexicon(path: path)
        } else {
            var options = LexiconTextOptions()
            options.lowercases = true
            let entries = try LexiconText(path: path, options: options).checked()
            guard !entries.isEmpty else { throw PronunciationError.noWords(names: [path]) }
            lexicon = try PronunciationLexicon(entries: entries, alphabet: options.alphabet)
        }
    }

    /// A compiled lexicon has a NUL among its first bytes, text has none.
    package static func isCompiled(_ path: String) -> Bool {
        RawPath(path).firstBytes(8).contains(0)
    }

    package func pronunciations(of word: String, most: Int) -> [[UInt8]] {
        lexicon.pronounce(word, count: most).map(\.phones)
    }
}
