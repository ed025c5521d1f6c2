extension BestPath {
    /// Finds the path of the highest probability times that of its labels under an n-gram (Viterbi over the n-gram's states).
    ///
    /// That is greedy decoding of a model that was trained by ``CTCCRFLoss``, whose scores leave out what the n-gram says.
    /// Where classes stand beside those of the n-gram, they are not looked at.
    /// - Parameters:
    ///   - ngram: nil for the best class of each step.
    ///   - beam: states this many nats behind the best are given up.
    ///   - most: as many states are followed at the most.
    public init(_ logProbabilities: LogProbabilities, ngram: LabelNGram?, beam: Float = 20, most: Int = 400) {
        guard let ngram, logProbabilities.classes >= ngram.classes, logProbabilities.steps > 0 else {
            self.init(logProbabilities)
            return
        }
        var search = NGramPathSearch(ngram, beam: beam, most: max(1, most))
        logProbabilities.values.withUnsafeBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: logProbabilities.classes) {
                search.step(UnsafeBufferPointer(rebasing: values[start..<start + ngram.classes]))
            }
        }
        self = search.end()
    }
}

/// The best path into each state of an n-gram, step by step.
private struct NGramPathSearch {
    /// Place 2 state + 1 is the blank behind a state's label, 2 state the label itself; state = block classes + label.
    private struct Node {
        let place: Int32
        /// The node of the step before; -1 at the start.
        let before: Int32
    }

    private struct Active {
        let place: Int
        let score: Float
        let node: Int32
    }

    private let ngram: LabelNGram
    private let beam: Float
    private let most: Int
    /// Of each place, where it was reached in the step under way; else -infinity.
    private var scores: [Float]
    /// From which active place.
    private var origins: [Int32]
    private var reached: [Int] = []
    private var active: [Active]
    private var nodes: [Node] = []
    /// What was subtracted from all scores so far: they stay small and exact.
    private var subtracted = 0.0

    init(_ ngram: LabelNGram, beam: Float, most: Int) {
        (self.ngram, self.beam, self.most) = (ngram, beam, most)
        scores = [Float](repeating: -.infinity, count: ngram.nextBlocks.count * 2)
        origins = [Int32](repeating: 0, count: scores.count)
        active = [Active(place: 2 * ngram.blank + 1, score: 0, node: -1)]
    }

    mutating func step(_ row: UnsafeBufferPointer<Float>) {
        let (classes, blank) = (ngram.classes, ngram.blank)
        // A new label must come within the beam of what going on in the best state gives.
        let likeliest = row.max() ?? 0
        let candidates = row.indices.filter { $0 != blank && row[$0] > likeliest - 2 * beam }
        ngram.logProbabilities.withUnsafeBufferPointer { weights in
            for (index, from) in active.enumerated() {
                let (state, isBlank) = (from.place / 2, from.place % 2 == 1)
                let last = state % classes
                reach(2 * state + 1, from.score + row[blank], index)
                if !isBlank { reach(2 * state, from.score + row[last], index) }
                let (next, arcs) = (ngram.nextBlocks[state] * classes, state * classes)
                for label in candidates where isBlank || label != last {
                    reach(2 * (next + label), from.score + weights[arcs + label] + row[label], index)
                }
            }
        }
        settle()
    }

    private mutating func reach(_ place: Int, _ score: Float, _ origin: Int) {
        guard score > scores[place] else { return }
        if scores[place] == -.infinity { reached.append(place) }
        scores[place] = score
        origins[place] = Int32(origin)
    }

    /// The states reached become the active ones, but for those too far behind.
    private mutating func settle() {
        // Of equals the first, so that the result does not depend on how the states were met.
        reached.sort()
        let best = reached.reduce(-Float.infinity) { max($0, scores[$1]) }
        var threshold = best - beam
        if reached.count > most {
            let ranked = reached.map { scores[$0] }.sorted(by: >)
            threshold = max(threshold, ranked[most - 1])
        }
        var next: [Active] = []
        for place in reached {
            if scores[place] >= threshold, next.count < most {
                next.append(Active(place: place, score: scores[place] - best, node: Int32(nodes.count)))
                nodes.append(Node(place: Int32(place), before: active[Int(origins[place])].node))
            }
            scores[place] = -.infinity
        }
        reached.removeAll(keepingCapacity: true)
        // Where nothing can be reached, as behind a step of NaN, the path goes on from where it was.
        guard !next.isEmpty else {
            active = active.map { from in
                nodes.append(Node(place: Int32(from.place), before: from.node))
                return Active(place: from.place, score: from.score, node: Int32(nodes.count - 1))
            }
            return
        }
        subtracted += Double(best)
        active = next
    }

    /// The best path to an end of the text; where the n-gram allows none, to anywhere.
    func end() -> BestPath {
        let ends = active.map { from in
            let state = from.place / 2
            return from.score
                + ngram.logProbability(of: ngram.blank, after: state % ngram.classes, in: state / ngram.classes)
        }
        let isEnding = ends.contains { $0 > -.infinity }
        var (best, score) = (active.startIndex, -Float.infinity)
        for (index, from) in active.enumerated() where (isEnding ? ends[index] : from.score) > score {
            (best, score) = (index, isEnding ? ends[index] : from.score)
        }
        var classes: [Int] = []
        var node = active[best].node
        while node >= 0 {
            let place = Int(nodes[Int(node)].place)
            classes.append(place % 2 == 1 ? ngram.blank : place / 2 % ngram.classes)
            node = nodes[Int(node)].before
        }
        return BestPath(classes: classes.reversed(), logProbability: subtracted + Double(score))
    }
}
