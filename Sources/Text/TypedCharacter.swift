import Foundation

/// What a character of a text that a person wrote stands for in speech.
///
/// Hot words, grammars, language model text, `align` and manifests all come from editors that put in typographic marks and
/// invisible characters. They are treated alike because all of them ask here.
package enum TypedCharacter: Sendable, Equatable {
    /// Parts two words: white space of every kind, the no-break space among it.
    case space
    /// Parts two words where no class of a model spells it: hyphens and dashes, and punctuation that ends a part of a sentence or
    /// stands around one.
    case separator
    /// An apostrophe in one of its forms, or a quotation mark that looks like one.
    case apostrophe
    /// Punctuation that is not spoken and may stand within a word: the full stop of an abbreviation. Signs that are spoken (`%`, `&`,
    /// `@`) are none of it.
    case silent
    /// Neither seen nor spoken: the soft hyphen, zero-width characters, the byte order mark.
    case invisible
    /// A letter, a digit, a sign: what a model spells, or does not.
    case spoken

    /// Classifies a Unicode scalar.
    package init(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": self = .spoken
        case "\u{AD}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}", "\u{2060}"..."\u{2064}",
            "\u{FE00}"..."\u{FE0F}",
            "\u{FEFF}":
            self = .invisible
        case "'", "’", "‘", "ʼ", "＇", "`", "´": self = .apostrophe
        case "-", "‐", "‑", "‒", "–", "—", "―", ",", ";", ":", "!", "?", "…", "\"", "“", "”", "„", "‟", "«", "»", "‹",
            "›", "(", ")", "[", "]", "{", "}", "_":
            self = .separator
        case ".", "¿", "¡", "*", "•", "·": self = .silent
        default: self = scalar.properties.isWhitespace ? .space : .spoken
        }
    }

    /// Classifies a character by its first scalar.
    package init(_ character: Character) {
        self = character.unicodeScalars.first.map(Self.init) ?? .invisible
    }
}

extension Unicode.Scalar {
    /// The small letters without accents that a letter is written with where its alphabet has no others: `i` for `Ï`, `o` for a
    /// wide `Ｏ`.
    package var plainLetters: [Unicode.Scalar] {
        String(self).decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars.filter {
            $0.properties.generalCategory != .nonspacingMark
        }
    }
}
