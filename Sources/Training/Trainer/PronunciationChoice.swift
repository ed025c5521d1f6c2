import CTC
import Corpora

/// The pronunciations that a model hears in a recording, among those that its text's words may have: Viterbi's best path through
/// the lattice of CTC (Graves et al. 2006), in which each word is a fork of its pronunciations.
///
/// Nodes are the labels of all pronunciations and the boundaries between words; each has a blank behind it, and there is one before
/// the first. A path goes from node to node, over the blank or, where the two labels differ, past it. Time and memory are
/// O(steps x labels of all pronunciations).
package struct PronunciationChoice {
    /// The number of each word's pronunciation.
    package let choices: [UInt8]
    /// The natural logarithm of the probability of the best path.
    package let logProbability: Double

    private struct Node {
        let label: Int
        /// The nodes before it; empty at the beginning of a text.
        let before: [Int]
        /// Where it is a part of a pronunciation.
        let word: Int?, variant: Int
    }

    /// - Parameters:
    ///   - posteriors: [steps, phones] of the recording.
    ///   - blank: among the phones.
    /// - Returns: nil where no path spells the text in so few steps, or where the posteriors are not numbers.
    package init?(of text: SpokenText, in posteriors: LogProbabilities, blank: Int) {
        let (nodes, ends) = Self.nodes(of: text)
        let (steps, count) = (posteriors.steps, nodes.count)
        guard steps > 0, count > 0, count < Int(Int32.max) / 4,
            nodes.allSatisfy({ $0.label < posteriors.classes && $0.label != blank })
        else { return nil }
        // States: 0 is the blank before the text, 1 + 2n the label of node n, 2 + 2n the blank behind it.
        let states = 1 + 2 * count
        var scores = [Double](repeating: -.infinity, count: states)
        var next = scores
        var origins = [Int32](repeating: -1, count: steps * states)
        func label(_ node: Int) -> Int { 1 + 2 * node }
        for step in 0..<steps {
            let row = posteriors[step]
            let start = row.startIndex
            let nothing = Double(row[start + blank])
            next[0] = (step == 0 ? 0 : scores[0]) + nothing
            origins[step * states] = step == 0 ? -1 : 0
            for (number, node) in nodes.enumerated() {
                let own = label(number)
                var (best, from) = (scores[own], own)
                func consider(_ state: Int) {
                    if scores[state] > best { (best, from) = (scores[state], state) }
                }
                if node.before.isEmpty {
                    if step == 0 { (best, from) = (0, -1) } else { consider(0) }
                }
                for before in node.before {
                    consider(label(before) + 1)
                    if nodes[before].label != node.label { consider(label(before)) }
                }
                next[own] = best + Double(row[start + node.label])
                origins[step * states + own] = Int32(from)
                let stays = scores[own + 1] >= scores[own]
                next[own + 1] = (stays ? scores[own + 1] : scores[own]) + nothing
                origins[step * states + own + 1] = Int32(stays ? own + 1 : own)
            }
            swap(&scores, &next)
        }
        guard let last = ends.flatMap({ [label($0), label($0) + 1] }).max(by: { scores[$0] < scores[$1] }),
            scores[last].isFinite
        else { return nil }
        logProbability = scores[last]
        var choices = [UInt8](repeating: 0, count: text.words.count)
        var state = last
        for step in stride(from: steps - 1, through: 0, by: -1) {
            if state > 0, case let node = nodes[(state - 1) / 2], let word = node.word {
                choices[word] = UInt8(clamping: node.variant)
            }
            let from = Int(origins[step * states + state])
            guard from >= 0 else { break }
            state = from
        }
        self.choices = choices
    }

    /// The nodes of a text in order, and those in which it may end.
    private static func nodes(of text: SpokenText) -> ([Node], ends: [Int]) {
        var nodes: [Node] = []
        var ends: [Int] = []
        for (word, pronunciations) in text.words.enumerated() {
            if let boundary = text.boundary, word > 0 {
                nodes.append(Node(label: boundary, before: ends, word: nil, variant: 0))
                ends = [nodes.count - 1]
            }
            var newEnds: [Int] = []
            for (variant, labels) in pronunciations.enumerated() {
                var before = ends
                for label in labels {
                    nodes.append(Node(label: label, before: before, word: word, variant: variant))
                    before = [nodes.count - 1]
                }
                newEnds += before
            }
            ends = newEnds
        }
        return (nodes, ends)
    }
}
