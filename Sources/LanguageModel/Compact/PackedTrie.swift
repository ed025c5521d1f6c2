import Foundation

/// The trie of a compiled model. Whatever the records say, nothing outside the file is read: indices are cut to the level.
///
/// Unchecked: the pointers are not Sendable, but what they point to is never written after the initialiser. The file must
/// stay mapped as long as this object lives.
final class PackedTrie: NGramTrie, @unchecked Sendable {
    private struct Level {
        let bits: BitReader
        let layout: CompactLayout.Level
        let logs: UnsafeRawPointer
        let backOffs: UnsafeRawPointer
    }

    /// A buffer, not an array: a query must not count references.
    private let levels: UnsafeMutableBufferPointer<Level>
    private let starts: UnsafeRawPointer
    private let bytes: UnsafeRawPointer
    let order: Int
    let vocabularySize: Int

    /// - Parameter base: where a file begins that is as long as the layout says.
    init(base: UnsafeRawPointer, layout: CompactLayout) {
        func part(_ offset: Int) -> UnsafeRawPointer { base + offset }
        levels = .allocate(capacity: layout.levels.count)
        for (index, level) in layout.levels.enumerated() {
            levels.initializeElement(
                at: index,
                to: Level(
                    bits: BitReader(base: part(level.offset)), layout: level, logs: part(layout.tables[index * 2]),
                    backOffs: part(layout.tables[index * 2 + 1])))
        }
        starts = part(layout.starts)
        self.bytes = part(layout.words)
        order = layout.levels.count
        vocabularySize = layout.levels[0].count
    }

    deinit { levels.deallocate() }

    func unigram(_ word: UInt32) -> TrieEntry { entry(levels[0], level: 0, Int(word)) }

    func child(_ word: UInt32, of parent: TrieEntry, level: Int) -> TrieEntry? {
        let here = levels[level]
        let (record, wordBits) = (here.layout.recordBits, here.layout.wordBits)
        let bound = UInt32(truncatingIfNeeded: vocabularySize - 1)
        let found = search(word, lower: parent.lower, upper: parent.upper, bound: bound) {
            here.bits.value(at: $0 * record, bits: wordBits)
        }
        return found.map { entry(here, level: level, $0) }
    }

    @inline(__always)
    private func entry(_ here: Level, level: Int, _ index: Int) -> TrieEntry {
        let layout = here.layout
        var bit = index * layout.recordBits + layout.wordBits
        let log10 = Self.value(here.bits.value(at: bit, bits: layout.logBits), layout.logBits, here.logs)
        guard level + 1 < order else { return TrieEntry(log10: log10, backOff: noExtension, lower: 0, upper: 0) }
        bit += layout.logBits
        let backOff = Self.value(here.bits.value(at: bit, bits: layout.backOffBits), layout.backOffBits, here.backOffs)
        bit += layout.backOffBits
        let limit = levels[level + 1].layout.count
        return TrieEntry(
            log10: log10, backOff: backOff, lower: Int(here.bits.value(at: bit, bits: layout.childBits)),
            upper: min(limit, Int(here.bits.value(at: bit + layout.recordBits, bits: layout.childBits))))
    }

    @inline(__always)
    private static func value(_ code: UInt32, _ bits: Int, _ table: UnsafeRawPointer) -> Float {
        if bits == 32 { return Float(bitPattern: code) }
        return Float(bitPattern: UInt32(littleEndian: table.load(fromByteOffset: Int(code) * 4, as: UInt32.self)))
    }

    private func start(_ id: Int) -> Int {
        Int(UInt32(littleEndian: starts.load(fromByteOffset: id * 4, as: UInt32.self)))
    }

    /// The bytes of a word, those of `<unk>` for numbers that are none.
    func word(_ id: Int) -> UnsafeRawBufferPointer {
        let id = id < vocabularySize ? id : 0
        return UnsafeRawBufferPointer(start: bytes + start(id), count: start(id + 1) - start(id))
    }

    /// The number of a word, 0 where it is not there.
    func id(of word: UnsafeRawBufferPointer) -> UInt32 {
        for (id, special) in SortedWords.special.enumerated() where word.elementsEqual(special) { return UInt32(id) }
        let hash = WordTable.hash(word)
        var (lower, upper) = (3, vocabularySize)
        while lower < upper {
            let middle = (lower + upper) / 2
            let there = self.word(middle)
            let thereHash = WordTable.hash(there)
            guard thereHash == hash else {
                if thereHash < hash { lower = middle + 1 } else { upper = middle }
                continue
            }
            let common = min(there.count, word.count)
            var order = 0
            if common > 0, let a = there.baseAddress, let b = word.baseAddress { order = Int(memcmp(a, b, common)) }
            if order == 0 { order = there.count - word.count }
            if order == 0 { return UInt32(middle) }
            if order < 0 { lower = middle + 1 } else { upper = middle }
        }
        return SortedWords.unknown
    }

    /// Whether every word lies within the bytes of words.
    func hasLawfulWords(size: Int) -> Bool {
        var last = 0
        for id in 0...vocabularySize {
            let begin = start(id)
            guard begin >= last, begin <= size else { return false }
            last = begin
        }
        return start(0) == 0 && last == size
    }
}
