/// One step of the search: the hot loops, on memory that was allocated before.
extension PronunciationSearch {
    @inline(__always)
    static func position(_ node: PrefixNode) -> UInt32 { UInt32(truncatingIfNeeded: node.state) }

    @inline(__always)
    static func context(_ node: PrefixNode) -> UInt32 { UInt32(truncatingIfNeeded: node.state >> 32) }

    /// What a step says of the beam as a whole.
    private struct Step {
        /// How many phones extend prefixes.
        var chosen: Int
        /// ln y(space), where it is likely enough to end words.
        var space: Float
        /// What ends below this has no place in the next beam.
        var floor: Float
        /// Candidates so far.
        var count: Int
        /// The most that another phone can add to the steering.
        var mostGain: Float
    }

    /// Goes one step on.
    /// - Parameter row: [classes], natural logarithms.
    func advance(_ row: UnsafePointer<Float>) {
        steps += 1
        let (chosen, limit) = select(row)
        let tree = beam.tree
        let most = beam.size * (chosen + 1)
        if tree.count + most > tree.capacity {
            committed += beam.makeRoom(most)
            retainContexts()
        }
        beam.reserveCandidates(beam.size + most)
        let (size, bias) = (beam.size, beam.bias)
        let (blankValue, spaceValue) = (Beam.clean(row[blank]) - bias + blankWeight, Beam.clean(row[space]) - bias)
        let pause = add(blankValue, spaceValue)
        let floor = beam.stay { entry, node in
            guard Self.position(node) != PronunciationTree.root else { return (entry.total + pause, -.infinity) }
            return (entry.total + blankValue, entry.label + (Beam.clean(row[Int(node.label)]) - bias))
        }

        let root = scorer.estimate(atRootOf: words.tree)
        var step = Step(
            chosen: chosen, space: row[space] >= limit ? spaceValue : -.infinity, floor: floor, count: size,
            mostGain: max(0, root, allowsUnknown ? scorer.unknownEstimate + scorer.unknownPhone : 0))
        let entries = beam.entries
        for index in 0..<size { extend(entries[index], beam.candidates[index].steering, &step) }
        finish(step)
        if options.endsWords(after: quietSteps) {
            beam.endWords(isBetweenWords: { Self.position($0) == PronunciationTree.root }) { node in
                let branches = branches(of: beam.tree.nodes[Int(node)])
                beam.tree.reserve(branches.count)
                return branches.compactMap { branch in
                    let end = end(node, branch) ?? makeEnd(node, branch)
                    return end < 0 ? nil : end
                }
            }
        }
    }

    /// Adds up what each candidate has, and keeps the best.
    @inline(__always)
    private func finish(_ step: Step) {
        let (nodes, candidates) = (beam.tree.nodes, beam.candidates)
        beam.addUp(step.count)
        // New ones are in no beam yet.
        for index in beam.size..<max(beam.size, step.count) { nodes[Int(candidates[index].node)].slot = -1 }
        beam.keep(step.count)
    }

    /// Finds the phones that extend prefixes at this step, the likeliest first.
    /// - Returns: how many, and what a class must have to do so.
    @inline(__always)
    private func select(_ row: UnsafePointer<Float>) -> (chosen: Int, limit: Float) {
        let classes = words.vocabulary.symbols.count
        var highest = -Float.infinity
        for label in 0..<classes { highest = max(highest, Beam.clean(row[label])) }
        quietSteps = max(Beam.clean(row[blank]), Beam.clean(row[space])) >= highest ? quietSteps + 1 : 0
        let limit = max(highest - options.classThreshold, -1e6)
        let (selected, bias) = (selected, beam.bias)
        var count = 0
        for label in 0..<classes where row[label] >= limit && label != blank && label != space {
            guard allowsUnknown || words.phoneOfLabel[label] >= 0 else { continue }
            let new = Selected(label: Int32(truncatingIfNeeded: label), value: Beam.clean(row[label]) - bias)
            var place = count
            while place > 0, selected[place - 1].value < new.value {
                selected[place] = selected[place - 1]
                place -= 1
            }
            selected[place] = new
            count += 1
        }
        return (count, limit)
    }

    /// Gives what a prefix has to those that go on from it.
    @inline(__always)
    private func extend(_ entry: Beam.Entry, _ steering: Float, _ step: inout Step) {
        let node = beam.tree.nodes[Int(entry.node)]
        let position = Self.position(node)
        guard position != PronunciationTree.root else {
            return spread(entry.node, entry.total, entry.total, last: -1, steering, &step)
        }
        spread(entry.node, entry.blank, entry.total, last: node.label, steering, &step)
        let isOutside = position == Self.outside
        guard isOutside || words.tree.nodes[Int(position)].endingCount > 0 else { return }
        // The word may turn out likelier than its look-ahead, but not likelier than certain.
        let likeliest = step.chosen > 0 ? selected[0].value + joined + step.mostGain : -.infinity
        let estimate = isOutside ? scorer.unknownEstimate : scorer.estimate(position)
        let gain = max(0, scorer.mostOfWord - estimate)
        guard max(step.space, likeliest) + entry.total + steering + gain >= step.floor else { return }
        endWords(entry, node, &step)
    }

