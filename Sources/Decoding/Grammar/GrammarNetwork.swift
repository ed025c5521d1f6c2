/// A grammar as an automaton over characters that may be in several states at once (Thompson 1968).
///
/// Each word is its letters and then a space, so that the texts it takes are words, each with a space after it.
struct GrammarNetwork: Sendable {
    struct Arc: Sendable {
        var target: Int32
        /// What is read on the way; -1 for nothing.
        var character: CharacterCode
        /// 0 or less: a logarithm.
        var weight: Float
    }

    /// The arcs of state s are those from `firstArc[s]` to before `firstArc[s + 1]`.
    let firstArc: [Int32]
    let arcs: [Arc]
    let start: Int32 = 0
    let final: Int32 = 1
    var states: Int { firstArc.count - 1 }

    func arcs(of state: Int32) -> ArraySlice<Arc> { arcs[Int(firstArc[Int(state)])..<Int(firstArc[Int(state) + 1])] }

    /// An automaton under way.
    struct Builder {
        private var from: [Int32] = []
        private var arcs: [Arc] = []
        private var states: Int32 = 2
        /// Rules that are being followed, with the states in which they begin and end.
        private var open: [String: (start: Int32, end: Int32)] = [:]
        /// Rules in rules that are being followed.
        private var depth = 0
        private let grammar: GrammarRules

        /// Arcs of the largest automaton; rules that double each other would fill any memory.
        static let mostArcs = 8_000_000
        private static let deepest = 1000

        enum Problem: Error {
            /// A rule refers to itself before its end, which no automaton can follow.
            case recursion(String, TextPlace)
            case tooLarge
        }

        init(_ grammar: GrammarRules) { self.grammar = grammar }

        /// An automaton that has so many states to begin with.
        init(states: Int) {
            self.init(GrammarRules())
            self.states = Int32(states)
        }

        /// Whether it has outgrown the largest automaton.
        var isTooLarge: Bool { arcs.count > Self.mostArcs }

        mutating func build() throws(Problem) -> GrammarNetwork {
            for name in grammar.publicNames { try add(.rule(name, TextPlace(line: 1, column: 1)), from: 0, to: 1) }
            return network()
        }

        /// An automaton of phrases, which share their beginnings.
        static func network(ofPhrases phrases: [[[CharacterCode]]]) -> GrammarNetwork {
            struct Step: Hashable {
                let state: Int32
                let character: CharacterCode
            }
            var builder = Builder(GrammarRules())
            var known: [Step: Int32] = [:]
            var isFinal: Set<Int32> = []
            for phrase in phrases {
                var state: Int32 = 0
                for code in phrase.flatMap({ $0 + [Alphabet.space] }) {
                    let step = Step(state: state, character: code)
                    if let next = known[step] {
                        state = next
                    } else {
                        let next = builder.newState()
                        builder.arc(state, next, code)
                        known[step] = next
                        state = next
                    }
                }
                if isFinal.insert(state).inserted { builder.arc(state, 1, -1) }
            }
            return builder.network()
        }

        mutating func newState() -> Int32 {
            states += 1
            return states - 1
        }

        mutating func arc(_ from: Int32, _ to: Int32, _ character: CharacterCode, _ weight: Float = 0) {
            self.from.append(from)
            arcs.append(Arc(target: to, character: character, weight: weight))
        }

        private mutating func add(_ expression: GrammarExpression, from: Int32, to: Int32) throws(Problem) {
            guard arcs.count <= Self.mostArcs else { throw .tooLarge }
            switch expression {
            case .impossible: break
            case .word(let codes):
                var state = from
                for code in codes {
                    let next = newState()
                    arc(state, next, code)
                    state = next
                }
                arc(state, to, Alphabet.space)
            case .sequence(let parts):
                guard !parts.isEmpty else { return arc(from, to, -1) }
                var state = from
                for (index, part) in parts.enumerated() {
                    let next = index == parts.count - 1 ? to : newState()
                    try add(part, from: state, to: next)
                    state = next
                }
            case .alternatives(let options):
                for option in options {
                    let state = newState()
                    arc(from, state, -1, option.weight)
                    try add(option.expression, from: state, to: to)
                }
            case .optional(let inner):
                arc(from, to, -1)
                try add(inner, from: from, to: to)
            case .repeated(let inner, let atLeastOnce):
                let (begin, end) = (newState(), newState())
                arc(from, begin, -1)
                try add(inner, from: begin, to: end)
                arc(end, begin, -1)
                arc(end, to, -1)
                if !atLeastOnce { arc(from, to, -1) }
            case .rule(let name, let place): try follow(name, place, from: from, to: to)
            }
        }

        /// A rule's part is copied where it is referred to. One that refers to itself at its very end goes back to its
        /// beginning.
        private mutating func follow(
            _ name: String, _ place: TextPlace, from: Int32, to: Int32
        ) throws(Problem) {
            if let loop = open[name] {
                guard loop.end == to else { throw .recursion(name, place) }
                return arc(from, loop.start, -1)
            }
            guard let body = grammar.rules[name] else { return }
            guard depth < Self.deepest else { throw .tooLarge }
            depth += 1
            let begin = newState()
            arc(from, begin, -1)
            open[name] = (begin, to)
            try add(body, from: begin, to: to)
            open[name] = nil
            depth -= 1
        }

        func network() -> GrammarNetwork {
            var firstArc = [Int32](repeating: 0, count: Int(states) + 1)
            for state in from { firstArc[Int(state) + 1] += 1 }
            for state in 0..<Int(states) { firstArc[state + 1] += firstArc[state] }
            var place = firstArc
            var sorted = arcs
            for (index, state) in from.enumerated() {
                sorted[Int(place[Int(state)])] = arcs[index]
                place[Int(state)] += 1
            }
            return GrammarNetwork(firstArc: firstArc, arcs: sorted)
        }
    }
}
