/// A prefix: a sequence of labels. The root is the empty one, or what is already committed.
struct PrefixNode {
    var parent: Int32
    /// The last label; -1 at the root.
    var label: Int32
    /// Which of several prefixes with the same labels; -1 where there is one.
    var branch: Int32 = -1
    var firstChild: Int32 = -1
    /// The next child of the same parent.
    var sibling: Int32 = -1
    /// Its place in the beam; -1 where it is not in it.
    var slot: Int32 = -1
    /// Labels from the root on.
    var depth: Int32
    /// A bit for each label that the scorer forbids after this prefix; unused where there are more than 64 labels.
    var forbidden: UInt64 = 0
    /// The scorer's.
    var state: ScorerState
    /// What the scorer has given so far, in nats.
    var steering: Double
    /// A hash of the text without superfluous spaces, and in the lowest bit whether a space is due before more.
    var text: UInt64

    /// Whether no word has begun since the last space, or since the start.
    var isBoundary: Bool { text == 0 || text & 1 != 0 }

    /// A hash of a hash and one value more.
    @inline(__always)
    static func mixed(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        let product = ((hash ^ value) &+ 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
        return product ^ product >> 29
    }

    /// The hash of a text and one character more; see ``text``.
    @inline(__always)
    static func hash(_ text: UInt64, _ character: CharacterCode) -> UInt64 {
        guard character != Alphabet.space else { return text <= 1 ? text : text | 1 }
        let spaced = text & 1 == 0 ? text >> 1 : mixed(text >> 1, 0x5350)
        return mixed(spaced, UInt64(UInt32(bitPattern: character)) + 0x1_0000) << 1
    }
}

/// The prefixes of a search, in one block of memory; parents stand before their children.
///
/// Each prefix is scored once, when it is first met, and found again by its parent and label. Prefixes that no longer
/// lead to the beam are swept out now and then, and labels that all of the beam agree on leave the tree: so its size
/// does not grow with the length of a recording.
final class PrefixTree {
    private(set) var nodes: UnsafeMutablePointer<PrefixNode>
    private(set) var count = 0
    private(set) var capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        nodes = .allocate(capacity: capacity)
    }

    deinit { nodes.deallocate() }  // nodes are plain data

    /// Empties the tree and puts in a root.
    func restart(state: ScorerState) {
        nodes[0] = PrefixNode(parent: -1, label: -1, depth: 0, state: state, steering: 0, text: 0)
        count = 1
    }

    /// Makes room for more nodes.
    func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<PrefixNode>.allocate(capacity: capacity)
        larger.update(from: nodes, count: count)
        nodes.deallocate()
        nodes = larger
    }

    /// Adds a child, for which there must be room and which must not be there yet.
    @inline(__always)
    func add(_ node: PrefixNode) -> Int32 {
        let index = Int32(truncatingIfNeeded: count)
        let parent = Int(node.parent)
        nodes[count] = node
        nodes[count].sibling = nodes[parent].firstChild
        nodes[parent].firstChild = index
        count += 1
        return index
    }

    /// What a node adds to its parent.
    struct Mark {
        var label: Int32
        var branch: Int32
    }

    /// What the nodes from the root to this one add.
    func marks(_ node: Int32) -> [Mark] {
        var marks: [Mark] = []
        var here = node
        while here >= 0, nodes[Int(here)].label >= 0, nodes[Int(here)].depth > 0 {
            marks.append(Mark(label: nodes[Int(here)].label, branch: nodes[Int(here)].branch))
            here = nodes[Int(here)].parent
        }
        return marks.reversed()
    }

    /// The labels from the root to a node.
    func labels(_ node: Int32) -> [Int] { marks(node).map { Int($0.label) } }

    /// The ancestor of a node that lies so many labels from the root.
    func ancestor(_ node: Int32, depth: Int32) -> Int32 {
        var here = node
        while nodes[Int(here)].depth > depth { here = nodes[Int(here)].parent }
        return here
    }

    /// Sweeps out all prefixes but those of the beam and their ancestors, and makes the last prefix that the whole beam
    /// begins with the root.
    /// - Parameter beam: the nodes of the beam, at least one; renumbered.
    /// - Returns: what left the tree, all before the new root and its own label.
    func sweep(beam: inout [Int32]) -> [Mark] {
        var renumbered = [Int32](repeating: -1, count: count)
        for node in beam {
            var here = node
            while here >= 0, renumbered[Int(here)] < 0 {
                renumbered[Int(here)] = 0
                here = nodes[Int(here)].parent
            }
        }
        // The new root: from the old one down, while one way is left.
        var ways = [UInt8](repeating: 0, count: count)
        var only = [Int32](repeating: -1, count: count)
        for index in 1..<max(1, count) where renumbered[index] >= 0 {
            let parent = Int(nodes[index].parent)
            ways[parent] = min(2, ways[parent] + 1)
            only[parent] = Int32(index)
        }
        var root = 0
        while ways[root] == 1, nodes[root].slot < 0 { root = Int(only[root]) }
        let committed = marks(Int32(root))
        for index in 0..<root { renumbered[index] = -1 }

        let rootDepth = nodes[root].depth
        var kept = 0
        for index in root..<count where renumbered[index] >= 0 {
            var node = nodes[index]
            let parent = index == root ? -1 : renumbered[Int(node.parent)]
            guard index == root || parent >= 0 else {
                renumbered[index] = -1
                continue
            }
            (node.parent, node.firstChild, node.sibling) = (parent, -1, -1)
            node.depth -= rootDepth
            if parent >= 0 {
                node.sibling = nodes[Int(parent)].firstChild
                nodes[Int(parent)].firstChild = Int32(kept)
            }
            nodes[kept] = node
            renumbered[index] = Int32(kept)
            kept += 1
        }
        count = kept
        beam = beam.map { renumbered[Int($0)] }
        return committed
    }

    /// Hands the states of all nodes to a scorer, which may renumber them.
    func retainStates(_ scorer: any Scorer) {
        var states = (0..<count).map { nodes[$0].state }
        scorer.retain(&states)
        for (index, state) in states.enumerated() { nodes[index].state = state }
    }
}
