extension GrammarNetwork {
    /// The automaton with each word as it is said: in place of its letters, the characters of each of its pronunciations.
    /// - Parameter pronunciations: what a word may be, by its letters; each with a logarithm of 0 or less.
    /// - Returns: nil where it becomes too large.
    func spelled(
        _ pronunciations: ([CharacterCode]) -> [(characters: [CharacterCode], weight: Float)]
    ) -> GrammarNetwork? {
        var builder = Builder(states: states)
        var open: [Int32] = [start]
        var isKnown = [Bool](repeating: false, count: states)
        isKnown[Int(start)] = true
        /// Goes on from a state between two words.
        func visit(_ state: Int32) {
            if !isKnown[Int(state)] { open.append(state) }
            isKnown[Int(state)] = true
        }
        while let state = open.popLast() {
            // The letters of a word so far, and where they lead.
            var words: [(state: Int32, letters: [CharacterCode], weight: Float)] = [(state, [], 0)]
            while let word = words.popLast() {
                for arc in arcs(of: word.state) {
                    let weight = word.weight + arc.weight
                    if arc.character > Alphabet.space {
                        words.append((arc.target, word.letters + [arc.character], weight))
                    } else if word.letters.isEmpty {
                        builder.arc(state, arc.target, -1, weight)
                        visit(arc.target)
                    } else if arc.character == Alphabet.space {
                        for spoken in pronunciations(word.letters) {
                            var here = state
                            for (place, character) in spoken.characters.enumerated() {
                                let next = builder.newState()
                                builder.arc(here, next, character, place == 0 ? weight + spoken.weight : 0)
                                here = next
                            }
                            builder.arc(here, arc.target, Alphabet.space)
                        }
                        visit(arc.target)
                    }
                }
                guard !builder.isTooLarge else { return nil }
            }
        }
        return builder.network()
    }
}
