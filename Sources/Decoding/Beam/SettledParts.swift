/// What could have been said in the parts of a recording that a search has decided on, so that several texts of the whole
/// can be made of those of its parts.
///
/// A part's second-best texts are known by how far they are behind its best one. What follows was searched after the best
/// one; where another takes its place, its score is taken to stay the same. So the score of a combination is exact but
/// for what the steering of a part owes to the words before it.
package struct SettledParts<Unit> {
    /// A text of a part, and by how many nats it is behind the part's best.
    package struct Text {
        /// Its labels, or its words.
        package var units: [Unit]
        package var acoustic: Double
        package var steering: Double

        package var score: Double { acoustic + steering }

        package init(units: [Unit], acoustic: Double, steering: Double) {
            (self.units, self.acoustic, self.steering) = (units, acoustic, steering)
        }
    }

    private var parts: [[Text]] = []
    private let limit: Int

    /// - Parameter limit: how many texts are wanted in the end.
    package init(limit: Int) { self.limit = limit }

    /// Takes the texts of the next part, the best one first.
    package mutating func append(_ texts: [Text]) {
        guard let best = texts.first else { return }
        parts.append(
            texts.prefix(limit).map {
                Text(
                    units: $0.units, acoustic: $0.acoustic - best.acoustic, steering: $0.steering - best.steering)
            })
    }

    /// The best texts of all parts and of what comes after them, best first; each may still be there twice.
    ///
    /// Of two lists of sorted sums the best `limit` are among the products of their first `limit`, so parts are joined one
    /// after the other.
    package func joined(with last: [Text]) -> [Text] {
        guard !parts.isEmpty else { return last }
        return (parts + [last]).reduce([Text(units: [], acoustic: 0, steering: 0)]) { beginnings, part in
            var whole: [Text] = []
            for (rank, beginning) in beginnings.enumerated() {
                // All of rank r and s with (r + 1)(s + 1) > limit have that many before them.
                for text in part.prefix(max(1, limit / (rank + 1))) {
                    whole.append(
                        Text(
                            units: beginning.units + text.units, acoustic: beginning.acoustic + text.acoustic,
                            steering: beginning.steering + text.steering))
                }
            }
            whole.sort { $0.score > $1.score }
            return Array(whole.prefix(limit))
        }
    }
}
