import Files
import Foundation
import LanguageModel
import TensorFiles

/// Writes compiled lexicons.
public enum LexiconWriter {
    /// Writes a file, whole or not at all.
    /// - Parameters:
    ///   - entries: in any order, each word once; the pronunciations with the most probable first.
    ///   - model: guesses pronunciations of other words; it must have the same alphabet.
    /// - Throws: ``PronunciationError`` where there is no entry or one does not fit the format; `FileError` where
    ///   the file cannot be written.
    public static func write(
        _ entries: [LexiconEntry], alphabet: PhoneAlphabet, model: GraphoneModel? = nil, to path: String
    ) throws {
        let bytes = try bytes(of: entries, alphabet: alphabet, model: model)
        try AtomicFile.write(to: path) { try $0.append(bytes) }
    }

    /// The bytes of a compiled lexicon.
    static func bytes(of entries: [LexiconEntry], alphabet: PhoneAlphabet, model: GraphoneModel?) throws -> [UInt8] {
        let sorted = entries.map { (word: Array($0.word.utf8), entry: $0) }
            .sorted { $0.word.lexicographicallyPrecedes($1.word) }
        var packed: [UInt8] = []
        var blocks: [UInt8] = []
        var all: [[UInt8]] = []
        var last: [UInt8] = []
        for (number, (word, entry)) in sorted.enumerated() {
            try check(entry, alphabet: alphabet)
            guard word != last else {
                throw PronunciationError.tooLarge(reason: "the word \"\(entry.word)\" is there twice")
            }
            let startsBlock = number % LexiconLayout.blockSize == 0
            if startsBlock { blocks += LexiconLayout.little(UInt32(truncatingIfNeeded: packed.count)) }
            let shared = startsBlock ? 0 : zip(word, last).prefix { $0 == $1 }.count
            packed += [UInt8(shared), UInt8(word.count - shared)]
            packed += word[shared...]
            let isGuessed = entry.pronunciations.allSatisfy { $0.origin == .guessed }
            packed.append(UInt8(entry.pronunciations.count) | (isGuessed ? 128 : 0))
            for pronunciation in entry.pronunciations {
                packed += [code(pronunciation.probability), UInt8(pronunciation.phones.count)]
                packed += pronunciation.phones
                all.append(pronunciation.phones)
            }
            last = word
        }
        guard !sorted.isEmpty else { throw PronunciationError.noWords(names: ["the lexicon"]) }
        let order = all.indices.sorted { a, b in
            all[a] == all[b] ? a < b : all[a].lexicographicallyPrecedes(all[b])
        }
        let symbols = alphabet.symbols.flatMap { Array("\($0)\n".utf8) }
        let modelBytes = model?.bytes ?? []
        guard
            let layout = LexiconLayout(
                symbolBytes: symbols.count, words: sorted.count, entryBytes: packed.count, pronunciations: all.count,
                modelBytes: modelBytes.count)
        else { throw PronunciationError.tooLarge(reason: "\(sorted.count) words, \(all.count) pronunciations") }
        var file = layout.head
        file.reserveCapacity(layout.size)
        let packedOrder = order.flatMap { LexiconLayout.little(UInt32($0)).prefix(3) }
        let parts: [(Range<Int>, [UInt8])] = [
            (layout.symbols, symbols), (layout.blocks, blocks), (layout.entries, packed), (layout.order, packedOrder),
            (layout.model, modelBytes),
        ]
        for (range, part) in parts {
            file += [UInt8](repeating: 0, count: range.lowerBound - file.count)
            file += part
        }
        return file
    }

    private static func check(_ entry: LexiconEntry, alphabet: PhoneAlphabet) throws {
        let name = "\"\(entry.word)\""
        guard (1...LexiconLayout.longest).contains(entry.word.utf8.count) else {
            throw PronunciationError.tooLarge(
                reason: "the word \(name) has \(entry.word.utf8.count) bytes, and 1 to 255 are possible")
        }
        guard (1...LexiconLayout.mostPronunciations).contains(entry.pronunciations.count) else {
            throw PronunciationError.tooLarge(
                reason: "\(name) has \(entry.pronunciations.count) pronunciations, and 1 to 127 are possible")
        }
        for pronunciation in entry.pronunciations {
            guard (1...LexiconLayout.longest).contains(pronunciation.phones.count) else {
                throw PronunciationError.tooLarge(
                    reason: "\(name) is said in \(pronunciation.phones.count) phones, and 1 to 255 are possible")
            }
            guard pronunciation.phones.allSatisfy({ $0 < alphabet.count }) else {
                throw PronunciationError.tooLarge(reason: "\(name) has phones that the alphabet lacks")
            }
        }
    }

    /// A probability as minus its logarithm, times 32; what is less than can be written, 0.0003, is the least.
    private static func code(_ probability: Float) -> UInt8 {
        let value = -log(probability) / LexiconLayout.logUnit
        return value.isFinite ? UInt8(max(0, min(255, value.rounded()))) : 255
    }
}
