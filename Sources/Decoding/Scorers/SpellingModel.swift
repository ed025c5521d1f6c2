import Foundation

/// How usual the letters of a word are that a language model does not hold, by the words that it does hold.
///
/// A trigram of letters over the different words, interpolated as Witten and Bell have it (1991, "The zero-frequency problem"), T(h)
/// being how many different letters follow h and n(h) how many letters in all:
///
///     p(c | h) = (n(h c) + T(h) p(c | h without its first letter)) / (n(h) + T(h))
///
/// with all letters of the alphabet alike at the bottom. Costs are relative to the words themselves: their letters cost 1 on
/// average, so that what is charged for a letter stays what it is with any model, and a word costs by its length.
struct SpellingModel: Sendable {
    /// The two letters before; 0 stands for none.
    typealias Context = UInt32

    /// Before a word's first letter.
    static let start: Context = 0
    /// Codes above it count as one in a context, so that two of them fill 30 bits.
    private static let greatest: CharacterCode = 0x7fff
    /// Costs of more letters are computed as they are asked for.
    private static let mostInTable = 40

    private struct Followers {
        var letters = 0
        var kinds = 0
    }

    private var counts: [UInt64: Int] = [:]
    private var followers: [UInt64: Followers] = [:]
    private let letters: Int
    private var mean = 1.0
    /// All costs, [letter before, letter before that one, letter], each `letters` + 1 of them; empty for large alphabets.
    private var table: [Float] = []

    /// - Parameters:
    ///   - letters: how many the alphabet has, at least.
    ///   - words: by the codes of their letters, each once.
    init(letters: Int, words: some Collection<ArraySlice<CharacterCode>>) {
        self.letters = words.reduce(letters) { max($0, Int($1.max() ?? 0)) }
        var trigrams: [UInt64: Int] = [:]
        for word in words {
            var context = Self.start
            for code in word {
                trigrams[Self.key(code, context, 2), default: 0] += 1
                context = Self.context(context, code)
            }
        }
        // In one order, so that sums are the same in every run.
        let seen = trigrams.sorted { $0.key < $1.key }.map { key, count in
            (code: CharacterCode(key & 0x7fff_ffff), context: Context(key >> 31 & 0x3fff_ffff), count: count)
        }
        for (code, context, count) in seen {
            for order in 0...2 { add(count, of: code, after: Self.shortened(context, to: order), order) }
        }
        let total = seen.reduce(0.0) { $0 + Double($1.count) * information($1.code, after: $1.context) }
        if total > 0 { mean = total / Double(seen.reduce(0) { $0 + $1.count }) }
        guard self.letters <= Self.mostInTable else { return }
        let codes = 0...CharacterCode(self.letters)
        for first in codes {
            for second in codes {
                let context = Self.context(Self.context(Self.start, first), second)
                table += codes.map { Float(information($0, after: context) / mean) }
            }
        }
    }

    /// The letters before what follows.
    static func context(_ context: Context, _ code: CharacterCode) -> Context {
        (context & 0x7fff) << 15 | Context(min(code, greatest))
    }

    /// What a letter costs; letters of the model's own words cost 1 on average.
    func cost(_ code: CharacterCode, after context: Context) -> Float {
        // Codes beyond the alphabet come in no search.
        guard !table.isEmpty, code <= letters else { return Float(information(code, after: context) / mean) }
        let kinds = letters + 1
        return table[(Int(context >> 15) * kinds + Int(context & 0x7fff)) * kinds + Int(code)]
    }

    /// What a word costs.
    func cost(of word: some Sequence<CharacterCode>) -> Float {
        var (context, sum) = (Self.start, Float(0))
        for code in word {
            sum += cost(code, after: context)
            context = Self.context(context, code)
        }
        return sum
    }

    /// -ln p.
    private func information(_ code: CharacterCode, after context: Context) -> Double {
        var probability = 1 / Double(max(1, letters))
        for order in 0...2 {
            let shortened = Self.shortened(context, to: order)
            guard let all = followers[Self.key(0, shortened, order)] else { break }
            let count = Double(counts[Self.key(code, shortened, order)] ?? 0)
            probability = (count + Double(all.kinds) * probability) / Double(all.letters + all.kinds)
        }
        return -log(probability)
    }

    private mutating func add(_ count: Int, of code: CharacterCode, after context: Context, _ order: Int) {
        let (key, history) = (Self.key(code, context, order), Self.key(0, context, order))
        if counts[key] == nil { followers[history, default: Followers()].kinds += 1 }
        counts[key, default: 0] += count
        followers[history, default: Followers()].letters += count
    }

    private static func shortened(_ context: Context, to order: Int) -> Context {
        order == 0 ? 0 : order == 1 ? context & 0x7fff : context
    }

    private static func key(_ code: CharacterCode, _ context: Context, _ order: Int) -> UInt64 {
        UInt64(order) << 62 | UInt64(context) << 31 | UInt64(UInt32(bitPattern: code) & 0x7fff_ffff)
    }
}
