/// Phrases that are to be heard more readily, each with the nats that it adds to the score of a text.
///
/// An Aho-Corasick automaton over characters (Aho and Corasick 1975) finds them. A phrase is held in it with a space at
/// either end, and so is the text, so that it begins and ends where words do. Each of its n letters earns an nth of its
/// weight at once, so that it survives in the beam; where the text turns away from it, all that it has earned is
/// taken back. A stretch of text earns no more than the weightiest phrase that covers it: of phrases that overlap, one
/// adds what it weighs above those already heard there.
public struct HotWords: Sendable {
    /// A phrase and its weight.
    struct Phrase: Sendable, Equatable {
        /// Its words, one or more.
        var words: [[CharacterCode]]
        /// In nats, 0 to ``HotWordWeight/greatest``.
        var weight: Float
    }

    /// The words of all phrases: they are to be allowed where a language model does not know them.
    public let words: [[CharacterCode]]
    let phrases: [Phrase]

    /// Where the automaton stands before any character, and in the middle of words that no phrase begins with.
    static let root: Int32 = 0
    /// The next node by node and character, wherever the text turns; rows as long as the alphabet.
    private let next: [Int32]
    private let width: Int
    /// The node of the longest end of a node's characters that begins a phrase; that of the root is -1.
    let shorter: [Int32]
    /// How many characters lead to a node, spaces included.
    let depth: [Int32]
    /// The weight of the phrase that ends at a node, with the space after it; 0 where none does.
    let weight: [Float]
    /// What the phrases through a node have earned there: the most of any.
    let earned: [Float]
    /// Whether a node's last character is a space.
    let endsWithSpace: [Bool]
    let deepest: Int32
    /// The weight of the weightiest phrase.
    let greatest: Float

    /// - Parameter codes: how many there are, the space among them.
    init(_ phrases: [Phrase], codes width: Int) {
        var (depth, weight, earned, endsWithSpace): ([Int32], [Float], [Float], [Bool]) = ([0], [0], [0], [false])
        var next = [Int32](repeating: -1, count: width)
        func child(_ node: Int, _ code: CharacterCode) -> Int {
            let place = node * width + Int(code)
            if next[place] >= 0 { return Int(next[place]) }
            next[place] = Int32(depth.count)
            next += [Int32](repeating: -1, count: width)
            depth.append(depth[node] + 1)
            weight.append(0)
            earned.append(0)
            endsWithSpace.append(code == Alphabet.space)
            return depth.count - 1
        }
        for phrase in phrases {
            let letters = Float(phrase.words.reduce(0) { $0 + $1.count })
            var node = child(0, Alphabet.space)
            var read: Float = 0
            for word in phrase.words {
                for code in word {
                    read += 1
                    node = child(node, code)
                    earned[node] = max(earned[node], phrase.weight * read / letters)
                }
                node = child(node, Alphabet.space)
                earned[node] = max(earned[node], phrase.weight * read / letters)
            }
            weight[node] = max(weight[node], phrase.weight)
        }
        // Breadth first: the nodes nearer to the root are complete when they are asked.
        var shorter = [Int32](repeating: -1, count: depth.count)
        var queue: [Int] = []
        for code in 0..<width {
            if next[code] < 0 { next[code] = Self.root } else { queue.append(Int(next[code])) }
        }
        for node in queue { shorter[node] = Self.root }
        var place = 0
        while place < queue.count {
            let node = queue[place]
            place += 1
            for code in 0..<width {
                let fallback = next[Int(shorter[node]) * width + code]
                let child = next[node * width + code]
                if child < 0 {
                    next[node * width + code] = fallback
                } else {
                    shorter[Int(child)] = fallback
                    queue.append(Int(child))
                }
            }
        }
        (self.phrases, self.next, self.width, self.shorter) = (phrases, next, width, shorter)
        (self.depth, self.weight, self.earned, self.endsWithSpace) = (depth, weight, earned, endsWithSpace)
        deepest = depth.max() ?? 0
        greatest = weight.max() ?? 0
        words = phrases.flatMap(\.words)
    }

    @inline(__always)
    func node(after node: Int32, _ code: CharacterCode) -> Int32 { next[Int(node) * width + Int(code)] }

    /// A scorer for one search.
    public func makeScorer() -> any Scorer { HotWordScorer(self) }
}

/// See ``HotWords``. A state is the node (32 bits), the weight of the last phrase heard (16 bits, in steps of
/// ``HotWordWeight/step``) and how many characters were read since (16 bits); both are 0 where that is too far back to
/// overlap with anything.
final class HotWordScorer: Scorer {
    private let hotWords: HotWords

    init(_ hotWords: HotWords) { self.hotWords = hotWords }

    private struct State {
        var node: Int32
        var granted: Float
        var since: Int32

        init(node: Int32) { (self.node, granted, since) = (node, 0, 0) }

        init(_ packed: ScorerState) {
            node = Int32(truncatingIfNeeded: packed)
            granted = Float(packed >> 32 & 0xffff) * HotWordWeight.step
            since = Int32(packed >> 48)
        }

        var packed: ScorerState {
            UInt64(UInt32(bitPattern: node)) | UInt64(granted / HotWordWeight.step) << 32 | UInt64(since) << 48
        }
    }

    func start() -> ScorerState { State(node: hotWords.node(after: HotWords.root, Alphabet.space)).packed }

    /// What phrases that have begun have earned beyond what is already granted for the same stretch of text.
    private func open(_ state: State) -> Float {
        var most: Float = 0
        var node = state.node
        while node > HotWords.root {
            let isCovered = hotWords.depth[Int(node)] - 1 > state.since
            most = max(most, hotWords.earned[Int(node)] - (isCovered ? state.granted : 0))
            node = hotWords.shorter[Int(node)]
        }
        return most
    }

    func extend(_ state: ScorerState, by character: CharacterCode) -> ScorerStep {
        let before = State(state)
        if character == Alphabet.space, hotWords.endsWithSpace[Int(before.node)] { return ScorerStep(state, 0) }
        var after = before
        after.node = hotWords.node(after: before.node, character)
        after.since += 1
        // What ends here, the longest first: it covers the others.
        var score: Float = 0
        if character == Alphabet.space {
            var (node, best, covered) = (after.node, Float(0), false)
            while node > HotWords.root {
                let weight = hotWords.weight[Int(node)]
                if weight > 0 {
                    best = max(best, weight)
                    covered = covered || (hotWords.depth[Int(node)] - 1 > after.since && before.granted > 0)
                }
                node = hotWords.shorter[Int(node)]
            }
            if best > 0 {
                score = covered ? max(0, best - before.granted) : best
                after.granted = covered ? max(best, before.granted) : best
                after.since = 0
            }
        }
        if after.granted == 0 || after.since >= hotWords.deepest { (after.granted, after.since) = (0, 0) }
        return ScorerStep(after.packed, score + open(after) - open(before))
    }

    func mostGain(for character: CharacterCode) -> Float { hotWords.greatest }

    func finish(_ state: ScorerState) -> Float {
        let step = extend(state, by: Alphabet.space)
        return step.score - open(State(step.state))
    }
}
