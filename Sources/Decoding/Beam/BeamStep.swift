/// One step of the search: the hot loops, on memory that was allocated before.
extension BeamSearch {
    /// Goes one step on.
    /// - Parameter row: [classes], natural logarithms.
    func advance(_ row: UnsafePointer<Float>, _ classes: Int) {
        steps += 1
        let (open, chosen) = select(row, classes)
        let most = beam.size * chosen
        let tree = beam.tree
        if tree.count + most > tree.capacity {
            committed += beam.makeRoom(most).map { Int($0.label) }
            tree.retainStates(scorer)
        }
        beam.reserveCandidates(beam.size + most)
        let (size, bias) = (beam.size, beam.bias)
        let blankValue = Beam.clean(row[alphabet.vocabulary.blank]) - bias
        let space = spaceLabel
        let spaceValue = space < 0 ? -.infinity : Beam.clean(row[Int(space)]) - bias
        let add = add
        let floor = beam.stay { entry, node in
            let repeated = node.label >= 0 ? entry.label + (Beam.clean(row[Int(node.label)]) - bias) : -.infinity
            let blanks = entry.total + blankValue
            // Where no word has begun, a space says as much as a blank.
            guard node.isBoundary else { return (blanks, repeated) }
            return (add(blanks, (node.label == space ? entry.blank : entry.total) + spaceValue), repeated)
        }

        var count = size
        if chosen > 0 {
            let (entries, candidates) = (beam.entries, beam.candidates)
            for index in 0..<size { extend(entries[index], candidates[index].steering, open, chosen, floor, &count) }
        }
        beam.addUp(count)
        beam.keep(count)
        if options.endsWords(after: quietSteps), spaceLabel >= 0 {
            beam.endWords(isBetweenWords: \.isBoundary, ends: ends)
        }
    }

    /// The prefix after a word's end; none where the word cannot end.
    private func ends(of node: Int32) -> [Int32] {
        beam.tree.reserve(1)
        let nodes = beam.tree.nodes
        var child = nodes[Int(node)].firstChild
        while child >= 0, nodes[Int(child)].label != spaceLabel { child = nodes[Int(child)].sibling }
        if child < 0 { child = makeChild(Int(node), spaceLabel) }
        return child < 0 ? [] : [child]
    }

    /// Finds the classes that extend prefixes at this step, and follows the best path.
    ///
    /// First come those for which the scorer may add any amount, then the others, the likeliest first.
    /// - Returns: how many there are of the first kind, and of both.
    @inline(__always)
    private func select(_ row: UnsafePointer<Float>, _ classes: Int) -> (open: Int, all: Int) {
        let blank = alphabet.vocabulary.blank
        var best = blank
        for label in 0..<classes where row[label] > row[best] { best = label }
        let highest = Beam.clean(row[best])
        if best != lastOfBestPath, best != blank { bestPathLabels += 1 }
        quietSteps = best == blank || best == Int(spaceLabel) ? quietSteps + 1 : 0
        lastOfBestPath = best
        bestPath += Double(highest)

        let limit = max(highest - options.classThreshold, -1e6)
        let (selected, bias) = (selected, beam.bias)
        var (open, all) = (0, 0)
        for label in 0..<classes where row[label] >= limit && label != blank {
            let new = SelectedClass(label: Int32(truncatingIfNeeded: label), value: Beam.clean(row[label]) - bias)
            var place = all
            if mostGain[label] == .infinity {
                if open < all { selected[all] = selected[open] }
                place = open
                open += 1
            }
            selected[place] = new
            all += 1
        }
        for index in open + 1..<max(open + 1, all) {
            let moved = selected[index]
            var place = index
            while place > open, selected[place - 1].value < moved.value {
                selected[place] = selected[place - 1]
                place -= 1
            }
            selected[place] = moved
        }
        return (open, all)
    }

    /// Extends a prefix by the selected classes.
    @inline(__always)
    private func extend(
        _ entry: Beam.Entry, _ steering: Float, _ open: Int, _ chosen: Int, _ floor: Float, _ count: inout Int
    ) {
        let nodes = beam.tree.nodes
        let (selected, childOf, candidates) = (selected, childOf, beam.candidates)
        let steeringBase = beam.steeringBase
        let parent = Int(entry.node)
        let last = nodes[parent].label
        let least = floor - Beam.negligible - steering - entry.total - mostBoundedGain
        if open == 0, selected[0].value < least { return }
        turn += 1
        let turn = turn
        var child = nodes[parent].firstChild
        while child >= 0 {
            childOf[Int(nodes[Int(child)].label)] = turn << 32 | UInt64(UInt32(bitPattern: child))
            child = nodes[Int(child)].sibling
        }
        for index in 0..<chosen {
            let (label, value) = (selected[index].label, selected[index].value)
            if index >= open, value < least { return }
            let probability = (label == last ? entry.blank : entry.total) + value
            let found = childOf[Int(label)]
            if found >> 32 == turn {
                child = Int32(truncatingIfNeeded: found)
                let slot = nodes[Int(child)].slot
                if slot >= 0 {
                    candidates[Int(slot)].label = add(candidates[Int(slot)].label, probability)
                    continue
                }
            } else {
                guard probability > -.infinity, probability + steering + mostGain[Int(label)] >= floor else { continue }
                if hasBits, nodes[parent].forbidden >> UInt64(label) & 1 != 0 { continue }
                child = makeChild(parent, label)
                if child < 0 { continue }
            }
            let steering = Float(nodes[Int(child)].steering - steeringBase)
            if probability + steering < floor { continue }
            candidates[count] = Beam.Entry(
                node: child, blank: -.infinity, label: probability, total: 0, steering: steering, score: 0)
            count += 1
        }
    }

    /// Asks the scorer for a prefix that is new.
    /// - Returns: its node, or -1 where it is forbidden.
    @inline(never)
    private func makeChild(_ parent: Int, _ label: Int32) -> Int32 {
        let tree = beam.tree
        let node = tree.nodes[parent]
        let characters = alphabet.characters(of: Int(label))
        var step = ScorerStep(node.state, 0)
        var text = node.text
        // A prefix stays itself by such a space.
        var isForbidden = node.isBoundary && !characters.isEmpty && characters.allSatisfy { $0 == Alphabet.space }
        if !isForbidden {
            for character in characters {
                let next = scorer.extend(step.state, by: character)
                step = ScorerStep(next.state, step.score + next.score)
                isForbidden = step.score == -.infinity
                if isForbidden { break }
                text = PrefixNode.hash(text, character)
            }
        }
        guard !isForbidden else {
            if hasBits { tree.nodes[parent].forbidden |= 1 << UInt64(label) }
            return -1
        }
        return tree.add(
            PrefixNode(
                parent: Int32(truncatingIfNeeded: parent), label: label, depth: node.depth + 1, state: step.state,
                steering: node.steering + Double(step.score), text: text))
    }
}
