/// What is kept of the beam, and of the tree.
extension BeamSearch {
    /// Labels of the best prefix that may be open: if the beam still disagrees on a label so far back, the best prefix
    /// decides.
    private static let mostOpenLabels: Int32 = 1024

    /// Makes the best candidates the new beam.
    func keep(_ count: Int) {
        let (nodes, beam, candidates) = (tree.nodes, beam, candidates)
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

    func growCandidates(_ capacity: Int) {
        candidates.deallocate()  // nothing in it is needed between two steps
        candidates = .allocate(capacity: 2 * capacity)
    }

    /// Sweeps the tree, and makes it larger where that does not give enough room.
    func makeRoom(_ more: Int) {
        decideOldLabels()
        var beamNodes = (0..<size).map { beam[$0].node }
        guard !beamNodes.isEmpty else { return tree.reserve(more) }
        committed += tree.sweep(beam: &beamNodes)
        for (index, node) in beamNodes.enumerated() { beam[index].node = node }
        tree.retainStates(scorer)
        if tree.count + more > tree.capacity * 3 / 4 { tree.reserve(max(more, tree.capacity)) }
    }

    /// Drops the prefixes that differ from the best one in a label far back.
    private func decideOldLabels() {
        guard let best = (0..<size).max(by: { beam[$0].score < beam[$1].score }) else { return }
        let nodes = tree.nodes
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
