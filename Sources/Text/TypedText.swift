import Foundation

extension String {
    /// The text without characters that nobody sees, and with every white space as U+0020.
    ///
    /// Most text has none of either, and then nothing is copied.
    package var withoutInvisibleCharacters: String {
        guard
            unicodeScalars.contains(where: {
                let kind = $0.isASCII && $0.value >= 0x20 ? .spoken : TypedCharacter($0)
                return kind == .invisible || kind == .space && $0 != " "
            })
        else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch TypedCharacter(scalar) {
            case .invisible: continue
            case .space: result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// What is spoken of a written text: words apart by single spaces, what parts words as spaces, one form of the apostrophe,
    /// no punctuation. Capital letters and digits stay.
    package var asSpoken: String {
        var words: [String.UnicodeScalarView] = [.init()]
        for scalar in unicodeScalars {
            switch TypedCharacter(scalar) {
            case .space, .separator: if words[words.count - 1].isEmpty == false { words.append(.init()) }
            case .apostrophe: words[words.count - 1].append("'")
            case .silent, .invisible: continue
            case .spoken: words[words.count - 1].append(scalar)
            }
        }
        return words.map { String($0).withoutQuotationMarks }.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// What remains where people would take two texts to be one: no case, spaces, hyphens, apostrophes or punctuation; the
    /// text itself where nothing else is in it.
    package var withoutTypography: String {
        let key = String(
            String.UnicodeScalarView(
                precomposedStringWithCanonicalMapping.lowercased().unicodeScalars
                    .filter { TypedCharacter($0) == .spoken }))
        return key.isEmpty ? self : key
    }

    /// The word without apostrophes at both of its ends, which are quotation marks; one at one end is a letter (`'tis`).
    private var withoutQuotationMarks: String {
        guard hasPrefix("'"), hasSuffix("'") || allSatisfy({ $0 == "'" }) else { return self }
        let inner = drop { $0 == "'" }
        return String(inner[..<(inner.lastIndex { $0 != "'" }.map(inner.index(after:)) ?? inner.startIndex)])
    }
}
