import Foundation

/// What the letters of unknown words cost, straight from the formulas of Witten and Bell: slow, with none of the search's code.
struct PlainSpelling {
    private let words: [[Character]]
    private let letters: Int
    private let mean: Double

    init(words: [String], letters: Set<Character>) {
        let spelt = words.filter { $0.allSatisfy(letters.contains) }.map(Array.init)
        self.init(spelt: spelt, letters: letters.count)
    }

    private init(spelt words: [[Character]], letters: Int) {
        (self.words, self.letters) = (words, letters)
        let raw = words.flatMap { word in word.indices.map { Self.information(words, letters, word, $0) } }
        self.mean = raw.reduce(0, +) / Double(raw.count)
    }

    /// The costs of a word's letters; those of the words themselves are 1 on average.
    func cost(_ word: String) -> Double {
        let word = Array(word)
        return word.indices.reduce(0) { $0 + Self.information(words, letters, word, $1) / mean }
    }

    private static func information(_ words: [[Character]], _ letters: Int, _ word: [Character], _ place: Int) -> Double
    {
        -log(probability(words, letters, word[place], history(word, place)))
    }

    /// The two letters before; a word begins after "__".
    private static func history(_ word: [Character], _ place: Int) -> [Character] {
        Array((["_", "_"] + word[..<place]).suffix(2))
    }

    private static func probability(
        _ words: [[Character]], _ letters: Int, _ letter: Character, _ history: [Character]
    ) -> Double {
        let shorter = history.isEmpty ? nil : Array(history.dropFirst())
        let lower = shorter.map { probability(words, letters, letter, $0) } ?? 1 / Double(letters)
        let after = words.flatMap { word in
            word.indices.filter { Self.history(word, $0).suffix(history.count).elementsEqual(history) }.map { word[$0] }
        }
        let kinds = Double(Set(after).count)
        guard !after.isEmpty else { return lower }
        return (Double(after.filter { $0 == letter }.count) + kinds * lower) / (Double(after.count) + kinds)
    }
}
