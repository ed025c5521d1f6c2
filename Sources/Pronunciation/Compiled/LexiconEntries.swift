import Foundation

/// Walks the entries of a compiled lexicon, from the beginning of a block on.
struct EntryWalk {
    /// The bytes of the current word.
    private(set) var word: [UInt8] = []
    /// How many pronunciations it has, and whether they were guessed.
    private(set) var pronunciations = 0
    private(set) var isGuessed = false
    private var cursor: ByteCursor

    init(_ entries: UnsafeRawBufferPointer, at offset: Int) { cursor = ByteCursor(entries, at: offset) }

    var isAtEnd: Bool { cursor.isAtEnd }

    /// Goes to the next word; its pronunciations must all have been read.
    /// - Returns: false where the bytes end or contradict themselves.
    mutating func nextWord() -> Bool {
        guard let shared = cursor.byte(), shared <= word.count, let more = cursor.byte(),
            let suffix = cursor.take(more), let count = cursor.byte()
        else { return false }
        word.removeSubrange(shared...)
        word.append(contentsOf: suffix)
        (pronunciations, isGuessed) = (count & 127, count & 128 != 0)
        return pronunciations > 0 && !word.isEmpty
    }

    /// Goes to the next word without putting its letters together; only for a walk that asks for no word.
    @inline(__always)
    mutating func passWord() -> Bool {
        guard cursor.byte() != nil, let more = cursor.byte(), cursor.take(more) != nil, let count = cursor.byte() else {
            return false
        }
        (pronunciations, isGuessed) = (count & 127, count & 128 != 0)
        return pronunciations > 0
    }

    /// The next pronunciation of the current word: its logarithm, and its phones.
    @inline(__always)
    mutating func nextPronunciation() -> (log: Float, phones: UnsafeRawBufferPointer)? {
        guard let log = cursor.byte(), let count = cursor.byte(), let phones = cursor.take(count) else { return nil }
        return (-Float(log) * LexiconLayout.logUnit, phones)
    }

    /// Passes over the pronunciations of the current word.
    mutating func skipPronunciations() -> Bool {
        for _ in 0..<pronunciations where nextPronunciation() == nil { return false }
        return true
    }
}

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

/// All pronunciations of a lexicon in the order of their phones, in flat arrays, so that a tree of them is built in one
/// pass: each shares a beginning with the one before it, and nothing is to be sorted.
public struct SortedPronunciations: Sendable {
    /// The phones of all, one pronunciation after the other.
    public let phones: [UInt8]
    /// Where each pronunciation begins among the phones; one more at the end.
    public let starts: [UInt32]
    /// The number of the word of each (see ``PronunciationLexicon/words``).
    public let words: [UInt32]
    /// The natural logarithm of the probability of each, given its word.
    public let logProbabilities: [Float]

    /// How many pronunciations there are.
    public var count: Int { words.count }

    /// The phones of a pronunciation.
    public func phones(_ index: Int) -> ArraySlice<UInt8> { phones[Int(starts[index])..<Int(starts[index + 1])] }
}
