import Files
import Foundation

/// How often a pronunciation model is wrong about words that it did not learn from.
///
/// A word is right where the most probable answer is one of its pronunciations in the lexicon; phone errors (substituted,
/// missing and inserted phones) are counted against the nearest of them, as a share of its phones.
public struct HeldOutErrors: Sendable {
    /// A word that was guessed wrongly.
    public struct Mistake: Sendable {
        /// The word.
        public let word: String
        /// What was guessed; empty where nothing was.
        public let guessed: [UInt8]
        /// The nearest pronunciation of the lexicon.
        public let right: [UInt8]
    }

    /// How many words were learned from, and how many were held out.
    public private(set) var learned = 0
    /// How many words were held out and guessed.
    public private(set) var words = 0
    /// Of these, for which the best answer is wrong.
    public private(set) var mistakes: [Mistake] = []
    /// For how many none of the first three answers is right.
    public private(set) var wrongInThree = 0
    /// Phones of the nearest pronunciations.
    public private(set) var phones = 0
    /// Phones that are wrong.
    public private(set) var phoneErrors = 0
    /// How often each phone was guessed in the place of another; 255 stands for none.
    public private(set) var confusions: [[UInt8]: Int] = [:]

    /// The share of words that are wrong, 0 to 1.
    public var wordErrorRate: Double { words == 0 ? .nan : Double(mistakes.count) / Double(words) }
    /// The share of phones that are wrong.
    public var phoneErrorRate: Double { phones == 0 ? .nan : Double(phoneErrors) / Double(phones) }

    /// Learns from a part of a lexicon and guesses the rest.
    /// - Parameter share: one word in so many is held out, chosen by a hash of its letters, so that it is always the same
    ///   ones. Single letters and words of several parts (`co-op`) are not: they are not the model's business.
    /// - Throws: ``PronunciationError`` where there are too few words.
    public init(
        of entries: [LexiconEntry], alphabet: PhoneAlphabet, share: Int = 10,
        options: GraphoneOptions = GraphoneOptions()
    ) throws {
        guard share >= 2 else {
            throw PronunciationError.badSetting(
                name: "to hold out one word in", value: "\(share)", remedy: "give 2 or more")
        }
        func isHeldOut(_ entry: LexiconEntry) -> Bool {
            // The low bits of the sum depend on the last letters most; those in the middle on all.
            Fingerprint.sum(of: entry.word.utf8) >> 13 % UInt64(share) == 0
                && entry.word.unicodeScalars.count > 1
                && !entry.word.unicodeScalars.contains(where: Spelling.isSeparator)
        }
        let learning = entries.filter { !isHeldOut($0) }
        var report = GraphoneReport()
        let model = try GraphoneModel.train(on: learning, alphabet: alphabet, options: options, report: &report)
        learned = learning.count
        for entry in entries where isHeldOut(entry) { judge(entry, by: model) }
        guard words > 0 else { throw PronunciationError.noModel(reason: "too few words to hold some out") }
    }

    private mutating func judge(_ entry: LexiconEntry, by model: GraphoneModel) {
        let letters = Spelling.letters(of: entry.word, known: model.knows) ?? []
        let answers = model.guess(letters: letters, count: 3).map(\.phones)
        let guessed = answers.first ?? []
        let all = entry.pronunciations.map(\.phones)
        let distances = all.map { Self.pairs(guessed, $0) }
        let nearest = distances.indices.min { distances[$0].count < distances[$1].count } ?? 0
        words += 1
        phones += all[nearest].count
        phoneErrors += distances[nearest].count
        if !answers.contains(where: all.contains) { wrongInThree += 1 }
        guard !distances[nearest].isEmpty else { return }
        mistakes.append(Mistake(word: entry.word, guessed: guessed, right: all[nearest]))
        for pair in distances[nearest] { confusions[pair, default: 0] += 1 }
    }

    /// The phones that differ when both are aligned with the fewest differences, as pairs of guessed and right; 255 where
    /// there is none (Levenshtein 1966).
    package static func pairs(_ guessed: [UInt8], _ right: [UInt8]) -> [[UInt8]] {
        let width = right.count + 1
        var costs = [Int](repeating: 0, count: (guessed.count + 1) * width)
        for j in 0..<width { costs[j] = j }
        for i in 0..<guessed.count {
            costs[(i + 1) * width] = i + 1
            for j in 0..<right.count {
                let change = costs[i * width + j] + (guessed[i] == right[j] ? 0 : 1)
                costs[(i + 1) * width + j + 1] = min(
                    change, costs[i * width + j + 1] + 1, costs[(i + 1) * width + j] + 1)
            }
        }
        var pairs: [[UInt8]] = []
        var (i, j) = (guessed.count, right.count)
        while i > 0 || j > 0 {
            let here = costs[i * width + j]
            if i > 0, j > 0, here == costs[(i - 1) * width + j - 1] + (guessed[i - 1] == right[j - 1] ? 0 : 1) {
                if guessed[i - 1] != right[j - 1] { pairs.append([guessed[i - 1], right[j - 1]]) }
                (i, j) = (i - 1, j - 1)
            } else if i > 0, here == costs[(i - 1) * width + j] + 1 {
                pairs.append([guessed[i - 1], .max])
                i -= 1
            } else {
                pairs.append([.max, right[j - 1]])
                j -= 1
            }
        }
        return pairs.reversed()
    }
}
