import Files
import Messages

/// A compiled n-gram model, mapped into memory: it opens at once, whatever its size, and processes share it.
///
/// ``NGramModel/write(compact:precision:)`` makes the file. Queries give what the model gave that was compiled, exactly
/// where it was not quantised.
public final class CompactModel: LanguageModelQuery, @unchecked Sendable {
    // Unchecked: the pointers are not Sendable, but what they point to is never written and lives as long as this object.
    package let bytes: UnsafeRawBufferPointer
    /// Keeps the bytes: a mapped file, or whose memory they are.
    private let owner: AnyObject
    private let layout: CompactLayout
    private let trie: PackedTrie

    /// Whether a file begins as a compiled model does.
    public static func isCompact(_ path: String) -> Bool {
        !StandardStream.isNamed(by: path) && RawPath(path).firstBytes(8) == CompactLayout.magic
    }

    /// Maps a file and checks its head, its sizes and its vocabulary.
    /// - Throws: `FileError` where it cannot be read, ``LanguageModelError`` where it is no compiled model, one of another version,
    ///   or not whole.
    public convenience init(path: String) throws {
        let file = try MappedFile(path: path)
        try self.init(bytes: file.bytes, of: file, named: path)
    }

    /// Opens a compiled model that lies in memory, at an address that is a multiple of 8.
    /// - Parameters:
    ///   - owner: is kept as long as this object.
    ///   - path: names the model in messages.
    package init(bytes: UnsafeRawBufferPointer, of owner: AnyObject, named path: String) throws {
        (self.bytes, self.owner) = (bytes, owner)
        layout = try Self.layout(of: bytes, path: path)
        guard let base = bytes.baseAddress else {
            throw LanguageModelError.malformed(
                path: path, reason: "it is empty", mend: "copy it again or compile it anew")
        }
        trie = PackedTrie(base: base, layout: layout)
        guard trie.hasLawfulWords(size: layout.wordBytes) else {
            throw LanguageModelError.malformed(
                path: path, reason: "its vocabulary is damaged", mend: "copy it again or compile it anew")
        }
    }

    private static func layout(of bytes: UnsafeRawBufferPointer, path: String) throws -> CompactLayout {
        func malformed(_ reason: String) -> LanguageModelError {
            .malformed(path: path, reason: reason, mend: "give a file that \"utter lm compile\" wrote")
        }
        guard bytes.count >= 8, bytes.prefix(8).elementsEqual(CompactLayout.magic) else {
            throw malformed("it is no compiled language model")
        }
        guard bytes.count >= CompactLayout.headSize else {
            throw LanguageModelError.truncated(path: path, expected: CompactLayout.headSize, actual: bytes.count)
        }
        func word(_ offset: Int) -> Int {
            Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        func long(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard word(8) == CompactLayout.version else {
            throw malformed("it has version \(word(8)) and this program reads \(CompactLayout.version)")
        }
        guard long(CompactLayout.headSize - 8) == Fingerprint.sum(of: bytes.prefix(CompactLayout.headSize - 8))
        else {
            throw malformed("its head is damaged")
        }
        let (order, logBits, backOffBits) = (word(12), word(16), word(20))
        let isLawful = { (bits: Int) in bits == 32 || (2...16).contains(bits) }
        guard (1...NGramModel.highestOrder).contains(order), isLawful(logBits), isLawful(backOffBits) else {
            throw malformed("its head says what cannot be")
        }
        let counts = (0..<order).map { Int(clamping: long(40 + 8 * $0)) }
        guard
            let layout = CompactLayout(
                counts: counts, logBits: logBits, backOffBits: backOffBits, wordBytes: Int(clamping: long(32))),
            layout.size == Int(clamping: long(24))
        else { throw malformed("its sizes contradict each other") }
        guard layout.size == bytes.count else {
            guard bytes.count < layout.size else { throw malformed("more follows after its end") }
            throw LanguageModelError.truncated(path: path, expected: layout.size, actual: bytes.count)
        }
        return layout
    }

    /// The length of the longest n-grams.
    public var order: Int { trie.order }
    /// How many words there are, `<unk>`, `<s>` and `</s>` included.
    public var vocabularySize: Int { trie.vocabularySize }
    /// How many n-grams of 1, 2, ... words there are.
    public var counts: [Int] { layout.counts }
    /// The size of the file in bytes.
    public var size: Int { bytes.count }
    /// Bits of a probability and of a back-off weight: 32 where they are exact.
    public var bits: Int { layout.logBits }
    /// The state before a sentence whose beginning is not known.
    public var emptyState: LanguageModelState { LanguageModelState() }
    /// The state after `<s>`.
    public var beginState: LanguageModelState { score(SortedWords.begin, after: emptyState).state }

    /// The number of a word, 0 where it is not in the vocabulary; found by halving.
    public func id(of word: String) -> WordID {
        var word = word
        return word.withUTF8 { trie.id(of: UnsafeRawBufferPointer($0)) }
    }

    /// Looks words up in a table of the first bits of their hashes: 4 bytes for each word, made in one pass over the vocabulary.
    public func makeFinder() -> (UnsafeRawBufferPointer) -> WordID {
        let places = HashPlaces(of: trie)
        // The trie lies in this object's bytes.
        return { [self] word in places.find(word, in: trie) }
    }

    /// The word of a number.
    public func word(_ id: WordID) -> String { String(decoding: trie.word(Int(id)), as: UTF8.self) }

    /// log10 of the probability of a word with none before it.
    public func unigram(_ word: WordID) -> Float {
        trie.unigram(Int(word) < trie.vocabularySize ? word : SortedWords.unknown).log10
    }

    /// The probability of a word after a state.
    public func score(_ word: WordID, after state: LanguageModelState) -> WordScore { trie.scored(word, after: state) }
}
