/// The prefixes of the search: how one is made of another, and what it is worth.
extension PronunciationSearch {
    /// One more phone.
    /// - Parameter branch: ``unknown`` for the first phone of a word without a pronunciation.
    /// - Returns: the new node, or -1 where no word goes on so.
    @inline(never)
    func makeChild(_ parent: Int32, _ label: Int32, _ branch: Int32) -> Int32 {
        let node = beam.tree.nodes[Int(parent)]
        let position = Self.position(node)
        let context = UInt64(Self.context(node)) << 32
        var child = PrefixNode(
            parent: parent, label: label, branch: branch, depth: node.depth + 1, state: 0, steering: node.steering,
            text: node.text)
        if branch == Self.unknown || position == Self.outside {
            child.state = context | UInt64(Self.outside)
            child.steering += Double(scorer.unknownPhone + (branch == Self.unknown ? scorer.unknownEstimate : 0))
            child.text = PrefixNode.mixed(node.text, UInt64(UInt32(bitPattern: label)) + 1)
        } else {
            let phone = words.phoneOfLabel[Int(label)]
            guard phone >= 0, let next = words.tree.child(of: position, UInt8(truncatingIfNeeded: phone)) else {
                if hasBits { beam.tree.nodes[Int(parent)].forbidden |= 1 << UInt64(label) }
                return -1
            }
            child.state = context | UInt64(next)
            child.steering += Double(scorer.estimate(next) - scorer.estimate(position))
        }
        return beam.tree.add(child)
    }

    /// The ways in which the word under way can end: places of endings in the tree, or ``unknown``.
    @inline(__always)
    func branches(of node: PrefixNode) -> Range<Int32> {
        let position = Self.position(node)
        if position == Self.outside { return Self.unknown..<Self.unknown + 1 }
        let endings = words.tree.endings(at: position)
        return Int32(truncatingIfNeeded: endings.lowerBound)..<Int32(truncatingIfNeeded: endings.upperBound)
    }

    /// What the end of a word adds to the steering, and the context after it.
    @inline(__always)
    func ended(_ node: PrefixNode, _ branch: Int32) -> (score: Float, next: UInt32) {
        guard branch != Self.unknown else {
            let (score, next) = scorer.completeUnknown(after: Self.context(node))
            return (score - scorer.unknownEstimate, next)
        }
        let (score, next) = scorer.complete(words.tree.endings[Int(branch)], after: Self.context(node))
        return (score - scorer.estimate(Self.position(node)), next)
    }

    /// A hash of the words of a prefix and of the one that ends there.
    @inline(__always)
    func textKey(_ node: PrefixNode, _ branch: Int32) -> UInt64 {
        let word = branch == Self.unknown ? 0 : UInt64(words.tree.endings[Int(branch)].word) + 1
        return PrefixNode.mixed(node.text, 1 << 40 | word)
    }

    /// The prefix after a word's end, which must not be there yet.
    /// - Returns: the new node, or -1 where the language model rules the word out.
    @inline(never)
    func makeEnd(_ parent: Int32, _ branch: Int32) -> Int32 {
        let node = beam.tree.nodes[Int(parent)]
        let (score, next) = ended(node, branch)
        guard score > -.infinity else { return -1 }
        return beam.tree.add(
            PrefixNode(
                parent: parent, label: Int32(space), branch: branch, depth: node.depth + 1, state: UInt64(next) << 32,
                steering: node.steering + Double(score), text: textKey(node, branch)))
    }

    /// The prefix after a word's end; nil where it is not there yet.
    func end(_ parent: Int32, _ branch: Int32) -> Int32? {
        let nodes = beam.tree.nodes
        var child = nodes[Int(parent)].firstChild
        while child >= 0 {
            if nodes[Int(child)].branch == branch, Int(nodes[Int(child)].label) == space { return child }
            child = nodes[Int(child)].sibling
        }
        return nil
    }

    /// Lets the language model forget what no prefix needs.
    func retainContexts() {
        let tree = beam.tree
        var states = (0..<tree.count).map { tree.nodes[$0].state }
        scorer.retain(&states)
        for (index, state) in states.enumerated() { tree.nodes[index].state = state }
    }
}
