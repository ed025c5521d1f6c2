/// Makes a trie of n-grams in any order, and fills its gaps.
///
/// Some tools drop an n-gram and keep longer ones that begin or end with it (SRILM when it prunes). The trie needs both, so
/// they are put in with the probability that backing off gives them: no query changes.
enum TrieBuilder {
    /// - Parameters:
    ///   - columns: the n-grams of 1, 2, ... words.
    ///   - words: names n-grams in messages.
    /// - Throws: ``LanguageModelError/inconsistent(reason:)`` where an n-gram is there twice.
    static func build(_ columns: [NGramColumns], words: SortedWords) throws -> Trie {
        var columns = columns
        while true {
            for index in columns.indices {
                if let twice = columns[index].sort(vocabularySize: words.count) {
                    let names = twice.map { String(decoding: words.word($0), as: UTF8.self) }
                    throw LanguageModelError.inconsistent(
                        reason: "the n-gram \"\(names.joined(separator: " "))\" is there twice")
                }
            }
            if fillSuffixes(&columns) { continue }
            var trie = link(columns, vocabularySize: words.count)
            let contexts = trie.contexts()
            if fillPrefixes(&columns, trie: trie, contexts: contexts) { continue }
            fillValues(&trie, contexts: contexts)
            trie.markExtensions(contexts: contexts)
            return trie
        }
    }

    /// Adds the n-grams of 2 or more words with which longer ones end and that are missing; true where there are any.
    private static func fillSuffixes(_ columns: inout [NGramColumns]) -> Bool {
        var found = false
        for level in stride(from: columns.count - 1, to: 1, by: -1) {
            var missing: [ArraySlice<UInt32>] = []
            let (long, short) = (columns[level], columns[level - 1])
            var parent = 0
            for index in 0..<long.count {
                let suffix = long.key(index).dropFirst()
                while parent < short.count, short.key(parent).reversed().lexicographicallyPrecedes(suffix.reversed()) {
                    parent += 1
                }
                if parent < short.count, short.key(parent) == suffix { continue }
                if missing.last != suffix { missing.append(suffix) }
            }
            for key in missing { columns[level - 1].append(key, log10: .nan, backOff: 0) }
            found = found || !missing.isEmpty
        }
        return found
    }

    /// The same for n-grams with which longer ones begin.
    private static func fillPrefixes(_ columns: inout [NGramColumns], trie: Trie, contexts: [[UInt32]]) -> Bool {
        var found = false
        for level in 2..<max(2, columns.count) {
            let missing = contexts[level].indices.filter { contexts[level][$0] == .max }
            for index in missing {
                columns[level - 1].append(columns[level].key(index).dropLast(), log10: .nan, backOff: 0)
            }
            found = found || !missing.isEmpty
        }
        return found
    }

    /// Puts sorted n-grams, all of whose suffixes are there, into levels.
    private static func link(_ columns: [NGramColumns], vocabularySize: Int) -> Trie {
        var unigrams = (0..<UInt32(vocabularySize)).map {
            TrieNode(word: $0, log10: $0 == SortedWords.unknown ? -100 : -99, backOff: 0, children: 0)
        }
        for index in 0..<columns[0].count {
            let word = Int(columns[0].words[index])
            (unigrams[word].log10, unigrams[word].backOff) = (columns[0].log10[index], columns[0].backOff[index])
        }
        unigrams.append(TrieNode(word: 0, log10: 0, backOff: 0, children: 0))
        var levels = [unigrams]
        for column in columns.dropFirst() {
            var nodes: [TrieNode] = []
            nodes.reserveCapacity(column.count + 1)
            var parent = 0
            let above = levels.count - 1
            let previous: NGramColumns? = above == 0 ? nil : columns[above]
            for index in 0..<column.count {
                let key = column.key(index)
                // The parent is the n-gram without the first word: it moves on in the same order.
                while previous.map({ $0.key(parent) != key.dropFirst() }) ?? (UInt32(parent) != key[key.endIndex - 1]) {
                    parent += 1
                    levels[above][parent].children = UInt32(index)
                }
                nodes.append(
                    TrieNode(
                        word: key[key.startIndex], log10: column.log10[index], backOff: column.backOff[index],
                        children: 0))
            }
            for rest in (parent + 1)..<levels[above].count { levels[above][rest].children = UInt32(column.count) }
            nodes.append(TrieNode(word: 0, log10: 0, backOff: 0, children: 0))
            levels.append(nodes)
        }
        return Trie(levels: levels)
    }

    /// Gives the n-grams that fill gaps the probabilities of backing off.
    private static func fillValues(_ trie: inout Trie, contexts: [[UInt32]]) {
        for level in 1..<max(1, trie.order) {
            guard trie.levels[level].contains(where: \.log10.isNaN) else { continue }
            let parents = trie.parents(level)
            for index in parents.indices where trie.levels[level][index].log10.isNaN {
                trie.levels[level][index].log10 =
                    trie.levels[level - 1][Int(contexts[level][index])].backOff
                    + trie.levels[level - 1][Int(parents[index])].log10
            }
        }
    }
}
