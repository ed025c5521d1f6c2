/// The words of a lexicon by number, in the order of their UTF-8 bytes.
public struct LexiconWords: RandomAccessCollection, Sendable {
    let storage: LexiconBytes
    let layout: LexiconLayout

    /// 0.
    public var startIndex: Int { 0 }
    /// How many words there are.
    public var endIndex: Int { layout.words }

    /// The word of a number; walks up to 15 words before it. Empty where the file is damaged.
    public subscript(position: Int) -> String {
        guard let walk = walk(to: position) else { return "" }
        return String(decoding: walk.word, as: UTF8.self)
    }

    /// Goes through all words in their order, each read once.
    public func makeIterator() -> AnyIterator<String> {
        var walk = EntryWalk(storage.part(layout.entries), at: 0)
        var left = layout.words
        return AnyIterator {
            guard left > 0, walk.nextWord() else { return nil }
            let word = String(decoding: walk.word, as: UTF8.self)
            guard walk.skipPronunciations() else { return nil }
            left -= 1
            return word
        }
    }

    /// Hands over the UTF-8 bytes of all words in their order, each read once; fewer where the file is damaged.
    public func forEachWord(_ body: (UnsafeRawBufferPointer) -> Void) {
        var walk = EntryWalk(storage.part(layout.entries), at: 0)
        for _ in 0..<layout.words {
            guard walk.nextWord() else { return }
            walk.word.withUnsafeBytes(body)
            guard walk.skipPronunciations() else { return }
        }
    }

    /// Where a block of words begins among the entries.
    private func start(ofBlock block: Int) -> Int {
        let offset = layout.blocks.lowerBound + 4 * block
        return Int(UInt32(littleEndian: storage.all.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    /// A walk that stands at a word, before its pronunciations.
    func walk(to position: Int) -> EntryWalk? {
        guard indices.contains(position) else { return nil }
        let block = position / LexiconLayout.blockSize
        var walk = EntryWalk(storage.part(layout.entries), at: start(ofBlock: block))
        for step in 0...(position - block * LexiconLayout.blockSize) {
            guard step == 0 || walk.skipPronunciations(), walk.nextWord() else { return nil }
        }
        return walk
    }

    /// A walk that stands at the word of these bytes, before its pronunciations, and the word's number.
    ///
    /// Halving finds the block, and a walk of up to 16 words the word in it.
    func find(_ word: [UInt8]) -> (number: Int, walk: EntryWalk)? {
        let entries = storage.part(layout.entries)
        var (lower, upper) = (0, layout.blocks.count / 4)
        while lower < upper {
            let middle = (lower + upper) / 2
            var walk = EntryWalk(entries, at: start(ofBlock: middle))
            guard walk.nextWord() else { return nil }
            if word.lexicographicallyPrecedes(walk.word) { upper = middle } else { lower = middle + 1 }
        }
        guard lower > 0 else { return nil }
        let first = (lower - 1) * LexiconLayout.blockSize
        var walk = EntryWalk(entries, at: start(ofBlock: lower - 1))
        for number in first..<Swift.min(first + LexiconLayout.blockSize, layout.words) {
            guard number == first || walk.skipPronunciations(), walk.nextWord() else { return nil }
            if walk.word == word { return (number, walk) }
        }
        return nil
    }
}
