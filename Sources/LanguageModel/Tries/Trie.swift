/// An n-gram of a trie in memory.
struct TrieNode {
    /// The first word of the n-gram; the others are on the way to the root.
    var word: UInt32
    var log10: Float
    var backOff: Float
    /// Where the n-grams with one more word in front begin at the next level. They end where the next node's begin.
    var children: UInt32
}

/// The levels of a trie in memory: level l holds the n-grams of l + 1 words, then a node that closes the last one's
/// children. Level 0 holds every word of the vocabulary at its number.
struct Trie: NGramTrie {
    var levels: [[TrieNode]]

    var order: Int { levels.count }
    var vocabularySize: Int { levels[0].count - 1 }
    /// How many n-grams of `level` + 1 words there are.
    func count(_ level: Int) -> Int { levels[level].count - 1 }

    func unigram(_ word: UInt32) -> TrieEntry { entry(level: 0, Int(word)) }

    func child(_ word: UInt32, of parent: TrieEntry, level: Int) -> TrieEntry? {
        let nodes = levels[level]
        let bound = UInt32(vocabularySize - 1)
        let found = nodes.withUnsafeBufferPointer { nodes in
            search(word, lower: parent.lower, upper: parent.upper, bound: bound) { nodes[$0].word }
        }
        return found.map { entry(level: level, $0) }
    }

    func entry(level: Int, _ index: Int) -> TrieEntry {
        let (node, next) = (levels[level][index], levels[level][index + 1])
        return TrieEntry(
            log10: node.log10, backOff: node.backOff, lower: Int(node.children), upper: Int(next.children))
    }

    /// For each n-gram of a level above 0, the index of the one without its first word.
    func parents(_ level: Int) -> [UInt32] {
        var parents = [UInt32](repeating: 0, count: count(level))
        for parent in 0..<count(level - 1) {
            let children = Int(levels[level - 1][parent].children)..<Int(levels[level - 1][parent + 1].children)
            for child in children { parents[child] = UInt32(parent) }
        }
        return parents
    }

    /// For each n-gram of each level above 0, the index of the one without its last word, its context; `.max` where the
    /// trie does not hold it. The first list is empty.
    ///
    /// The context of x y z is the child x of the context of y z, so that each costs one search.
    func contexts() -> [[UInt32]] {
        var contexts: [[UInt32]] = [[]]
        for level in 1..<max(1, order) {
            let parents = parents(level)
            contexts.append(
                parents.indices.map { index in
                    let word = levels[level][index].word
                    if level == 1 { return word }
                    let above = contexts[level - 1][Int(parents[index])]
                    guard above != .max else { return .max }
                    let (lower, upper) = (
                        Int(levels[level - 2][Int(above)].children), Int(levels[level - 2][Int(above) + 1].children)
                    )
                    let nodes = levels[level - 1]
                    let found = search(word, lower: lower, upper: upper, bound: UInt32(vocabularySize - 1)) {
                        nodes[$0].word
                    }
                    return found.map { UInt32($0) } ?? .max
                })
        }
        return contexts
    }

    /// The words of all n-grams of a level, each handed to the body with its node.
    func forEach(level: Int, _ body: ([UInt32], TrieNode) throws -> Void) rethrows {
        let parents = (0...level).map { $0 == 0 ? [] : self.parents($0) }
        var key = [UInt32](repeating: 0, count: level + 1)
        for index in 0..<count(level) {
            var here = index
            for depth in stride(from: level, through: 0, by: -1) {
                key[level - depth] = levels[depth][here].word
                if depth > 0 { here = Int(parents[depth][here]) }
            }
            try body(key, levels[level][index])
        }
    }

    /// Keeps the n-grams of levels above 0 for which `keep` is true. Where one is kept, the one without its first word
    /// must be.
    mutating func filter(_ keep: [[Bool]]) {
        for level in 1..<max(1, order) {
            // How many are kept before each index: the new indices.
            var kept: UInt32 = 0
            var renumbered: [UInt32] = []
            renumbered.reserveCapacity(count(level) + 1)
            for flag in keep[level] {
                renumbered.append(kept)
                if flag { kept += 1 }
            }
            renumbered.append(kept)
            for index in levels[level - 1].indices {
                levels[level - 1][index].children = renumbered[Int(levels[level - 1][index].children)]
            }
        }
        // Only now may nodes go: their children were numbered among all nodes.
        for level in 1..<max(1, order) {
            var closing = levels[level][count(level)]
            closing.word = 0
            var nodes: [TrieNode] = []
            nodes.reserveCapacity(keep[level].lazy.filter { $0 }.count + 1)
            for (index, flag) in keep[level].enumerated() where flag { nodes.append(levels[level][index]) }
            nodes.append(closing)
            levels[level] = nodes
        }
    }

    /// Marks the n-grams that no longer n-gram begins with and that weigh nothing.
    mutating func markExtensions(contexts: [[UInt32]]) {
        for level in 0..<order {
            var extended = [Bool](repeating: false, count: count(level))
            if level + 1 < order { for context in contexts[level + 1] { extended[Int(context)] = true } }
            for index in 0..<count(level) where levels[level][index].backOff == 0 {
                levels[level][index].backOff = extended[index] ? 0 : noExtension
            }
        }
    }
}
