import AcousticModel
import CTC
import Evaluation
import Networks
import Training
import VectorKernels

/// Pairs of labels that are hard to tell apart, told before any learning.
struct AlikeLabels {
    /// Two labels.
    struct Pair: Equatable {
        let first: String, second: String
        /// Recordings of one in which the other fits better, and how many there are of both; nil: by their pronunciations alone.
        var heard: (confused: Int, of: Int)?

        static func == (a: Pair, b: Pair) -> Bool {
            a.first == b.first && a.second == b.second && a.heard?.confused == b.heard?.confused
                && a.heard?.of == b.heard?.of
        }

        /// For people.
        var sentence: String {
            guard let heard else {
                return "'\(first)' and '\(second)' are said nearly alike: other words would be told apart more safely"
            }
            return "'\(first)' and '\(second)' sound alike in your recordings: "
                + "\(heard.confused) of \(heard.of) fit the other better, by what the base hears"
        }
    }

    /// A tenth of two labels' recordings, and two of them at least, are no chance.
    private static let share = 0.1

    /// By recordings that the head did not learn from.
    static func pairs(
        heardBy head: TrainableHead, in examples: [PhraseHeadChoice.Example], threads: Int
    ) -> [Pair] {
        guard let phrases = head.phrases else { return [] }
        let confused = Parallel.map(examples.count, threads: threads) { index -> (own: Int, other: Int)? in
            let label = examples[index].label - 1
            guard label >= 0, let outputs = examples[index].copies.first else { return nil }
            let scores = phrases.scores(of: head.posteriors(of: outputs)).dropLast()
            guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { return nil }
            return (label, best)
        }.compactMap { $0 }
        var counts: [[Int]: Int] = [:]
        var totals = [Int](repeating: 0, count: phrases.phrases.count)
        for (own, other) in confused {
            totals[own] += 1
            if own != other { counts[[min(own, other), max(own, other)], default: 0] += 1 }
        }
        return counts.filter { pair, count in
            count >= 2 && Double(count) >= share * Double(totals[pair[0]] + totals[pair[1]])
        }.sorted { ($1.value, $0.key[0], $0.key[1]) < ($0.value, $1.key[0], $1.key[1]) }.map { pair, count in
            Pair(
                first: phrases.phrases[pair[0]], second: phrases.phrases[pair[1]],
                heard: (count, totals[pair[0]] + totals[pair[1]]))
        }
    }

    /// By how labels are said: those whose nearest spellings differ by a single sound, or by a fifth of their sounds.
    static func pairs(of phrases: PhraseScores) -> [Pair] {
        var found: [Pair] = []
        // Of long lists the most probable spelling alone: all pairs of pairs would take long.
        let spellings = phrases.spellings.map { $0.prefix(phrases.spellings.count > 100 ? 1 : .max) }
        for first in spellings.indices {
            for second in spellings.indices where second > first {
                let isAlike = spellings[first].contains { a in
                    spellings[second].contains { b in
                        let longest = max(a.labels.count, b.labels.count)
                        guard abs(a.labels.count - b.labels.count) <= max(1, longest / 5) else { return false }
                        return EditCounts(Alignment(reference: a.labels, hypothesis: b.labels)).errors
                            <= max(1, longest / 5)
                    }
                }
                if isAlike { found.append(Pair(first: phrases.phrases[first], second: phrases.phrases[second])) }
            }
        }
        return found
    }
}
