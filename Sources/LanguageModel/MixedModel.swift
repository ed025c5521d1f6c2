import Foundation

/// Two models as one: half of the probability of each.
///
///     p(w | h) = share p(w | h) by the first  +  (1 - share) p(w | h) by the second
///
/// A small model of a few sentences knows what is said in its own field and hardly any other word; a large one beside it keeps the
/// rest of the language possible, at a price of ln(1 / (1 - share)) nats a word. A word that one of them lacks has only what the
/// other gives it; one that both lack is `<unk>`, by the second.
public final class MixedModel: LanguageModelQuery, @unchecked Sendable {  // nothing is written after the initialiser
    private let first: any LanguageModelQuery
    private let second: any LanguageModelQuery
    private let share: Double
    /// The numbers in both models of each word: the second's words by their own numbers, then those of the first alone.
    private let ofFirst: [WordID]
    private let ofSecond: [WordID]
    private let numbers: [String: WordID]

    /// The longest n-grams that each may have: the states of both must fit into one.
    public static let highestOrder = 5

    /// - Parameter share: what the first one counts, 0 to 1.
    /// - Returns: nil where a model's n-grams are too long.
    public init?(_ first: any LanguageModelQuery, _ second: any LanguageModelQuery, share: Double = 0.5) {
        guard first.order <= Self.highestOrder, second.order <= Self.highestOrder, (0...1).contains(share) else {
            return nil
        }
        (self.first, self.second, self.share) = (first, second, share)
        var ofFirst = [WordID](repeating: first.unknownWord, count: second.vocabularySize)
        var ofSecond = [WordID](0..<WordID(second.vocabularySize))
        var numbers: [String: WordID] = [:]
        for special in 0..<min(SortedWords.special.count, ofFirst.count) { ofFirst[special] = WordID(special) }
        for id in first.ordinaryWords {
            let word = first.word(id)
            let other = second.id(of: word)
            if other == second.unknownWord {
                numbers[word] = WordID(ofFirst.count)
                ofFirst.append(id)
                ofSecond.append(other)
            } else {
                ofFirst[Int(other)] = id
            }
        }
        (self.ofFirst, self.ofSecond, self.numbers) = (ofFirst, ofSecond, numbers)
    }

    /// The longer of the two.
    public var order: Int { max(first.order, second.order) }
    /// The words of both.
    public var vocabularySize: Int { ofFirst.count }
    /// The state before a sentence whose beginning is not known.
    public var emptyState: LanguageModelState { Self.joined(first.emptyState, second.emptyState) }
    /// The state after `<s>`.
    public var beginState: LanguageModelState { Self.joined(first.beginState, second.beginState) }

    /// The number of a word, 0 where neither has it.
    public func id(of word: String) -> WordID { numbers[word] ?? second.id(of: word) }

    /// The word of a number.
    public func word(_ id: WordID) -> String {
        guard Int(id) < ofFirst.count else { return second.word(second.unknownWord) }
        return ofSecond[Int(id)] == second.unknownWord ? first.word(ofFirst[Int(id)]) : second.word(ofSecond[Int(id)])
    }

    /// The second's words by its own way, then those of the first alone.
    public func makeFinder() -> (UnsafeRawBufferPointer) -> WordID {
        let find = second.makeFinder()
        return { [self] word in
            let found = find(word)
            return found != second.unknownWord ? found : numbers[String(decoding: word, as: UTF8.self)] ?? found
        }
    }

    /// The probability of a word after a state.
    public func score(_ word: WordID, after state: LanguageModelState) -> WordScore {
        let place = Int(word) < ofFirst.count ? Int(word) : 0
        let (ofFirst, ofSecond) = (ofFirst[place], ofSecond[place])
        let (stateOfFirst, stateOfSecond) = Self.parted(state)
        let a = first.score(ofFirst, after: stateOfFirst)
        let b = second.score(ofSecond, after: stateOfSecond)
        var probability = 0.0
        if ofFirst != first.unknownWord { probability += share * exponential(Double(a.log10)) }
        if ofSecond != second.unknownWord || ofFirst == first.unknownWord {
            probability += (1 - share) * exponential(Double(b.log10))
        }
        return WordScore(
            log10: Float(max(-100, log10(probability))), state: Self.joined(a.state, b.state),
            length: max(a.length, b.length))
    }

    /// Both states in one: the first's words in the lower half, the second's in the upper.
    private static func joined(_ first: LanguageModelState, _ second: LanguageModelState) -> LanguageModelState {
        var state = LanguageModelState()
        state.words = SIMD8(lowHalf: first.words.lowHalf, highHalf: second.words.lowHalf)
        state.backOffs = SIMD8(lowHalf: first.backOffs.lowHalf, highHalf: second.backOffs.lowHalf)
        state.count = first.count | second.count << 4
        return state
    }

    private static func parted(_ state: LanguageModelState) -> (LanguageModelState, LanguageModelState) {
        var (first, second) = (LanguageModelState(), LanguageModelState())
        first.words = SIMD8(lowHalf: state.words.lowHalf, highHalf: SIMD4())
        second.words = SIMD8(lowHalf: state.words.highHalf, highHalf: SIMD4())
        first.backOffs = SIMD8(lowHalf: state.backOffs.lowHalf, highHalf: SIMD4())
        second.backOffs = SIMD8(lowHalf: state.backOffs.highHalf, highHalf: SIMD4())
        (first.count, second.count) = (state.count & 15, state.count >> 4)
        return (first, second)
    }
}
