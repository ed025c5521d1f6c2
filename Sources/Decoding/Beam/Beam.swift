/// The prefixes that a search follows: those of the last step, the candidates for the next one, and the choice among them.
///
/// A search fills ``candidates``, first with the prefixes of ``entries`` in their order, then with new ones; ``keep(_:)`` makes
/// the best of them the new ``entries``. The tree is swept where it has grown too large (``makeRoom(_:)``).
final class Beam {
    /// A prefix; log-probabilities relative to what has been taken off.
    struct Entry {
        var node: Int32
        /// Of the paths that end in a blank.
        var blank: Float
        /// Of the paths that end in the prefix's last label.
        var label: Float
        /// ln of the sum of both.
        var total: Float
        /// What steers the search gave.
        var steering: Float
        /// total + steering.
        var score: Float
    }

    let options: BeamOptions
    let tree: PrefixTree
    private(set) var entries: UnsafeMutableBufferPointer<Entry>
    var size = 0
    /// Where the next beam is made.
    private(set) var candidates: UnsafeMutableBufferPointer<Entry>
    /// For each hash of a state, the best candidate, and in the upper half at which turn it was noted.
    private var bestOfState: UnsafeMutableBufferPointer<UInt64>
    private var turn: UInt64 = 0
    /// What has been taken off the acoustic log-probabilities, so that those of the beam stay near 0.
    private(set) var taken = 0.0
    /// What is taken off at the next step.
    private(set) var bias: Float = 0
    /// The steering of the best prefix, taken off before it becomes a Float.
    private(set) var steeringBase = 0.0

    /// How far below the floor what a parent gives is still added to a child that is in the beam already, in nats: less
    /// than 2 % of the least likely prefix, and far less of others.
    static let negligible: Float = 4

    /// A log-probability, or -infinity for what is none; bounded, so that sums of them stay numbers.
    @inline(__always)
    static func clean(_ value: Float) -> Float { value > -1e6 ? min(value, 1e6) : -.infinity }

    /// Nodes of the tree before it is swept; about a megabyte, which fits a processor's cache.
    private static let treeSize = 1 << 14
    /// Labels of the best prefix that may be open: if the beam still disagrees on a label so far back, the best prefix
    /// decides.
    private static let mostOpenLabels: Int32 = 1024

    /// - Precondition: a beam of 1 or more.
    init(_ options: BeamOptions) {
        precondition(options.beam > 0 && options.beam <= BeamOptions.widest)
        self.options = options
        tree = PrefixTree(capacity: max(Self.treeSize, 4 * options.beam))
        entries = .allocate(capacity: options.beam)
        candidates = .allocate(capacity: 4 * options.beam)
        var places = 1024
        while places < 8 * options.beam { places *= 2 }
        bestOfState = .allocate(capacity: places)
        bestOfState.initialize(repeating: 0)
    }

    deinit {  // all of plain data
        entries.deallocate()
        candidates.deallocate()
        bestOfState.deallocate()
    }

    /// Begins a recording, with one empty prefix.
    func begin(state: ScorerState) {
        tree.restart(state: state)
        size = 0
        follow(Entry(node: 0, blank: 0, label: -.infinity, total: 0, steering: 0, score: 0))
        (taken, bias, steeringBase) = (0, 0, 0)
        bestOfState.update(repeating: 0)
        turn = 0
    }

    /// Goes on with one prefix and drops all others.
    func follow(_ entry: Entry) {
        for index in 0..<size { tree.nodes[Int(entries[index].node)].slot = -1 }
        tree.nodes[Int(entry.node)].slot = 0
        entries[0] = entry
        size = 1
    }

    /// Puts other prefixes in the place of those of the beam, the best of them, at the same step.
    func replace(with prefixes: [Entry]) {
        var kept = prefixes
        if kept.count > options.beam {
            kept.sort { ($0.score, $1.node) > ($1.score, $0.node) }
            kept.removeLast(kept.count - options.beam)
        }
        for index in 0..<size { tree.nodes[Int(entries[index].node)].slot = -1 }
        for (index, entry) in kept.enumerated() {
            entries[index] = entry
            tree.nodes[Int(entry.node)].slot = Int32(truncatingIfNeeded: index)
        }
        size = kept.count
    }

