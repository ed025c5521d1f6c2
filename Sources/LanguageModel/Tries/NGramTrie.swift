import Foundation

/// 10 to the power of a number.
func exponential(_ log10: Double) -> Double { pow(10, log10) }

/// The back-off weight of n-grams that begin no longer one: minus zero, as KenLM has it, so that a state need not
/// remember them and still the value is that of a weight of 1.
let noExtension: Float = -0.0

/// An n-gram as the trie holds it.
struct TrieEntry {
    var log10: Float
    var backOff: Float
    /// Where the n-grams with one more word in front lie at the next level.
    var lower: Int
    var upper: Int

    /// Whether longer n-grams begin with this one, or a weight is due for those that are not there.
    var matters: Bool { backOff.bitPattern != noExtension.bitPattern }
}

/// N-grams in a trie whose root leads to the last word of an n-gram, and deeper levels to the words before it, so that
/// one walk finds the longest n-gram that ends in a word (Heafield 2011, "KenLM: faster and smaller language model
/// queries").
protocol NGramTrie {
    var order: Int { get }
    var vocabularySize: Int { get }
    /// The unigram of a word, whose number is less than `vocabularySize`.
    func unigram(_ word: UInt32) -> TrieEntry
    /// The n-gram of `level` + 1 words that puts `word` in front of `parent`.
    func child(_ word: UInt32, of parent: TrieEntry, level: Int) -> TrieEntry?
}

extension NGramTrie {
    /// See ``LanguageModelQuery/score(_:after:)-(WordID,_)``.
    @inline(__always)
    func scored(_ word: UInt32, after state: LanguageModelState) -> WordScore {
        let word = Int(word) < vocabularySize ? word : SortedWords.unknown
        var entry = unigram(word)
        var log10 = entry.log10
        var length = 1
        var next = LanguageModelState()
        if order > 1 {
            next.words[0] = word
            next.backOffs[0] = entry.backOff
            if entry.matters { next.count = 1 }
        }
        while length <= state.count, length < order {
            let before = state.words[length - 1]
            guard let child = child(before, of: entry, level: length) else { break }
            log10 = child.log10
            if length + 1 < order {
                next.words[length] = before
                next.backOffs[length] = child.backOff
                if child.matters { next.count = length + 1 }
            }
            length += 1
            entry = child
        }
        if state.count >= length {
            for index in (length - 1)..<state.count { log10 += state.backOffs[index] }
        }
        next.words.replace(with: 0, where: SIMD8(0, 1, 2, 3, 4, 5, 6, 7) .>= UInt32(next.count))
        return WordScore(log10: log10, state: next, length: length)
    }
}

/// Where a number is in a sorted part of a column, or nil.
///
/// A few steps of interpolation, which find evenly spread numbers in few looks (Perl, Itai and Avni 1978), then halving,
/// which bounds the looks whatever the numbers are.
@inline(__always)
func search(_ key: UInt32, lower: Int, upper: Int, bound: UInt32, _ value: (Int) -> UInt32) -> Int? {
    var (lower, upper) = (lower, upper)
    var (least, most) = (0, Int(bound))
    let key = Int(key)
    var steps = 0
    while upper - lower > 8 {
        let pivot: Int
        if steps < 6, most > least, key >= least, key <= most {
            let share = Float(key - least) / Float(most - least + 1)
            pivot = min(upper - 1, lower + Int(share * Float(upper - lower)))
        } else {
            pivot = lower + (upper - lower) / 2
        }
        steps += 1
        let found = Int(value(pivot))
        if found == key { return pivot }
        if found < key { (lower, least) = (pivot + 1, found + 1) } else { (upper, most) = (pivot, found - 1) }
    }
    while lower < upper {
        let found = Int(value(lower))
        if found >= key { return found == key ? lower : nil }
        lower += 1
    }
    return nil
}
