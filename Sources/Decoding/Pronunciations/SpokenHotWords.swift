/// Hot words in a search over phones: the automaton of ``HotWords`` over whole words in place of characters.
///
/// Each word of the phrases has a code of its own, all others share one. A word of a phrase earns its share as soon as it ends,
/// and while it is under way what it would earn stands for it, as the look-ahead does for its probability.
struct SpokenHotWords: Sendable {
    /// The code of all other words.
    static let other: CharacterCode = 1

    /// The words of the phrases, as they are written.
    let texts: [String]
    let automaton: HotWords
    /// Nats that each word may earn.
    private let gains: [Float]
    private let places: [String: Int]

    /// - Parameter alphabet: by which the phrases were read.
    init(_ hotWords: HotWords, alphabet: Alphabet) {
        var texts: [String] = []
        var places: [String: Int] = [:]
        var gains: [Float] = []
        let phrases = hotWords.phrases.map { phrase in
            HotWords.Phrase(
                words: phrase.words.map { word in
                    let text = alphabet.text(of: word)
                    let place = places[text] ?? texts.count
                    if place == texts.count {
                        places[text] = place
                        texts.append(text)
                        gains.append(0)
                    }
                    gains[place] = max(gains[place], phrase.weight / Float(phrase.words.count))
                    return [Self.code(place)]
                }, weight: phrase.weight)
        }
        (self.texts, self.places, self.gains) = (texts, places, gains)
        automaton = HotWords(phrases, codes: texts.count + 2)
    }

    private static func code(_ place: Int) -> CharacterCode { CharacterCode(truncatingIfNeeded: place + 2) }

    /// The code of a word, and the nats that it may earn; nil where no phrase has it.
    func word(_ text: String) -> (code: CharacterCode, gain: Float)? {
        places[text].map { (Self.code($0), gains[$0]) }
    }
}