    /// Ends the words under way, as in a pause: each prefix inside a word goes on as those that come after the word's end. Where none
    /// of the beam can end, all stays as it is.
    /// - Parameters:
    ///   - isBetweenWords: whether no word is under way in a prefix.
    ///   - ends: the prefixes after the ends of a prefix's word; may add nodes to the tree.
    func endWords(isBetweenWords: (PrefixNode) -> Bool, ends: (Int32) -> [Int32]) {
        guard (0..<size).contains(where: { !isBetweenWords(tree.nodes[Int(entries[$0].node)]) }) else { return }
        var found: [Entry] = []
        var places: [Int32: Int] = [:]
        for index in 0..<size {
            let entry = entries[index]
            let nodes = isBetweenWords(tree.nodes[Int(entry.node)]) ? [entry.node] : ends(entry.node)
            for node in nodes {
                let steering = Float(tree.nodes[Int(node)].steering - steeringBase)
                var ended = Entry(
                    node: node, blank: entry.total, label: -.infinity, total: entry.total, steering: steering,
                    score: entry.total + steering)
                if let place = places[node] {
                    ended.total = LogAddition.shared(found[place].total, entry.total)
                    (ended.blank, ended.score) = (ended.total, ended.total + steering)
                    found[place] = ended
                } else {
                    places[node] = found.count
                    found.append(ended)
                }
            }
        }
        if !found.isEmpty { replace(with: found) }
    }

    /// Makes the prefixes of the beam the first candidates: each stays, by a blank or by its last label again.
    /// - Parameter paths: what the paths of a prefix have after this step that end in a blank, and in its last label.
    /// - Returns: what ends below this has no place in the next beam.
    @inline(__always)
    func stay(_ paths: (Entry, PrefixNode) -> (blank: Float, label: Float)) -> Float {
        let (entries, candidates, nodes, base) = (entries, candidates, tree.nodes, steeringBase)
        var highest = -Float.infinity
        var lowest = Float.infinity
        for index in 0..<size {
            let entry = entries[index]
            let node = nodes[Int(entry.node)]
            let (blank, label) = paths(entry, node)
            let steering = Float(node.steering - base)
            candidates[index] = Entry(
                node: entry.node, blank: blank, label: label, total: 0, steering: steering, score: 0)
            // One of the two alone bounds from below what this prefix will have.
            let least = max(blank, label) + steering
            highest = max(highest, least)
            lowest = min(lowest, least)
        }
        let floor = highest - options.scoreThreshold
        return size == options.beam ? max(floor, lowest) : floor
    }

    /// Adds up what each candidate has.
    @inline(__always)
    func addUp(_ count: Int) {
        let (candidates, add) = (candidates, LogAddition.shared)
        for index in 0..<count {
            let candidate = candidates[index]
            let total = add(candidate.blank, candidate.label)
            candidates[index].total = total
            candidates[index].score = total + candidate.steering
        }
    }

    /// Makes the best candidates the new beam.
    func keep(_ count: Int) {
        let (nodes, beam, candidates) = (tree.nodes, entries, candidates)
        var best = -Float.infinity
        for index in 0..<count { best = max(best, candidates[index].score) }
        let limit = max(best - options.scoreThreshold, -Float.greatestFiniteMagnitude)
        var kept = 0
        for index in 0..<count where candidates[index].score >= limit {
            candidates[kept] = candidates[index]
            kept += 1
        }
        if kept > options.beam, options.nBest == 1, options.recombinationMargin < .infinity { kept = recombine(kept) }
        if kept > options.beam {
            moveBest(options.beam, of: UnsafeMutableBufferPointer(rebasing: candidates[..<kept]))
            kept = options.beam
        }
        for index in 0..<size { nodes[Int(beam[index].node)].slot = -1 }
        var highest = -Float.infinity
        for index in 0..<kept {
            let entry = candidates[index]
            beam[index] = entry
            nodes[Int(entry.node)].slot = Int32(truncatingIfNeeded: index)
            highest = max(highest, entry.total)
            if entry.score == best { steeringBase = nodes[Int(entry.node)].steering }
        }
        size = kept
        taken += Double(bias)
        bias = kept > 0 ? highest : 0
    }

