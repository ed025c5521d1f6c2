import Files
import Foundation
import LanguageModel
import Messages
import TensorFiles

/// A compiled lexicon, mapped into memory: words with their pronunciations, and a model that guesses those of other words.
///
///     let lexicon = try PronunciationLexicon(path: "models/english.lexicon")
///     for pronunciation in lexicon.pronounce("hello") { print(lexicon.alphabet.text(of: pronunciation.phones)) }
///
/// It opens in about a millisecond, whatever its size. ``LexiconCompiler`` makes the file. May be used from many threads.
public final class PronunciationLexicon: Sendable {
    /// The phones.
    public let alphabet: PhoneAlphabet
    /// The words by number, in the order of their UTF-8 bytes.
    public let words: LexiconWords
    /// How many pronunciations all words have together.
    public var pronunciationCount: Int { layout.pronunciations }
    /// The model that guesses; nil where the file has none.
    public let model: GraphoneModel?
    /// The size in bytes.
    public var size: Int { layout.size }

    private let path: String
    private let storage: LexiconBytes
    private let layout: LexiconLayout

    /// Maps a file and checks its head and its sizes. What lies in it is checked where it is read: a damaged entry is not
    /// found, and ``sortedPronunciations()`` throws.
    /// - Throws: ``PronunciationError`` where it is no compiled lexicon, one of another version, or not whole;
    ///   `FileError` where there is no ordinary file that can be read.
    public convenience init(path: String) throws { try self.init(try LexiconBytes(path: path), path: path) }

    /// A lexicon in memory, of entries.
    /// - Throws: ``PronunciationError`` where there are none or more than the format can hold.
    public convenience init(entries: [LexiconEntry], alphabet: PhoneAlphabet, model: GraphoneModel? = nil) throws {
        let bytes = try LexiconWriter.bytes(of: entries, alphabet: alphabet, model: model)
        try self.init(LexiconBytes(copying: bytes), path: "the lexicon in memory")
    }

    /// Writes the lexicon as a file, whole or not at all.
    /// - Throws: `FileError`.
    public func write(to path: String) throws { try AtomicFile.write(to: path) { try $0.append(storage.all) } }

    private init(_ storage: LexiconBytes, path: String) throws {
        (self.path, self.storage) = (path, storage)
        layout = try Self.layout(of: storage.all, path: path)
        let symbols = String(decoding: storage.part(layout.symbols), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: true)
        do { alphabet = try PhoneAlphabet(symbols: symbols.map(String.init)) } catch {
            throw PronunciationError.malformed(path: path, reason: "its alphabet is damaged")
        }
        words = LexiconWords(storage: storage, layout: layout)
        guard layout.modelBytes > 0 else {
            model = nil
            return
        }
        let compact = try CompactModel(bytes: storage.part(layout.model), of: storage, named: path)
        model = try GraphoneModel(compact, alphabet: alphabet, path: path)
    }

