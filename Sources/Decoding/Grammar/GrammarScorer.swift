/// Follows a grammar's automaton, all its states at once (Rabin and Scott 1959); sets of states are made as texts lead to
/// them, and kept.
///
/// Each state of a set has the weight of the best way to it. The best one's is 0: what is taken off is what the step
/// scores. A scorer's state is the number of the set, and in the lowest bit whether a word has begun since the last space.
final class GrammarScorer: Scorer {
    private struct Member: Hashable {
        var state: Int32
        /// In units of 1/1024 nat: whole numbers, so that equal sets are found to be equal.
        var weight: Int32
    }

    private struct Step {
        var set: Int32
        var score: Float
        static let unknown = Step(set: -1, score: 0)
        static let forbidden = Step(set: 0, score: -.infinity)
    }

    private static let unit: Float = 1 / 1024
    /// Sets that may be kept from one recording to the next.
    private static let mostKept = 1 << 14

    private let network: GrammarNetwork
    private let width: Int
    private var sets: [[Member]] = []
    private var numbers: [[Member]: Int32] = [:]
    /// For each set a row of steps, one for each character.
    private var steps: [Step] = []
    /// What it adds to end in a set.
    private var ends: [Float] = []
    /// For each state of the network, the weight of the best way there, while a set is made.
    private var best: [Int32]

    init(_ grammar: Grammar) {
        (network, width) = (grammar.network, grammar.width)
        best = [Int32](repeating: .min, count: network.states)
    }

    func start() -> ScorerState {
        if sets.count > Self.mostKept { forget() }
        let first = closed([Member(state: network.start, weight: 0)])
        return ScorerState(first.score > -.infinity ? first.set : number(of: [])) << 1
    }

    private func forget() {
        (sets, numbers, steps, ends) = ([], [:], [], [])
    }

    /// The set of all states that are reached from some without reading.
    private func closed(_ members: [Member]) -> Step {
        var touched: [Int32] = []
        var queue: [Member] = []
        func reach(_ state: Int32, _ weight: Int32) {
            guard weight > best[Int(state)] else { return }
            if best[Int(state)] == .min { touched.append(state) }
            best[Int(state)] = weight
            queue.append(Member(state: state, weight: weight))
        }
        for member in members { reach(member.state, member.weight) }
        // No weight is positive, so that this ends: a way round a loop is no better.
        while let member = queue.popLast() {
            guard member.weight == best[Int(member.state)] else { continue }
            for arc in network.arcs(of: member.state) where arc.character < 0 {
                reach(arc.target, member.weight + Int32((arc.weight / Self.unit).rounded()))
            }
        }
        let highest = touched.reduce(Int32.min) { max($0, best[Int($1)]) }
        var set: [Member] = []
        for state in touched.sorted() {
            // States that read nothing and are no end have done their part.
            if state == network.final || network.arcs(of: state).contains(where: { $0.character >= 0 }) {
                set.append(Member(state: state, weight: best[Int(state)] - highest))
            }
            best[Int(state)] = .min
        }
        guard !set.isEmpty else { return .forbidden }
        return Step(set: number(of: set), score: Float(highest) * Self.unit)
    }

    private func number(of set: [Member]) -> Int32 {
        if let number = numbers[set] { return number }
        let number = Int32(sets.count)
        sets.append(set)
        numbers[set] = number
        steps += [Step](repeating: .unknown, count: width)
        let end = set.first { $0.state == network.final }
        ends.append(end.map { Float($0.weight) * Self.unit } ?? -.infinity)
        return number
    }

    private func step(_ set: Int, _ character: CharacterCode) -> Step {
        let place = set * width + Int(character)
        if steps[place].set >= 0 { return steps[place] }
        var members: [Member] = []
        for member in sets[set] {
            for arc in network.arcs(of: member.state) where arc.character == character {
                members.append(Member(state: arc.target, weight: member.weight))
            }
        }
        let step = members.isEmpty ? .forbidden : closed(members)
        steps[place] = step
        return step
    }

    func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep {
        let isSpace = character == Alphabet.space
        if isSpace, state & 1 == 0 { return ScorerStep(state, 0) }
        let step = step(Int(state >> 1), character)
        guard step.score > -.infinity else { return .forbidden }
        return ScorerStep(ScorerState(step.set) << 1 | (isSpace ? 0 : 1), step.score)
    }

    func mostGain(for character: CharacterCode) -> Float { 0 }

    func finish(_ state: ScorerState) -> Float {
        let last = extend(state, by: Alphabet.space)
        return last.score > -.infinity ? last.score + ends[Int(last.state >> 1)] : -.infinity
    }

    func retain(_ states: inout [ScorerState]) {
        guard sets.count > Self.mostKept else { return }
        let old = sets
        forget()
        for index in states.indices {
            states[index] = ScorerState(number(of: old[Int(states[index] >> 1)])) << 1 | states[index] & 1
        }
    }
}
