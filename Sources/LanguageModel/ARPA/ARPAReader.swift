import Files
import Foundation

extension NGramModel {
    /// Reads an ARPA file, plain or compressed with gzip or xz; `-` is standard input.
    ///
    /// What KenLM, SRILM and others write is understood: fields between tabs or spaces, back-off weights left out where
    /// they are 0, `<unk>` or `<UNK>` or none, `-99` or `-inf` for zero probability, lines that end with CR LF, and
    /// anything before `\data\`.
    /// - Throws: ``LanguageModelError`` with the number of the line.
    public convenience init(arpa path: String) throws {
        let reader = ARPAReader(lines: try LineSource(path: path))
        let (words, columns) = try reader.read()
        do {
            self.init(words: words, trie: try TrieBuilder.build(columns, words: words))
        } catch LanguageModelError.inconsistent(let reason) {
            throw LanguageModelError.malformed(
                path: path, reason: reason, mend: "write it anew with the tool that made it")
        }
    }
}

/// Reads an ARPA file line by line into columns.
private final class ARPAReader {
    private let lines: LineSource
    private var table = WordTable()
    /// The number of each word of the table in the sorted vocabulary.
    private var numbers: [UInt32] = []
    private var key: [UInt32] = []

    init(lines: LineSource) { self.lines = lines }

    func read() throws -> (SortedWords, [NGramColumns]) {
        while try lines.next({ String(decoding: Self.trimmed($0), as: UTF8.self) != "\\data\\" }) ?? noData() {}
        var (stated, head) = try readCounts()
        var words: SortedWords?
        var columns: [NGramColumns] = []
        for (index, count) in stated.enumerated() {
            let order = index + 1
            guard head == "\\\(order)-grams:" else {
                throw bad("\(head) where \\\(order)-grams: should be", Self.counts)
            }
            var column = NGramColumns(length: order)
            head = try readSection(order, stated: count, isHighest: order == stated.count, into: &column)
            guard column.count == count else {
                throw bad("\(column.count) \(order)-grams stand above it and \\data\\ says \(count)", Self.counts)
            }
            if order == 1 {
                let (sorted, numbers) = SortedWords.sorting(table)
                column.words = column.words.map { numbers[Int($0)] }
                if let twice = Self.repeated(column.words, of: sorted.count) {
                    let name = String(decoding: sorted.word(twice), as: UTF8.self)
                    throw LanguageModelError.malformed(
                        path: lines.path, reason: "the word \"\(name)\" is there twice", mend: "leave one of them")
                }
                (words, self.numbers) = (sorted, numbers)
            }
            columns.append(column)
        }
        guard head == "\\end\\" else { throw bad("\(head) where \\end\\ should be", Self.counts) }
        guard let words else { throw malformed("it has no 1-grams", "write it anew") }
        return (words, columns)
    }

    /// `ngram 1=61` and its like, and the first section's head.
    private func readCounts() throws -> ([Int], head: String) {
        var counts: [Int] = []
        while true {
            let line = try lines.next { String(decoding: Self.trimmed($0), as: UTF8.self) } ?? cutShort()
            if line.isEmpty { continue }
            if line.hasPrefix("\\"), !counts.isEmpty { return (counts, line) }
            let parts = line.dropFirst(5).split(separator: "=", omittingEmptySubsequences: false).map {
                Int($0.trimmingCharacters(in: .whitespaces))
            }
            guard line.hasPrefix("ngram"), parts.count == 2, let order = parts[0], let count = parts[1] else {
                throw bad("this is no count", "write it as \"ngram 1=61\"")
            }
            guard order == counts.count + 1 else {
                throw bad("the count of \(order)-grams is out of its order", "count \(counts.count + 1)-grams here")
            }
            guard order <= NGramModel.highestOrder else {
                throw bad("it has n-grams of \(order) words", "use a model of at most \(NGramModel.highestOrder)")
            }
            guard (0...Int(UInt32.max) - 2).contains(count) else {
                throw bad("the count is \(count)", "write how many n-grams follow")
            }
            counts.append(count)
        }
    }

