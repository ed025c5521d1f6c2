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
    package struct Builder {
        private var parents: [UInt32] = [0]
        private var phones: [UInt8] = [0]
        private var nodes = [Node(firstChild: 0, firstEnding: 0, endingCount: 0, childCount: 0)]
        private var endings: [Ending] = []
        /// The pronunciation before, and the nodes along it, the root first.
        private var last: [UInt8] = []
        private var path: [UInt32] = [0]

        /// - Parameter phones: of all pronunciations that will come, or more.
        package init(phones count: Int, words: Int) {
            let most = count + 1
            parents.reserveCapacity(most)
            phones.reserveCapacity(most)
            nodes.reserveCapacity(most)
            endings.reserveCapacity(words)
        }

        /// Takes the next pronunciation.
        /// - Returns: false, and nothing is taken, where it has no phone or should have come before the last one.
        package mutating func add(_ next: UnsafeBufferPointer<UInt8>, _ ending: Ending, weight: Float, gain: Float = 0)
            -> Bool
        {
            var shared = 0
            while shared < next.count, shared < last.count, next[shared] == last[shared] { shared += 1 }
            guard !next.isEmpty, shared == last.count || (shared < next.count && next[shared] > last[shared]) else {
                return false
            }
            if shared < next.count {
                last.removeLast(last.count - shared)
                path.removeLast(path.count - shared - 1)
                for place in shared..<next.count {
                    let node = UInt32(truncatingIfNeeded: nodes.count)
                    nodes[Int(path[place])].childCount += 1
                    parents.append(path[place])
                    phones.append(next[place])
                    nodes.append(Node())
                    last.append(next[place])
                    path.append(node)
                }
                nodes[nodes.count - 1].firstEnding = UInt32(truncatingIfNeeded: endings.count)
            }
            let node = nodes.count - 1
            nodes[node].endingCount += 1
            nodes[node].greatest = max(nodes[node].greatest, weight)
            nodes[node].gain = max(nodes[node].gain, gain)
            endings.append(ending)
            return true
        }

        /// The tree. Nodes were made in the order in which they are first reached, in which a parent comes before all that is
        /// below it; now they are renumbered so that those of one parent lie side by side.
        package func tree() -> PronunciationTree {
            var (nodes, places) = (self.nodes, [UInt32](repeating: 0, count: self.nodes.count))
            for node in stride(from: nodes.count - 1, to: 0, by: -1) {
                let parent = Int(parents[node])
                nodes[parent].greatest = max(nodes[parent].greatest, nodes[node].greatest)
                nodes[parent].gain = max(nodes[parent].gain, nodes[node].gain)
            }
            var next: UInt32 = 1
            for node in nodes.indices {
                nodes[node].firstChild = next
                next += nodes[node].childCount
            }
            // Until all children have their places, the first one's field says where the next is to be.
            var free = nodes.map(\.firstChild)
            for node in 1..<max(1, nodes.count) {
                let parent = Int(parents[node])
                places[node] = free[parent]
                free[parent] += 1
            }
            var (moved, labels) = (nodes, phones)
            for node in nodes.indices {
                moved[Int(places[node])] = nodes[node]
                labels[Int(places[node])] = phones[node]
            }
            return PronunciationTree(
                nodes: moved, phones: labels, endings: endings,
                mostEndings: Int(nodes.reduce(0) { max($0, $1.endingCount) }))
        }
    }
}
