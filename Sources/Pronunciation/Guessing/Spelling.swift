import Foundation

/// How words are taken apart before their pronunciation is looked up or guessed.
enum Spelling {
    /// What stands between parts of a word that are said one by one: white space, hyphens and dashes, full stops, low
    /// lines, strokes.
    static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .dashPunctuation, .connectorPunctuation, .spaceSeparator: true
        default: scalar == "." || scalar == "/" || scalar.properties.isWhitespace
        }
    }

    /// The parts of a word that are said one by one.
    static func parts(of word: String) -> [String] {
        word.unicodeScalars.split(whereSeparator: isSeparator).map { String(String.UnicodeScalarView($0)) }
    }

    /// The word as the letters that a model knows; nil where one cannot be written with them.
    ///
    /// A letter with marks that is unknown loses them (Unicode's compatibility decomposition), a few letters are written as
    /// two, and typographic apostrophes become plain ones.
    static func letters(of word: String, known: (Unicode.Scalar) -> Bool) -> [Unicode.Scalar]? {
        var letters: [Unicode.Scalar] = []
        for scalar in word.precomposedStringWithCanonicalMapping.unicodeScalars {
            if known(scalar) {
                letters.append(scalar)
            } else if apostrophes.contains(scalar) {
                // An apostrophe is not said: where the model has none it falls away.
                if known("'") { letters.append("'") }
            } else {
                let plain = written[scalar].map { Array($0.unicodeScalars) } ?? decomposed(scalar)
                guard !plain.isEmpty, plain.allSatisfy(known) else { return nil }
                letters += plain
            }
        }
        return letters
    }

    /// A letter without its marks; empty for what is no letter.
    private static func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        guard scalar.properties.isAlphabetic else { return [] }
        return String(Character(scalar)).decomposedStringWithCompatibilityMapping.unicodeScalars.filter {
            $0.properties.generalCategory != .nonspacingMark
        }
    }

    private static let apostrophes: Set<Unicode.Scalar> = ["'", "\u{2019}", "\u{2018}", "\u{2bc}", "`", "\u{b4}"]

    /// Latin letters that Unicode does not decompose.
    private static let written: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "th", "þ": "th", "ł": "l", "ı": "i",
    ]
}
