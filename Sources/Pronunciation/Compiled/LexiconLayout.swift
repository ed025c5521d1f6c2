import Files

/// Where everything lies in a compiled lexicon, from what its head says.
///
///     8 bytes    "UtterPr" and a zero
///     4          version, 1
///     4          words of a block, 16
///     8          bytes of the whole file
///     8          bytes of the symbols
///     8          words
///     8          bytes of the entries
///     8          pronunciations
///     8          bytes of the pronunciation model, 0 where there is none
///     8          checksum of the head above (FNV-1a)
///     symbols    of the alphabet, each ended by a line feed
///     blocks     4 bytes each: where the block of words begins among the entries
///     entries    the words by their UTF-8 bytes, each as
///                1 byte   how many bytes it has in common with the beginning of the word before it, 0 in a new block
///                1 byte   how many other bytes follow, and these bytes
///                1 byte   how many pronunciations, 1 to 127, and 128 more where they were guessed; the most probable first:
///                         1 byte   minus the natural logarithm of the probability, times 32
///                         1 byte   how many phones, and the phones
///     order      3 bytes each: the numbers of the pronunciations, counted through the entries, ordered by their phones,
///                and where these are equal by number
///     model      a compiled n-gram model of graphones (see ``GraphoneModel``)
///
/// Numbers have the least significant byte first; every part begins at a multiple of 8.
struct LexiconLayout: Equatable {
    static let magic = Array("UtterPr\0".utf8)
    static let version: UInt32 = 1
    static let blockSize = 16
    static let headSize = 8 + 2 * 4 + 6 * 8 + 8
    /// The most pronunciations of a word.
    static let mostPronunciations = 127
    /// The most bytes of a word, and the most phones of a pronunciation.
    static let longest = 255
    /// The unit of logarithms: they are held as multiples of it.
    static let logUnit: Float = 1.0 / 32

    let symbolBytes: Int
    let words: Int
    let entryBytes: Int
    let pronunciations: Int
    let modelBytes: Int
    let symbols: Range<Int>
    let blocks: Range<Int>
    let entries: Range<Int>
    let order: Range<Int>
    let model: Range<Int>

    /// - Returns: nil where the sizes are beyond what the format holds.
    init?(symbolBytes: Int, words: Int, entryBytes: Int, pronunciations: Int, modelBytes: Int) {
        let limit = 1 << 24
        guard (0..<limit).contains(symbolBytes), (0..<limit).contains(words), (0..<limit).contains(pronunciations),
            (0..<Int(UInt32.max)).contains(entryBytes), (0..<1 << 40).contains(modelBytes)
        else { return nil }
        (self.symbolBytes, self.words, self.entryBytes) = (symbolBytes, words, entryBytes)
        (self.pronunciations, self.modelBytes) = (pronunciations, modelBytes)
        var end = Self.headSize
        func place(_ bytes: Int) -> Range<Int> {
            let begin = (end + 7) & ~7
            end = begin + bytes
            return begin..<end
        }
        symbols = place(symbolBytes)
        blocks = place((words + Self.blockSize - 1) / Self.blockSize * 4)
        entries = place(entryBytes)
        order = place(pronunciations * 3)
        model = place(modelBytes)
    }

    /// The bytes of the whole file.
    var size: Int { model.upperBound }

    /// The bytes at the file's beginning.
    var head: [UInt8] {
        var bytes = Self.magic + Self.little(Self.version) + Self.little(UInt32(Self.blockSize))
        for value in [size, symbolBytes, words, entryBytes, pronunciations, modelBytes] {
            bytes += Self.little(UInt64(value))
        }
        return bytes + Self.little(Fingerprint.sum(of: bytes))
    }

    static func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
