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
