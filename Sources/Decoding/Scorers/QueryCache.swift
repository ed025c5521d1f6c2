import LanguageModel

/// Queries to an n-gram model by numbers of states, with the last answers at hand.
///
/// A number stands for a ``LanguageModelState``; states that predict the same have the same number.
final class QueryCache {
    private struct Answer {
        var key = UInt64.max
        var log10: Float = 0
        var next: UInt32 = 0
    }

    private let model: any LanguageModelQuery
    private var states: [LanguageModelState] = []
    private var numbers: [LanguageModelState: UInt32] = [:]
    private var answers = [Answer](repeating: Answer(), count: 1 << size)
    private static let size: UInt64 = 12
    /// States that may be kept from one recording to the next.
    private static let mostKept = 1 << 16

    /// The number of `<unk>`.
    let unknown: WordID
    /// The number of `</s>`.
    let end: WordID

    init(_ model: any LanguageModelQuery) {
        (self.model, unknown, end) = (model, model.unknownWord, model.sentenceEnd)
    }

    /// The number of the state before a sentence. All earlier numbers lose their meaning.
    func begin() -> UInt32 {
        if states.count > Self.mostKept { forget() }
        return number(of: model.beginState)
    }

    /// The probability of a word after a state, log10, and the state after it.
    @inline(__always)
    func score(_ word: WordID, after state: UInt32) -> (log10: Float, next: UInt32) {
        let key = UInt64(state) << 32 | UInt64(word)
        let place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> (64 - Self.size))
        if answers[place].key == key { return (answers[place].log10, answers[place].next) }
        let score = model.score(word, after: states[Int(state)])
        let answer = Answer(key: key, log10: score.log10, next: number(of: score.state))
        answers[place] = answer
        return (answer.log10, answer.next)
    }

    private func number(of state: LanguageModelState) -> UInt32 {
        if let number = numbers[state] { return number }
        let number = UInt32(states.count)
        states.append(state)
        numbers[state] = number
        return number
    }

    /// Keeps these states alone, and renumbers them.
    func retain(_ used: inout [UInt32]) {
        let old = states
        forget()
        for index in used.indices { used[index] = number(of: old[Int(used[index])]) }
    }

    private func forget() {
        states = []
        numbers = [:]
        for place in answers.indices { answers[place].key = .max }
    }
}