    /// Drops candidates that another one is better than and will stay so: it has the same last label and the same state of
    /// the scorer, so that whatever follows adds the same to both, and is ahead by the margin in paths that end in a
    /// blank and in those that end in the label.
    /// - Returns: how many are left.
    private func recombine(_ count: Int) -> Int {
        let (nodes, candidates, bestOfState) = (tree.nodes, candidates, bestOfState)
        let margin = options.recombinationMargin
        // Long before a turn would come round again.
        if turn > 1 << 31 {
            bestOfState.update(repeating: 0)
            turn = 0
        }
        turn += 1
        let stamp = turn << 32
        let mask = bestOfState.count - 1
        @inline(__always)
        func place(_ node: Int32) -> Int {
            let node = nodes[Int(node)]
            let key = (node.state ^ UInt64(UInt32(bitPattern: node.label)) << 40) &* 0x9e37_79b9_7f4a_7c15
            return Int(truncatingIfNeeded: key >> 40) & mask
        }
        for index in 0..<count {
            let place = place(candidates[index].node)
            let noted = bestOfState[place]
            if noted & ~0xffff_ffff != stamp
                || candidates[Int(noted & 0xffff_ffff)].score < candidates[index].score
            {
                bestOfState[place] = stamp | UInt64(index)
            }
        }
        for index in 0..<count {
            let entry = candidates[index]
            let best = Int(bestOfState[place(entry.node)] & 0xffff_ffff)
            if best == index { continue }
            let other = candidates[best]
            let lead = other.steering - entry.steering - margin
            guard other.blank + lead >= entry.blank, other.label + lead >= entry.label else { continue }
            let (node, same) = (nodes[Int(entry.node)], nodes[Int(other.node)])
            if node.state == same.state, node.label == same.label { candidates[index].score = -.infinity }
        }
        var kept = 0
        for index in 0..<count where candidates[index].score > -.infinity {
            candidates[kept] = candidates[index]
            kept += 1
        }
        return kept
    }

    /// Moves the `wanted` entries with the highest scores to the front (Hoare 1961, algorithm 65, "Find").
    private func moveBest(_ wanted: Int, of entries: UnsafeMutableBufferPointer<Entry>) {
        var (lower, upper) = (0, entries.count - 1)
        while lower < upper {
            let (a, b, c) = (entries[lower].score, entries[(lower + upper) / 2].score, entries[upper].score)
            let pivot = max(min(a, b), min(max(a, b), c))
            var (left, right) = (lower, upper)
            while left <= right {
                while entries[left].score > pivot { left += 1 }
                while entries[right].score < pivot { right -= 1 }
                if left <= right {
                    entries.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if wanted - 1 <= right {
                upper = right
            } else if wanted - 1 >= left {
                lower = left
            } else {
                return
            }
        }
    }

    /// Makes room for so many candidates.
    /// - Parameter kept: as many of those that are there stay.
    func reserveCandidates(_ capacity: Int, keeping kept: Int = 0) {
        guard candidates.count < capacity else { return }
        let larger = UnsafeMutableBufferPointer<Entry>.allocate(capacity: 2 * capacity)
        for index in 0..<kept { larger[index] = candidates[index] }
        candidates.deallocate()
        candidates = larger
    }

    /// Sweeps the tree, and makes it larger where that does not give enough room.
    /// - Returns: what left it: the labels that all of the beam agrees on.
    func makeRoom(_ more: Int) -> [PrefixTree.Mark] {
        decideOldLabels()
        var nodes = (0..<size).map { entries[$0].node }
        guard !nodes.isEmpty else {
            tree.reserve(more)
            return []
        }
        let committed = tree.sweep(beam: &nodes)
        for (index, node) in nodes.enumerated() { entries[index].node = node }
        if tree.count + more > tree.capacity * 3 / 4 { tree.reserve(max(more, tree.capacity)) }
        return committed
    }

    /// Drops the prefixes that differ from the best one in a label far back.
    private func decideOldLabels() {
        guard let best = (0..<size).max(by: { entries[$0].score < entries[$1].score }) else { return }
        let (nodes, beam) = (tree.nodes, entries)
        let depth = nodes[Int(beam[best].node)].depth - Self.mostOpenLabels
        guard depth > 0 else { return }
        let fixed = tree.ancestor(beam[best].node, depth: depth)
        var kept = 0
        for index in 0..<size {
            let entry = beam[index]
            guard tree.ancestor(entry.node, depth: depth) == fixed else {
                nodes[Int(entry.node)].slot = -1
                continue
            }
            beam[kept] = entry
            nodes[Int(entry.node)].slot = Int32(kept)
            kept += 1
        }
        size = kept
    }
}
