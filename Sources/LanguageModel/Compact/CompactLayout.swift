import Files

/// Where everything lies in a compiled model, from what its head says.
///
///     8 bytes    "UtterLM" and a zero
///     4          version, 1
///     4          order
///     4          bits of a probability, 32 (as they are) or 2 to 16 (numbers in a list)
///     4          bits of a back-off weight, the same
///     8          bytes of the whole file
///     8          bytes of all words together
///     8 x 9      n-grams of 1, 2, ... 9 words
///     8          checksum of the head above (FNV-1a)
///     tables     with fewer bits than 32: for each length the list of probabilities and that of weights, 4 bytes a value
///     words      4 bytes for where each begins and the last one ends, then their bytes, in the order of their hashes
///     levels     for each length: word (not for unigrams), probability, and, but for the longest, weight and where the
///                n-grams with one more word in front begin, in as many bits as are needed; then a record that closes
///                the last one's, and 8 bytes of nothing
///
/// All numbers have the least significant byte first; every part begins at a multiple of 8.
struct CompactLayout: Equatable {
    static let magic = Array("UtterLM\0".utf8)
    static let version: UInt32 = 1
    static let headSize = 8 + 4 * 4 + 2 * 8 + 9 * 8 + 8

    /// The part of a level.
    struct Level: Equatable {
        var offset = 0
        var size = 0
        var count = 0
        var wordBits = 0
        var logBits = 0
        var backOffBits = 0
        var childBits = 0
        var recordBits: Int { wordBits + logBits + backOffBits + childBits }
    }

    var logBits: Int
    var backOffBits: Int
    var wordBytes: Int
    private(set) var levels: [Level] = []
    /// Where the lists of values are; for each level that of probabilities, then that of weights.
    private(set) var tables: [Int] = []
    private(set) var starts = 0
    private(set) var words = 0
    private(set) var size = 0

    /// - Returns: nil where the sizes are beyond any file.
    init?(counts: [Int], logBits: Int, backOffBits: Int, wordBytes: Int) {
        (self.logBits, self.backOffBits, self.wordBytes) = (logBits, backOffBits, wordBytes)
        let limit = Int(UInt32.max) - 1
        guard let vocabulary = counts.first, vocabulary >= 3, counts.allSatisfy({ (0..<limit).contains($0) }),
            (0..<limit).contains(wordBytes)
        else { return nil }
        var end = Self.headSize
        func place(_ bytes: Int) -> Int? {
            let begin = (end + 7) & ~7
            let (sum, overflow) = begin.addingReportingOverflow(bytes)
            guard !overflow, sum < 1 << 50 else { return nil }
            end = sum
            return begin
        }
        for _ in counts {
            for bits in [logBits, backOffBits] {
                guard let begin = place(bits < 32 ? 4 << bits : 0) else { return nil }
                tables.append(begin)
            }
        }
        guard let starts = place(4 * (vocabulary + 1)), let words = place(wordBytes) else { return nil }
        (self.starts, self.words) = (starts, words)
        for (index, count) in counts.enumerated() {
            let isLast = index + 1 == counts.count
            var level = Level()
            level.count = count
            level.wordBits = index == 0 ? 0 : BitWriter.bits(for: vocabulary - 1)
            level.logBits = logBits
            level.backOffBits = isLast ? 0 : backOffBits
            level.childBits = isLast ? 0 : BitWriter.bits(for: counts[index + 1])
            guard let bytes = BitWriter.size(records: count + 1, bits: level.recordBits), let begin = place(bytes)
            else {
                return nil
            }
            (level.offset, level.size) = (begin, bytes)
            levels.append(level)
        }
        size = end
    }

    var counts: [Int] { levels.map(\.count) }

    /// The bytes at the file's beginning.
    var head: [UInt8] {
        var bytes = Self.magic
        for value in [Self.version, UInt32(levels.count), UInt32(logBits), UInt32(backOffBits)] {
            bytes += Self.little(value)
        }
        bytes += Self.little(UInt64(size)) + Self.little(UInt64(wordBytes))
        for index in 0..<NGramModel.highestOrder {
            bytes += Self.little(UInt64(index < levels.count ? levels[index].count : 0))
        }
        return bytes + Self.little(Fingerprint.sum(of: bytes))
    }

    static func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
