import Foundation

/// A lexicon as text, until compiled ones are read: a word and its phones on each line.
struct LexiconFile: PronunciationSource {
    let phones: [String]
    private let entries: [String: [[UInt8]]]

    static func open(_ path: String) throws(DataError) -> any PronunciationSource { try LexiconFile(path: path) }

    init(path: String) throws(DataError) {
        let lines = try TextLines(path: path)
        var rows: [(String, [String])] = []
        while let line = try lines.next() {
            guard let text = try? line.content.get() else { continue }
            let parts = text.split { $0 == " " || $0 == "\t" }.map(String.init)
            if parts.count > 1 { rows.append((parts[0], Array(parts.dropFirst()))) }
        }
        let symbols = Set(rows.flatMap(\.1)).sorted()
        var entries: [String: [[UInt8]]] = [:]
        for (word, phones) in rows {
            entries[word, default: []].append(phones.compactMap { symbols.firstIndex(of: $0).map { UInt8($0) } })
        }
        (self.phones, self.entries) = (symbols, entries)
    }

    func pronunciations(of word: String, most: Int) -> [[UInt8]] { Array((entries[word] ?? []).prefix(most)) }
}
