import Foundation

/// British pronunciations of words whose American ones are known, by rule. ARPAbet is made for American English, so they are
/// written in the phones that come nearest:
///
/// - **r** falls away before a consonant and at the end: `car` K AA; after IH, UH and the diphthongs AH stands for it
///   (`near` N IH AH); ER at the end of a word of several syllables, and before a consonant after the first vowel, is AH
///   (`letter` L EH T AH), elsewhere it stays, for the vowel of `bird`;
/// - **BATH**: AA for AE in a list of words (`ask`, `dance`) and what begins with them;
/// - **LOT**: AO for AA in words with one AA and no r after it that are written with `o`, or `wa` (`hot`, `want`);
/// - `-ary`, `-ery`, `-ory` after two syllables or more lose their vowel (`secretary` S EH K R AH T R IY);
/// - `-ile` is AY L (`missile`);
/// - **yod**: Y before UW after T, D, N where `u` or `ew` is written (`new` N Y UW).
///
/// Only what most speakers of southern England say, and only where spelling and phones leave little doubt.
public struct BritishVariants: Sendable {
    /// The weight of a variant, compared with the pronunciation that it was made from.
    public static let weight: Float = 0.3

    private let alphabet: PhoneAlphabet

    /// - Returns: nil for another alphabet than ARPAbet without stress.
    public init?(alphabet: PhoneAlphabet) {
        guard alphabet == .arpabet else { return nil }
        self.alphabet = alphabet
    }

    /// Adds variants to an entry, and lets its probabilities sum up to 1 again.
    public func extend(_ entry: inout LexiconEntry) {
        var added: [Pronunciation] = []
        for pronunciation in entry.pronunciations {
            for phones in variants(of: entry.word, phones: pronunciation.phones) {
                let all = entry.pronunciations + added
                guard !all.contains(where: { $0.phones == phones }),
                    all.count < LexiconLayout.mostPronunciations
                else { continue }
                added.append(
                    Pronunciation(
                        phones: phones, probability: pronunciation.probability * Self.weight,
                        origin: pronunciation.origin))
            }
        }
        guard !added.isEmpty else { return }
        entry.pronunciations += added
        entry.normalize()
    }

    /// What a pronunciation becomes: with all rules, and, where LOT changed it, also without that one.
    public func variants(of word: String, phones: [UInt8]) -> [[UInt8]] {
        guard phones.allSatisfy({ $0 < alphabet.count }) else { return [] }
        let american = phones.map { alphabet.symbols[Int($0)] }
        let word = word.lowercased()
        var changed = yod(word, endings(word, bath(word, american)))
        let withoutLot = nonRhotic(changed)
        changed = nonRhotic(lot(word, changed))
        var results: [[UInt8]] = []
        for symbols in [changed, withoutLot] where symbols != american {
            if let phones = alphabet.phones(of: symbols), !phones.isEmpty, !results.contains(phones) {
                results.append(phones)
            }
        }
        return results
    }

    private static let vowels: Set<String> = [
        "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW",
    ]

    private func nonRhotic(_ phones: [String]) -> [String] {
        var result: [String] = []
        let syllables = phones.count(where: Self.vowels.contains)
        var before = 0
        for (place, phone) in phones.enumerated() {
            let next = place + 1 < phones.count ? phones[place + 1] : nil
            let isBeforeVowel = next.map(Self.vowels.contains) ?? false
            if phone == "R", !isBeforeVowel, let last = result.last, Self.vowels.contains(last) {
                if ["IH", "IY", "UH", "UW", "AY", "AW", "EY", "OW"].contains(last) { result.append("AH") }
            } else if phone == "ER", !isBeforeVowel, before > 0 || (next == nil && syllables > 1) {
                result.append("AH")
            } else {
                result.append(phone)
            }
            if Self.vowels.contains(phone) { before += 1 }
        }
        return result
    }

    /// Words with the vowel of `bath`; forms of them that begin so are meant too.
    private static let bathWords: [String] = [
        "advanc", "advantag", "after", "answer", "ask", "aunt", "basket", "bath", "blast", "branch", "brass",
        "broadcast",
        "calf", "can't", "cast", "castle", "chanc", "chant", "class", "command", "contrast", "craft", "danc",
        "demand",
        "disaster", "draft", "exampl", "fast", "forecast", "franc", "ghastly", "giraff", "glanc", "glass", "graph",
        "grant", "grasp", "grass", "half", "lanc", "last", "laugh", "mask", "master", "nasty", "overcast", "pass",
        "past",
        "pastor", "path", "plant", "plaster", "raft", "rasp", "sampl", "shaft", "shan't", "slander", "slant", "staff",
        "stanch", "task", "tranc", "vast",
    ]
    /// What begins alike and has another vowel.
    private static let notBath: [String] = [
        "passage", "passen", "passion", "passiv", "classic", "classif", "castig", "massac", "plantag", "plantain",
        "lancaster", "pastic", "pastel", "pasteur", "maskel", "grassh", "glassman", "caster", "castan", "castel",
        "castil", "castro", "grantham", "graphi", "askew", "chantal", "chantil", "passiv", "dancy", "passaic",
    ]

    private func bath(_ word: String, _ phones: [String]) -> [String] {
        guard Self.bathWords.contains(where: word.hasPrefix), !Self.notBath.contains(where: word.hasPrefix),
            phones.count(where: { $0 == "AE" }) == 1
        else { return phones }
        return phones.map { $0 == "AE" ? "AA" : $0 }
    }

    private func lot(_ word: String, _ phones: [String]) -> [String] {
        guard let place = phones.firstIndex(of: "AA"), phones.count(where: { $0 == "AA" }) == 1,
            place + 1 == phones.count || phones[place + 1] != "R", place + 1 < phones.count
        else { return phones }
        let others = word.replacingOccurrences(of: "wa", with: "").replacingOccurrences(of: "wha", with: "")
        guard !others.contains("a"), word.contains("o") != word.contains("wa") || word.contains("wha") else {
            return phones
        }
        var result = phones
        result[place] = "AO"
        return result
    }

    private func endings(_ word: String, _ phones: [String]) -> [String] {
        let syllables = phones.count(where: Self.vowels.contains)
        var result = phones
        let isAry = word.hasSuffix("ary") || word.hasSuffix("ery")
        if isAry, syllables > 3, phones.suffix(3) == ["EH", "R", "IY"] {
            result.remove(at: result.count - 3)
        } else if word.hasSuffix("ory"), syllables > 3, phones.suffix(3) == ["AO", "R", "IY"] {
            result.remove(at: result.count - 3)
        } else if word.hasSuffix("ile"), syllables > 1, phones.suffix(2) == ["AH", "L"] {
            result[result.count - 2] = "AY"
        }
        return result
    }

    private func yod(_ word: String, _ phones: [String]) -> [String] {
        // Where "oo" or "o" is written too, it is not known which of the letters the vowel belongs to.
        guard !word.contains("o"), ["tu", "du", "nu", "tew", "dew", "new", "neu", "deu"].contains(where: word.contains)
        else { return phones }
        var result: [String] = []
        for phone in phones {
            if phone == "UW", let last = result.last, ["T", "D", "N"].contains(last) { result.append("Y") }
            result.append(phone)
        }
        return result
    }
}
