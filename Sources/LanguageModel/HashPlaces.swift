import Foundation

/// Where the words of a compiled model begin whose hashes have the same first bits, about one word for each value of these.
///
/// A model's words are in the order of their hashes (see ``SortedWords``). Halving takes 17 hashes to find one of 100,000 words;
/// with this table, which takes one hash of every word, it is one.
struct HashPlaces {
    /// The words of value v are from `first[v]` to before `first[v + 1]`.
    private let first: [UInt32]
    private let shift: UInt64

    init(of trie: PackedTrie) {
        let count = trie.vocabularySize
        var bits: UInt64 = 1
        while 1 << bits < count { bits += 1 }
        let shift = 64 - bits
        first = [UInt32](unsafeUninitializedCapacity: (1 << bits) + 1) { first, filled in
            var next = 0
            for id in SortedWords.special.count..<max(SortedWords.special.count, count) {
                let value = Int(WordTable.hash(trie.word(id)) >> shift)
                while next <= value {
                    first[next] = UInt32(truncatingIfNeeded: id)
                    next += 1
                }
            }
            while next <= 1 << bits {
                first[next] = UInt32(truncatingIfNeeded: count)
                next += 1
            }
            filled = next
        }
        self.shift = shift
    }

    /// The number of a word, 0 where it is not there.
    func find(_ word: UnsafeRawBufferPointer, in trie: PackedTrie) -> UInt32 {
        let value = Int(WordTable.hash(word) >> shift)
        // A damaged model's words may be in another order: then some are not found.
        for id in first[value]..<max(first[value], first[value + 1]) where Self.areEqual(trie.word(Int(id)), word) {
            return id
        }
        for (id, special) in SortedWords.special.enumerated() where word.elementsEqual(special) { return UInt32(id) }
        return SortedWords.unknown
    }

    @inline(__always)
    private static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count, let left = a.baseAddress, let right = b.baseAddress else { return a.count == b.count }
        return memcmp(left, right, a.count) == 0
    }
}
