import Foundation

extension PronunciationLexicon {
    /// How a word is said: what the lexicon holds of it, else what is guessed.
    /// - Returns: the most probable first; none where no pronunciation can be guessed.
    public func pronounce(_ word: String, count: Int = 3) -> [Pronunciation] {
        let known = pronunciations(of: word)
        return known.isEmpty ? guess(word, count: count) : Array(known.prefix(max(0, count)))
    }

    /// Guesses how a word is said that the lexicon lacks, in this order:
    ///
    /// 1. the word in lower case, or with a plain apostrophe, where the lexicon has that;
    /// 2. parts between hyphens, full stops or spaces one by one; single letters by their names (`u.s.a.`);
    /// 3. English endings after a known word (`'s`, `'ll`, `'d`), where the alphabet is ARPAbet;
    /// 4. the pronunciation model; letters that it does not know lose their marks (`é`), and a word without a vowel is
    ///    spelled by the names of its letters too (`bbc`).
    /// - Returns: the most probable first; none where the word has digits or letters that nothing is known of.
    public func guess(_ word: String, count: Int = 3) -> [Pronunciation] {
        guard count > 0, word.utf8.count <= LexiconLayout.longest else { return [] }
        let plain = Self.plain(word)
        if plain != word {
            let known = pronunciations(of: plain)
            if !known.isEmpty { return asGuessed(known, count) }
        }
        let parts = Spelling.parts(of: plain)
        if parts.count > 1 || parts.first.map({ $0 != plain }) ?? true { return joined(parts, count: count) }
        if let ending = EnglishEnding(plain, alphabet: alphabet) {
            let base = pronounce(ending.base, count: count)
            if !base.isEmpty {
                return asGuessed(
                    base.map { Pronunciation(phones: ending.extend($0.phones), probability: $0.probability) }, count)
            }
        }
        var answers: [Pronunciation] = []
        if let model, let letters = Spelling.letters(of: plain, known: model.knows) {
            answers = model.guess(letters: letters, count: count)
        }
        if plain.unicodeScalars.count < 6, let spelled = spelled(plain) {
            // A word of a single letter is its name; without a vowel a word is hardly ever said otherwise.
            if plain.unicodeScalars.count == 1 { return [spelled] }
            if !plain.unicodeScalars.contains(where: { "aeiouy'".unicodeScalars.contains($0) }) {
                answers = answers.map {
                    Pronunciation(phones: $0.phones, probability: 0.1 * $0.probability, origin: .guessed)
                }
                answers.insert(Pronunciation(phones: spelled.phones, probability: 0.9, origin: .guessed), at: 0)
            }
        }
        return Array(answers.prefix(count))
    }

    /// In lower case, composed, with plain apostrophes.
    private static func plain(_ word: String) -> String {
        word.lowercased().precomposedStringWithCanonicalMapping
            .replacingOccurrences(of: "\u{2019}", with: "'")
    }

    private func asGuessed(_ pronunciations: [Pronunciation], _ count: Int) -> [Pronunciation] {
        pronunciations.prefix(count).filter { $0.phones.count <= LexiconLayout.longest }.map {
            Pronunciation(phones: $0.phones, probability: $0.probability, origin: .guessed)
        }
    }

    /// What the parts of a word are, one after the other; none where one of them has no pronunciation.
    private func joined(_ parts: [String], count: Int) -> [Pronunciation] {
        guard !parts.isEmpty else { return [] }
        let areLetters = parts.allSatisfy { $0.unicodeScalars.count == 1 }
        var all = [Pronunciation(phones: [], probability: 1)]
        for part in parts {
            let next = areLetters ? name(ofLetter: part).map { [$0] } ?? [] : pronounce(part, count: count)
            all = all.flatMap { before in
                next.map {
                    Pronunciation(phones: before.phones + $0.phones, probability: before.probability * $0.probability)
                }
            }
            all.sort { $0.probability > $1.probability }
            all = Array(all.prefix(count))
        }
        return asGuessed(all, count)
    }

    /// The names of a word's letters one after the other; nil where one has no name.
    private func spelled(_ word: String) -> Pronunciation? {
        var phones: [UInt8] = []
        for letter in word {
            guard let name = name(ofLetter: String(letter)) else { return nil }
            phones += name.phones
        }
        return phones.isEmpty ? nil : Pronunciation(phones: phones, origin: .guessed)
    }

    /// The name of a letter: what the lexicon holds of `b.`, as CMUdict writes it, else of `b`. English `a` is the letter
    /// in its second pronunciation.
    private func name(ofLetter letter: String) -> Pronunciation? {
        if let name = pronunciations(of: letter + ".").first { return name }
        let said = pronunciations(of: letter)
        if letter == "a", alphabet == .arpabet, let ey = alphabet.phones(of: ["EY"]) {
            return said.first { $0.phones == ey } ?? said.first
        }
        return said.first
    }
}

/// An ending with an apostrophe, whose sound follows from the phone before it.
private struct EnglishEnding {
    let base: String
    private let ending: String
    private let alphabet: PhoneAlphabet

    /// - Returns: nil where the word has none, or the alphabet is not ARPAbet.
    init?(_ word: String, alphabet: PhoneAlphabet) {
        guard alphabet == .arpabet,
            let ending = ["'s", "s'", "'d", "'ll", "'ve", "'re", "n't"].first(where: { word.hasSuffix($0) }),
            word.count > ending.count
        else { return nil }
        // The s of "boys'" belongs to the word: "boys" is said alike.
        base = String(word.dropLast(ending == "s'" ? 1 : ending.count))
        (self.ending, self.alphabet) = (ending, alphabet)
    }

    func extend(_ phones: [UInt8]) -> [UInt8] {
        let last = phones.last.map { alphabet.symbols[Int($0)] } ?? ""
        let symbols: [String] =
            switch ending {
            case "'s" where ["S", "Z", "SH", "ZH", "CH", "JH"].contains(last): ["IH", "Z"]
            case "'s": ["P", "T", "K", "F", "TH"].contains(last) ? ["S"] : ["Z"]
            case "'d": ["T", "D"].contains(last) ? ["AH", "D"] : ["D"]
            case "'ll": ["AH", "L"]
            case "'ve": ["AH", "V"]
            case "'re": ["ER"]
            case "n't": ["AH", "N", "T"]
            default: []
            }
        return phones + (alphabet.phones(of: symbols) ?? [])
    }
}
