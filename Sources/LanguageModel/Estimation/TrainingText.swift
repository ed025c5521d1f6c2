import Files
import Foundation
import Text

/// Text as numbers of words: each sentence is `<s>`, its words and `</s>`, one after the other.
struct TrainingText {
    var words: SortedWords
    var tokens: [UInt32]
    var sentences: Int

    /// Reads texts with one sentence a line and words between white space of any kind. Empty lines are no sentences.
    /// - Throws: ``LanguageModelError``.
    init(paths: [String], options: EstimationOptions) throws {
        var table = WordTable()
        for word in SortedWords.special { _ = word.withUnsafeBytes { table.insert($0) } }
        let (begin, end) = (SortedWords.begin, SortedWords.end)
        var counts = [Int](repeating: 0, count: 3)
        var tokens: [UInt32] = []
        var sentences = 0
        for path in paths {
            let lines = try LineSource(path: path)
            while try lines.next({ line in
                let start = tokens.count
                try TextLine.forEachWord(
                    line, lowercased: options.lowercases, asSpoken: options.isSpoken, unit: options.unit, of: lines
                ) { word in
                    let id = table.insert(word)
                    if id == begin || id == end {
                        throw LanguageModelError.badLine(
                            path: path, line: lines.number,
                            reason: "the word \(id == begin ? "<s>" : "</s>") is kept for the bounds of sentences",
                            mend: "take it out")
                    }
                    if Int(id) == counts.count { counts.append(0) }
                    counts[Int(id)] += 1
                    if tokens.count == start { tokens.append(begin) }
                    tokens.append(id)
                }
                if tokens.count > start {
                    tokens.append(end)
                    sentences += 1
                }
                return true
            }) ?? false {}
            guard tokens.count < Int(UInt32.max) else {
                throw LanguageModelError.malformed(
                    path: path, reason: "the text has more than \(UInt32.max) words", mend: "give less text")
            }
        }
        guard sentences > 0 else { throw LanguageModelError.emptyText(names: paths) }

        var isKept = [Bool](repeating: true, count: table.count)
        if let limit = options.vocabularySize, limit < table.count - 3 {
            // The most frequent words; of equally frequent ones those that come first by their bytes.
            let ranked = (3..<table.count).sorted {
                counts[$0] != counts[$1]
                    ? counts[$0] > counts[$1] : table.word($0).lexicographicallyPrecedes(table.word($1))
            }
            for id in ranked.dropFirst(limit) { isKept[id] = false }
        }
        let (words, numbers) = SortedWords.sorting(table) { isKept[$0] }
        for index in tokens.indices { tokens[index] = numbers[Int(tokens[index])] }
        (self.words, self.tokens, self.sentences) = (words, tokens, sentences)
    }

    /// Takes sentences in memory; empty ones are none.
    /// - Throws: ``LanguageModelError/emptyText(names:)``.
    init(sentences: [[String]]) throws {
        var table = WordTable()
        for word in SortedWords.special { _ = word.withUnsafeBytes { table.insert($0) } }
        tokens = []
        self.sentences = 0
        for sentence in sentences where !sentence.isEmpty {
            tokens.append(SortedWords.begin)
            for var word in sentence { tokens.append(word.withUTF8 { table.insert(UnsafeRawBufferPointer($0)) }) }
            tokens.append(SortedWords.end)
            self.sentences += 1
        }
        guard self.sentences > 0 else { throw LanguageModelError.emptyText(names: ["the text"]) }
        let (sorted, numbers) = SortedWords.sorting(table)
        words = sorted
        for index in tokens.indices { tokens[index] = numbers[Int(tokens[index])] }
    }
}

/// A line of text and its words.
enum TextLine {
    /// Hands each word to the body.
    /// - Throws: ``LanguageModelError/badLine(path:line:reason:mend:)`` where the line is not UTF-8.
    @inline(__always)
    static func forEachWord(
        _ line: UnsafeRawBufferPointer, lowercased: Bool, asSpoken: Bool, unit: TextUnit, of lines: LineSource,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var isASCII = true
        var hasCapitals = false
        var hasMarks = false
        for byte in line {
            if byte >= 0x80 { isASCII = false }
            if byte &- 65 < 26 { hasCapitals = true }
            // Letters, digits, spaces and the apostrophe inside a word are the same written and spoken.
            if byte > 32, byte | 32 &- 97 >= 26, byte &- 48 >= 10 { hasMarks = true }
        }
        if !isASCII, !isUTF8(line) {
            throw LanguageModelError.badLine(
                path: lines.path, line: lines.number, reason: "it is not UTF-8",
                mend: "convert the file, for example with iconv -f LATIN1 -t UTF-8")
        }
        let isLowered = lowercased && (hasCapitals || !isASCII)
        if !isASCII || isLowered || asSpoken && hasMarks {
            var text = String(decoding: line, as: UTF8.self)
            text = asSpoken ? text.asSpoken : text.withoutInvisibleCharacters
            if isLowered { text = text.lowercased() }
            try text.withUTF8 { try split(UnsafeRawBufferPointer($0), unit, body) }
        } else {
            try split(line, unit, body)
        }
    }

    @inline(__always)
    private static func split(
        _ line: UnsafeRawBufferPointer, _ unit: TextUnit, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if unit == .word { try split(line, body) } else { try splitCharacters(line, body) }
    }

    /// Hands over each character of the words, and the mark of the space between two words.
    private static func splitCharacters(
        _ line: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let mark = Array(CharacterUnit.spaceMark.utf8)
        var isFirst = true
        try split(line) { word in
            if !isFirst { try mark.withUnsafeBytes(body) }
            isFirst = false
            var begin = 0
            // In UTF-8 (which was checked) bytes 10xxxxxx go on with a character.
            for end in 1...word.count where end == word.count || word[end] & 0xc0 != 0x80 {
                try body(UnsafeRawBufferPointer(rebasing: word[begin..<end]))
                begin = end
            }
        }
    }

    @inline(__always)
    private static func split(_ line: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var begin = 0
        for (index, byte) in line.enumerated() where byte == 32 || byte &- 9 < 5 {
            if index > begin { try body(UnsafeRawBufferPointer(rebasing: line[begin..<index])) }
            begin = index + 1
        }
        if begin < line.count { try body(UnsafeRawBufferPointer(rebasing: line[begin...])) }
    }

    private static func isUTF8(_ line: UnsafeRawBufferPointer) -> Bool {
        var decoder = UTF8()
        var bytes = line.makeIterator()
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