    private static func layout(of bytes: UnsafeRawBufferPointer, path: String) throws -> LexiconLayout {
        guard bytes.count >= 8, bytes.prefix(8).elementsEqual(LexiconLayout.magic) else {
            throw PronunciationError.malformed(path: path, reason: "it is no compiled lexicon")
        }
        guard bytes.count >= LexiconLayout.headSize else {
            throw PronunciationError.truncated(path: path, expected: LexiconLayout.headSize, actual: bytes.count)
        }
        func word(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func long(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard word(8) == LexiconLayout.version else {
            throw PronunciationError.malformed(
                path: path, reason: "it has version \(word(8)) and this program reads \(LexiconLayout.version)")
        }
        let end = LexiconLayout.headSize - 8
        guard long(end) == Fingerprint.sum(of: bytes.prefix(end)) else {
            throw PronunciationError.malformed(path: path, reason: "its head is damaged")
        }
        let sizes = (0..<6).map { Int(clamping: long(16 + 8 * $0)) }
        guard word(12) == UInt32(LexiconLayout.blockSize),
            let layout = LexiconLayout(
                symbolBytes: sizes[1], words: sizes[2], entryBytes: sizes[3], pronunciations: sizes[4],
                modelBytes: sizes[5]),
            layout.size == sizes[0]
        else { throw PronunciationError.malformed(path: path, reason: "its sizes contradict each other") }
        guard layout.size <= bytes.count else {
            throw PronunciationError.truncated(path: path, expected: layout.size, actual: bytes.count)
        }
        guard layout.size == bytes.count else {
            throw PronunciationError.malformed(path: path, reason: "more follows after its end")
        }
        return layout
    }

    /// The number of a word; nil where the lexicon lacks it.
    public func number(of word: String) -> Int? { words.find(Self.key(word))?.number }

    /// The pronunciations that the lexicon holds of a word, the most probable first; none where it lacks the word.
    public func pronunciations(of word: String) -> [Pronunciation] {
        guard var walk = words.find(Self.key(word))?.walk else { return [] }
        var all: [Pronunciation] = []
        for _ in 0..<walk.pronunciations {
            guard let (log, phones) = walk.nextPronunciation(), phones.allSatisfy({ $0 < alphabet.count }) else {
                return all
            }
            let origin = walk.isGuessed ? Pronunciation.Origin.guessed : .lexicon
            all.append(Pronunciation(phones: Array(phones), probability: exp(log), origin: origin))
        }
        return all
    }

    private static func key(_ word: String) -> [UInt8] { Array(word.precomposedStringWithCanonicalMapping.utf8) }

    /// All pronunciations in the order of their phones: two passes over the file, some ten milliseconds for 200,000.
    /// - Throws: ``PronunciationError/malformed(path:reason:)`` where the file is damaged.
    public func sortedPronunciations() throws -> SortedPronunciations {
        let damaged = PronunciationError.malformed(path: path, reason: "its entries are damaged")
        let count = layout.pronunciations
        var (starts, lengths, ofWord) = ([UInt32](), [UInt8](), [UInt32]())
        var logs: [Float] = []
        starts.reserveCapacity(count)
        lengths.reserveCapacity(count)
        ofWord.reserveCapacity(count)
        logs.reserveCapacity(count)
        let entries = storage.part(layout.entries)
        let phoneCount = alphabet.count
        var walk = EntryWalk(entries, at: 0)
        var total = 0
        for number in 0..<layout.words {
            guard walk.passWord() else { throw damaged }
            for _ in 0..<walk.pronunciations {
                guard let (log, phones) = walk.nextPronunciation(), !phones.isEmpty, starts.count < count,
                    let base = entries.baseAddress, let here = phones.baseAddress
                else { throw damaged }
                for place in 0..<phones.count where phones[place] >= phoneCount { throw damaged }
                starts.append(UInt32(here - base))
                lengths.append(UInt8(phones.count))
                ofWord.append(UInt32(number))
                logs.append(log)
                total += phones.count
            }
        }
        guard walk.isAtEnd, starts.count == count else { throw damaged }
        return try gather(starts, lengths, ofWord, logs, total: total, damaged)
    }

    /// Brings pronunciations into the order that the file says, and checks that it is one.
    private func gather(
        _ starts: [UInt32], _ lengths: [UInt8], _ ofWord: [UInt32], _ logs: [Float], total: Int,
        _ damaged: PronunciationError
    ) throws -> SortedPronunciations {
        let (entries, order) = (storage.part(layout.entries), storage.part(layout.order))
        let count = starts.count
        var sortedStarts: [UInt32] = [0]
        var (words, sortedLogs) = ([UInt32](), [Float]())
        sortedStarts.reserveCapacity(count + 1)
        words.reserveCapacity(count)
        sortedLogs.reserveCapacity(count)
        var last = UnsafeRawBufferPointer(start: nil, count: 0)
        var lastIndex = -1
        let phones = try [UInt8](unsafeUninitializedCapacity: total) { phones, filled in
            for place in 0..<count {
                let index =
                    Int(order[3 * place]) | Int(order[3 * place + 1]) << 8 | Int(order[3 * place + 2]) << 16
                guard index < count else { throw damaged }
                let start = Int(starts[index])
                let these = UnsafeRawBufferPointer(rebasing: entries[start..<start + Int(lengths[index])])
                guard Self.precedes(last, these, lastIndex, index), filled + these.count <= total else { throw damaged }
                if let from = these.baseAddress, let base = phones.baseAddress {
                    memcpy(base + filled, from, these.count)
                }
                filled += these.count
                sortedStarts.append(UInt32(filled))
                words.append(ofWord[index])
                sortedLogs.append(logs[index])
                (last, lastIndex) = (these, index)
            }
        }
        return SortedPronunciations(
            phones: phones, starts: sortedStarts, words: words, logProbabilities: sortedLogs)
    }

    /// Whether phones come before others, or are equal and have the smaller number.
    private static func precedes(
        _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ aNumber: Int, _ bNumber: Int
    ) -> Bool {
        let common = min(a.count, b.count)
        for place in 0..<common where a[place] != b[place] { return a[place] < b[place] }
        return a.count != b.count ? a.count < b.count : aNumber < bNumber
    }
}
