/// All n-grams of a text, counted.
///
/// The positions of the text are sorted by the words that end there, read backwards. N-grams of every length are then runs
/// of this one list, in the order of the trie; each level of the trie falls out of one walk over it. Nothing is stored for
/// an n-gram but numbers in flat arrays.
struct NGramCounts {
    /// The trie, all its probabilities still 0.
    var trie: Trie
    /// For each n-gram of each level, how often it comes in the text.
    var raw: [[UInt32]]
    /// For each n-gram of each level above 0, the index of its context, the n-gram without its last word.
    var contexts: [[UInt32]]

    init(_ text: TrainingText, order: Int) {
        let sorted = Self.sortedPositions(text, order: order)
        let vocabularySize = text.words.count
        func node(_ word: UInt32) -> TrieNode { TrieNode(word: word, log10: 0, backOff: 0, children: 0) }
        var levels = [[TrieNode]](repeating: [], count: order)
        levels[0] = (0..<UInt32(vocabularySize)).map(node)
        var raw = [[UInt32]](repeating: [], count: order)
        raw[0] = [UInt32](repeating: 0, count: vocabularySize)
        // A place in the text where each n-gram ends.
        var places = [[UInt32]](repeating: [], count: order)
        // For each place in the text, which n-gram of each length but the longest ends there.
        var ending = [[UInt32]](repeating: [], count: order)
        for level in 1..<max(1, order - 1) { ending[level] = [UInt32](repeating: 0, count: text.tokens.count) }

        text.tokens.withUnsafeBufferPointer { tokens in
            var last = -1
            var nextWord = 0
            for position in sorted {
                let here = Int(position)
                // How many words the two places have in common, and how many there are to the sentence's beginning.
                var common = 0
                if last >= 0 {
                    while common < order, tokens[here - common] == tokens[last - common] {
                        common += 1
                        if tokens[here - common + 1] == SortedWords.begin { break }
                    }
                }
                var level = 0
                while level < order {
                    let word = tokens[here - level]
                    if level == 0 {
                        while nextWord <= Int(word) {
                            if order > 1 { levels[0][nextWord].children = UInt32(levels[1].count) }
                            nextWord += 1
                        }
                        raw[0][Int(word)] += 1
                    } else {
                        if level >= common {
                            levels[level].append(node(word))
                            if level + 1 < order {
                                levels[level][levels[level].count - 1].children = UInt32(levels[level + 1].count)
                            }
                            raw[level].append(0)
                            places[level].append(position)
                        }
                        raw[level][raw[level].count - 1] += 1
                        if level + 1 < order { ending[level][here] = UInt32(levels[level].count - 1) }
                    }
                    if word == SortedWords.begin { break }
                    level += 1
                }
                last = here
            }
            while order > 1, nextWord < vocabularySize {
                levels[0][nextWord].children = UInt32(levels[1].count)
                nextWord += 1
            }
        }
        for level in 0..<order {
            var closing = node(0)
            if level + 1 < order { closing.children = UInt32(levels[level + 1].count) }
            levels[level].append(closing)
        }
        contexts = places.enumerated().map { level, places in
            places.map { level == 1 ? text.tokens[Int($0) - 1] : ending[level - 1][Int($0) - 1] }
        }
        trie = Trie(levels: levels)
        self.raw = raw
    }

    /// The places of all words and `</s>`, by the words that end there, the last one first. Where a sentence begins within
    /// them, there is nothing before, which comes before all words.
    private static func sortedPositions(_ text: TrainingText, order: Int) -> [UInt32] {
        let tokens = text.tokens
        var positions: [UInt32] = []
        positions.reserveCapacity(tokens.count - text.sentences)
        for index in tokens.indices where tokens[index] != SortedWords.begin { positions.append(UInt32(index)) }
        var sorter = CountingSort(count: positions.count, buckets: text.words.count + 1)
        tokens.withUnsafeBufferPointer { tokens in
            for back in stride(from: order - 1, through: 0, by: -1) {
                sorter.sort(&positions) { position in
                    var step = 0
                    while step < back {
                        if tokens[Int(position) - step] == SortedWords.begin { return 0 }
                        step += 1
                    }
                    return Int(tokens[Int(position) - back]) + 1
                }
            }
        }
        return positions
    }

    /// The counts that Kneser and Ney take: how many different words come before an n-gram. The longest n-grams, and those
    /// that begin with `<s>`, before which there is nothing, keep the count of the text.
    func adjusted(_ level: Int) -> [UInt32] {
        guard level + 1 < trie.order else { return raw[level] }
        return (0..<trie.count(level)).map { index in
            let node = trie.levels[level][index]
            if level > 0, node.word == SortedWords.begin { return raw[level][index] }
            return trie.levels[level][index + 1].children - node.children
        }
    }
}
