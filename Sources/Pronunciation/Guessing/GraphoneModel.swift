import Foundation
import LanguageModel

/// A joint n-gram model: letters and phones side by side, in units of both (Bisani and Ney 2008, "Joint-sequence models for
/// grapheme-to-phoneme conversion"; Novak et al. 2012, "WFST-based grapheme-to-phoneme conversion").
///
///     p(phones | word) = sum over segmentations of p(g1) p(g2 | g1) ... p(</s> | ...) / the same for all phones
///
/// A unit, a graphone, is one letter with no, one or two phones, or two letters with one phone. As a word of the n-gram
/// it is written as its letters, a slash, and the numbers of its phones with commas between: `ph/12`, `x/20,28`, `e/`.
public final class GraphoneModel: Sendable {
    /// A unit, without its letters.
    package struct Graphone {
        package let word: WordID
        package let first: UInt8
        package let second: UInt8
        package let count: Int
    }

    /// The phones.
    public let alphabet: PhoneAlphabet
    /// The length of the longest n-grams.
    public var order: Int { ngram.order }
    /// How many n-grams of 1, 2, ... units there are.
    public var counts: [Int] { ngram.counts }

    package let ngram: CompactModel
    /// The units of one letter and of two.
    package let singles: [Unicode.Scalar: [Graphone]]
    package let pairs: [[Unicode.Scalar]: [Graphone]]

    /// Reads the units of an n-gram.
    /// - Parameter path: names the file in messages.
    /// - Throws: ``PronunciationError/malformed(path:reason:)`` where a word of the n-gram is no unit.
    init(_ ngram: CompactModel, alphabet: PhoneAlphabet, path: String) throws {
        (self.ngram, self.alphabet) = (ngram, alphabet)
        var singles: [Unicode.Scalar: [Graphone]] = [:]
        var pairs: [[Unicode.Scalar]: [Graphone]] = [:]
        for word in ngram.ordinaryWords {
            guard let (letters, phones) = Self.parse(ngram.word(word), phones: alphabet.count) else {
                throw PronunciationError.malformed(path: path, reason: "its pronunciation model is damaged")
            }
            let graphone = Graphone(
                word: word, first: phones.first ?? 0, second: phones.last ?? 0, count: phones.count)
            if letters.count == 1 {
                singles[letters[0], default: []].append(graphone)
            } else {
                pairs[letters, default: []].append(graphone)
            }
        }
        (self.singles, self.pairs) = (singles, pairs)
    }

    /// The bytes of the n-gram's compiled file.
    var bytes: [UInt8] { Array(ngram.bytes) }

    /// Whether the model has met a letter.
    public func knows(_ letter: Unicode.Scalar) -> Bool { singles[letter] != nil }

    /// A unit as a word of the n-gram.
    static func word(letters: some Sequence<Unicode.Scalar>, phones: some Sequence<UInt8>) -> String {
        var text = String(String.UnicodeScalarView(letters))
        text += "/" + phones.map(String.init).joined(separator: ",")
        return text
    }

    /// The letters and phones of a word of the n-gram; nil where it is no unit.
    private static func parse(_ word: String, phones count: Int) -> (letters: [Unicode.Scalar], phones: [UInt8])? {
        let scalars = Array(word.unicodeScalars)
        // A letter may be a slash itself: the last one counts.
        guard let slash = scalars.lastIndex(of: "/"), (1...2).contains(slash) else { return nil }
        var phones: [UInt8] = []
        if slash + 1 < scalars.count {
            let text = String(String.UnicodeScalarView(scalars[(slash + 1)...]))
            for field in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let phone = UInt8(field), phone < count else { return nil }
                phones.append(phone)
            }
        }
        return phones.count <= 2 ? (Array(scalars[..<slash]), phones) : nil
    }
}