    /// Ends the word under way in every way that it can end.
    @inline(never)
    private func endWords(_ entry: Beam.Entry, _ node: PrefixNode, _ step: inout Step) {
        let branches = branches(of: node)
        turn += 1
        var child = node.firstChild
        while child >= 0 {
            let known = beam.tree.nodes[Int(child)]
            if Int(known.label) == space {
                endOf[Int(known.branch - branches.lowerBound)] = turn << 32 | UInt64(UInt32(bitPattern: child))
            }
            child = known.sibling
        }
        let turn = turn
        for branch in branches {
            reserve(step)
            let known = endOf[Int(branch - branches.lowerBound)]
            let end = known >> 32 == turn ? Int32(truncatingIfNeeded: known) : makeEnd(entry.node, branch)
            if end < 0 { continue }
            let steering = Float(beam.tree.nodes[Int(end)].steering - beam.steeringBase)
            let pause = entry.total + step.space
            let slot = beam.tree.nodes[Int(end)].slot
            if slot >= 0 {
                beam.candidates[Int(slot)].blank = add(beam.candidates[Int(slot)].blank, pause)
            } else if pause > -.infinity, pause + steering >= step.floor {
                append(
                    Beam.Entry(node: end, blank: pause, label: -.infinity, total: 0, steering: steering, score: 0),
                    &step)
            }
            spread(end, entry.blank + joined, entry.total + joined, last: node.label, steering, &step)
        }
    }

    /// Room for one prefix's children.
    @inline(__always)
    private func reserve(_ step: Step) {
        let most = 2 * step.chosen + 1
        beam.tree.reserve(most)
        beam.reserveCandidates(step.count + most, keeping: step.count)
    }

    @inline(__always)
    private func append(_ candidate: Beam.Entry, _ step: inout Step) {
        beam.candidates[step.count] = candidate
        beam.tree.nodes[Int(candidate.node)].slot = Int32(truncatingIfNeeded: step.count)
        step.count += 1
    }

    /// Extends a prefix by the selected phones.
    /// - Parameters:
    ///   - blank: what its paths have after which any phone may follow.
    ///   - last: the phone that must not follow the others.
    @inline(__always)
    private func spread(
        _ parent: Int32, _ blank: Float, _ total: Float, last: Int32, _ steering: Float, _ step: inout Step
    ) {
        let least = step.floor - Beam.negligible - steering - total - step.mostGain
        if step.chosen == 0 || selected[0].value < least { return }
        reserve(step)
        let (nodes, selected, childOf) = (beam.tree.nodes, selected, childOf)
        let classes = words.vocabulary.symbols.count
        turn += 1
        let turn = turn
        var child = nodes[Int(parent)].firstChild
        while child >= 0 {
            let node = nodes[Int(child)]
            if Int(node.label) != space {
                let place = Int(node.label) + (node.branch == Self.unknown ? classes : 0)
                childOf[place] = turn << 32 | UInt64(UInt32(bitPattern: child))
            }
            child = node.sibling
        }
        let beginsWord = Self.position(nodes[Int(parent)]) == PronunciationTree.root
        for index in 0..<step.chosen {
            let (label, value) = (selected[index].label, selected[index].value)
            if value < least { return }
            let probability = (label == last ? blank : total) + value
            give(parent, label, childOf[Int(label)], turn, -1, probability, steering, &step)
            if beginsWord, allowsUnknown {
                give(parent, label, childOf[Int(label) + classes], turn, Self.unknown, probability, steering, &step)
            }
        }
    }

    /// Gives a child its share.
    @inline(__always)
    private func give(
        _ parent: Int32, _ label: Int32, _ found: UInt64, _ turn: UInt64, _ branch: Int32, _ probability: Float,
        _ parentSteering: Float, _ step: inout Step
    ) {
        let nodes = beam.tree.nodes
        var child: Int32
        if found >> 32 == turn {
            child = Int32(truncatingIfNeeded: found)
            let slot = nodes[Int(child)].slot
            if slot >= 0 {
                beam.candidates[Int(slot)].label = add(beam.candidates[Int(slot)].label, probability)
                return
            }
        } else {
            guard probability > -.infinity, probability + parentSteering + step.mostGain >= step.floor else { return }
            if branch != Self.unknown, hasBits, nodes[Int(parent)].forbidden >> UInt64(label) & 1 != 0 { return }
            child = makeChild(parent, label, branch)
            if child < 0 { return }
        }
        let steering = Float(nodes[Int(child)].steering - beam.steeringBase)
        if probability + steering < step.floor { return }
        append(
            Beam.Entry(node: child, blank: -.infinity, label: probability, total: 0, steering: steering, score: 0),
            &step)
    }
}
