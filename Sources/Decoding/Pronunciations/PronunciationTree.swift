/// Pronunciations as a tree of phones, and the words that end at each of its nodes.
///
/// The children of a node lie side by side in the order of their phones, so that one is found by halving within a line or two
/// of the cache. A node also holds the most that any word at or below it weighs: the look-ahead of a search that is inside a
/// word (Steinbiss, Tran and Ney 1994, "Improvements in beam search").
package struct PronunciationTree: Sendable {
    /// The node before any phone.
    package static let root: UInt32 = 0

    /// A word that ends at a node.
    package struct Ending: Sendable {
        /// The word's number in the ``SpokenWords``.
        package var word: UInt32
        /// ln of how probable this pronunciation is, where the word is said.
        package var logProbability: Float

        package init(word: UInt32, logProbability: Float) { (self.word, self.logProbability) = (word, logProbability) }
    }

    package struct Node: Sendable {
        package var firstChild: UInt32 = 0
        package var firstEnding: UInt32 = 0
        package var endingCount: UInt32 = 0
        package var childCount: UInt32 = 0
        /// The greatest weight of a word at or below it.
        package var greatest: Float = -.infinity
        /// The most nats that a hot word at or below it may earn.
        package var gain: Float = 0
    }

    package let nodes: [Node]
    /// The last phone of each node.
    private let phones: [UInt8]
    /// The words that end at nodes, those of a node side by side.
    package let endings: [Ending]
    /// The most words that end at one node.
    package let mostEndings: Int

    /// The words that end at a node, as places in ``endings``.
    @inline(__always)
    package func endings(at node: UInt32) -> Range<Int> {
        let node = nodes[Int(node)]
        return Int(node.firstEnding)..<Int(node.firstEnding) + Int(node.endingCount)
    }

    /// The node after one more phone; nil where no word goes on so.
    @inline(__always)
    package func child(of node: UInt32, _ phone: UInt8) -> UInt32? {
        let node = nodes[Int(node)]
        var (lower, upper) = (Int(node.firstChild), Int(node.firstChild) + Int(node.childCount))
        while lower < upper {
            let middle = (lower + upper) / 2
            if phones[middle] == phone { return UInt32(middle) }
            if phones[middle] < phone { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }

    /// Makes a tree of pronunciations that come sorted, in time that is linear in their phones: each is compared with the
    /// one before it, and what it does not share with that is new.
    ///
    /// Nodes are noted in the order in which they are first reached, in a few bytes each; ``tree()`` lays them out.
    package struct Builder {
        /// The last phone of each node, and how many phones lead to it; the root first.
        private var phones: [UInt8] = [0]
        private var depths: [UInt16] = [0]
        private var endingCounts: [UInt32] = [0]
        /// The words in the order of their nodes, what each weighs and what it may earn.
        private var endings: [Ending] = []
        private var weights: [Float] = []
        private var gains: [Float] = []
        /// The pronunciation before.
        private var last: [UInt8] = []
        private var deepest = 0

        /// - Parameter phones: of all pronunciations that will come, about.
        package init(phones count: Int, words: Int) {
            // Sorted pronunciations share more than half of their phones.
            phones.reserveCapacity(count / 2)
            depths.reserveCapacity(count / 2)
            endingCounts.reserveCapacity(count / 2)
            endings.reserveCapacity(words)
            weights.reserveCapacity(words)
            gains.reserveCapacity(words)
        }

        /// Takes the next pronunciation.
        /// - Returns: false, and nothing is taken, where it has no phone, more than 65,535 of them, or should have come before
        ///   the last one.
        package mutating func add(_ next: UnsafeBufferPointer<UInt8>, _ ending: Ending, weight: Float, gain: Float = 0)
            -> Bool
        {
            let (count, before) = (next.count, last.count)
            guard count > 0, count <= Int(UInt16.max) else { return false }
            let shared = last.withUnsafeBufferPointer { last in
                var shared = 0
                while shared < count, shared < before, next[shared] == last[shared] { shared += 1 }
                return shared == before || (shared < count && next[shared] > last[shared]) ? shared : -1
            }
            guard shared >= 0 else { return false }
            if shared < count {
                let new = next[shared...]
                phones.append(contentsOf: new)
                depths.append(contentsOf: UInt16(shared + 1)...UInt16(count))
                endingCounts.append(contentsOf: repeatElement(0, count: new.count))
                last.replaceSubrange(shared..., with: new)
                deepest = max(deepest, count)
            }
            endingCounts[endingCounts.count - 1] += 1
            endings.append(ending)
            weights.append(weight)
            gains.append(gain)
            return true
        }

        /// The tree: its nodes are numbered so that those of one parent lie side by side.
        package func tree() -> PronunciationTree {
            let count = phones.count
            var childCounts = [UInt16](repeating: 0, count: count)
            // The node that was reached last at each depth.
            var path = [Int](repeating: 0, count: deepest + 1)
            for node in 1..<max(1, count) {
                let depth = Int(depths[node])
                childCounts[path[depth - 1]] += 1
                path[depth] = node
            }
            var labels = [UInt8](repeating: 0, count: count)
            let nodes = [Node](unsafeUninitializedCapacity: count) { nodes, filled in
                lay(&labels, childCounts, in: nodes)
                filled = count
            }
            return PronunciationTree(
                nodes: nodes, phones: labels, endings: endings,
                mostEndings: Int(endingCounts.reduce(0) { max($0, $1) }))
        }

        /// Gives each node its place: its parent's children begin where those of the node reached before the parent end.
        private func lay(_ labels: inout [UInt8], _ childCounts: [UInt16], in nodes: UnsafeMutableBufferPointer<Node>) {
            // Of the node reached last at each depth: its place, and that of its next child.
            var places = [Int](repeating: 0, count: deepest + 1)
            var free = [UInt32](repeating: 0, count: deepest + 1)
            var (nextChild, nextEnding, depth): (UInt32, UInt32, Int) = (1, 0, 0)
            /// What the nodes below this depth have reached counts for those above them.
            func close(to lowest: Int) {
                while depth > lowest {
                    let (child, parent) = (places[depth], places[depth - 1])
                    nodes[parent].greatest = max(nodes[parent].greatest, nodes[child].greatest)
                    nodes[parent].gain = max(nodes[parent].gain, nodes[child].gain)
                    depth -= 1
                }
            }
            for index in phones.indices {
                let here = Int(depths[index])
                close(to: max(0, here - 1))
                var place = 0
                if here > 0 {
                    place = Int(free[here - 1])
                    free[here - 1] += 1
                }
                var node = Node(
                    firstChild: nextChild, firstEnding: nextEnding, endingCount: endingCounts[index],
                    childCount: UInt32(childCounts[index]))
                for ending in Int(nextEnding)..<Int(nextEnding + node.endingCount) {
                    node.greatest = max(node.greatest, weights[ending])
                    node.gain = max(node.gain, gains[ending])
                }
                nodes.initializeElement(at: place, to: node)
                labels[place] = phones[index]
                (places[here], free[here], depth) = (place, nextChild, here)
                nextChild += node.childCount
                nextEnding += node.endingCount
            }
            close(to: 0)
        }
    }
}