    /// The n-grams of a section, up to the next head, which is returned.
    private func readSection(
        _ order: Int, stated: Int, isHighest: Bool, into column: inout NGramColumns
    ) throws -> String {
        // What a file says of itself is not believed so far as to take the memory.
        let expected = min(stated, 1 << 20)
        column.words.reserveCapacity(expected * order)
        column.log10.reserveCapacity(expected)
        column.backOff.reserveCapacity(expected)
        while true {
            let head: String? =
                try lines.next { line in
                    let line = Self.trimmed(line)
                    if line.isEmpty { return nil }
                    if line[0] == UInt8(ascii: "\\") { return String(decoding: line, as: UTF8.self) }
                    try readEntry(line, order, isHighest: isHighest, into: &column)
                    return nil
                } ?? cutShort()
            if let head { return head }
        }
    }

    /// `log10 word ... [back-off]`.
    private func readEntry(
        _ line: UnsafeRawBufferPointer, _ order: Int, isHighest: Bool, into column: inout NGramColumns
    ) throws {
        var rest = line
        let log10 = try number(Self.field(&rest), what: "probability")
        guard log10 <= 0.001 else {
            throw bad("the probability 10^\(log10) is more than 1", "write log10 of probabilities")
        }
        key.removeAll(keepingCapacity: true)
        for _ in 0..<order {
            let word = Self.field(&rest)
            guard !word.isEmpty else { throw bad("a \(order)-gram of \(key.count) words", "write \(order) words") }
            if order == 1 {
                key.append(table.insert(word))
            } else if let known = table.find(word) {
                key.append(numbers[Int(known)])
            } else {
                let name = String(decoding: word, as: UTF8.self)
                throw bad("the word \"\(name)\" is not among the 1-grams", "add it there")
            }
        }
        var backOff: Float = 0
        if !rest.isEmpty {
            backOff = try number(Self.field(&rest), what: "back-off weight")
            guard rest.isEmpty else {
                throw bad("more fields than a \(order)-gram has", "write a probability, the words, a back-off weight")
            }
        }
        column.append(key, log10: min(0, log10), backOff: isHighest ? 0 : backOff)
    }

    /// A number that is one; zero probability becomes 10^-99.
    private func number(_ text: UnsafeRawBufferPointer, what: String) throws -> Float {
        let value = DecimalNumber.parse(text)
        if let value, value.isFinite { return value }
        if value == -.infinity { return -99 }
        throw bad("the \(what) \"\(String(decoding: text, as: UTF8.self))\" is no number", "write a finite log10")
    }

    private static let counts = "mend the counts under \\data\\, or get the whole file"

    private static func repeated(_ words: [UInt32], of count: Int) -> UInt32? {
        var seen = [Bool](repeating: false, count: count)
        for word in words {
            if seen[Int(word)] { return word }
            seen[Int(word)] = true
        }
        return nil
    }

    private func bad(_ reason: String, _ mend: String) -> LanguageModelError {
        .badLine(path: lines.path, line: lines.number, reason: reason, mend: mend)
    }

    private func malformed(_ reason: String, _ mend: String) -> LanguageModelError {
        .malformed(path: lines.path, reason: reason, mend: mend)
    }

    private func noData() throws -> Bool { throw malformed("it has no line \\data\\", "give an ARPA file") }

    private func cutShort<Result>() throws -> Result { throw malformed("it ends before \\end\\", "get the whole file") }

    /// A line without spaces and tabs around it. Other white space belongs to words.
    private static func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (begin, end) = (0, line.count)
        while begin < end, isSpace(line[begin]) { begin += 1 }
        while end > begin, isSpace(line[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: line[begin..<end])
    }

    /// Takes the first field off a trimmed line.
    private static func field(_ rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = 0
        while end < rest.count, !isSpace(rest[end]) { end += 1 }
        let field = UnsafeRawBufferPointer(rebasing: rest[..<end])
        while end < rest.count, isSpace(rest[end]) { end += 1 }
        rest = UnsafeRawBufferPointer(rebasing: rest[end...])
        return field
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}
