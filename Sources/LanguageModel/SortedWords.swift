import Foundation

/// The vocabulary of an n-gram model: `<unk>`, `<s>` and `</s>`, then all other words in the order of their hashes, and of
/// their bytes where two have the same.
///
/// In this order the words of any context are spread evenly over the numbers, so that interpolation finds them in a few
/// looks (as in KenLM; in alphabetical order it takes three times as long), and a compiled model can find the number of a
/// word without a table of places.
struct SortedWords: Sendable {
    static let unknown: UInt32 = 0
    static let begin: UInt32 = 1
    static let end: UInt32 = 2
    static let special = ["<unk>", "<s>", "</s>"].map { Array($0.utf8) }

    private let table: WordTable

    /// Sorts the words of a table, which may or may not hold the special ones.
    /// - Parameter isKept: which words of the table enter; the others become `<unk>`.
    /// - Returns: the vocabulary, and the new number of each word of the table.
    static func sorting(_ table: WordTable, isKept: (Int) -> Bool = { _ in true }) -> (SortedWords, [UInt32]) {
        var renumbered = [UInt32](repeating: unknown, count: table.count)
        var sorted = WordTable()
        for word in special { _ = word.withUnsafeBytes { sorted.insert($0) } }
        let upper = Array("<UNK>".utf8)
        var ordinary: [Int] = []
        for id in 0..<table.count {
            let word = table.word(id)
            if let index = special.firstIndex(where: { $0.elementsEqual(word) }) {
                renumbered[id] = UInt32(index)
            } else if !upper.elementsEqual(word), isKept(id) {
                ordinary.append(id)
            }
        }
        let hashes = (0..<table.count).map { table.word($0).withUnsafeBytes { WordTable.hash($0) } }
        ordinary.sort {
            hashes[$0] != hashes[$1]
                ? hashes[$0] < hashes[$1] : table.word($0).lexicographicallyPrecedes(table.word($1))
        }
        for id in ordinary {
            renumbered[id] = table.word(id).withUnsafeBytes { sorted.insert($0) }
        }
        return (SortedWords(table: sorted), renumbered)
    }

    private init(table: WordTable) { self.table = table }

    var count: Int { table.count }

    /// The word of a number; `<unk>` for numbers that are none.
    func word(_ id: UInt32) -> ArraySlice<UInt8> { table.word(Int(id) < count ? Int(id) : 0) }

    /// The number of a word, that of `<unk>` where it is not known.
    func id(of word: UnsafeRawBufferPointer) -> UInt32 { table.find(word) ?? Self.unknown }

    /// The bytes of all words, and where each begins.
    var bytes: [UInt8] { table.bytes }
    var starts: [Int] { table.starts }
}
