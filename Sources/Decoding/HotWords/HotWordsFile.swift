import Files
import LanguageModel
import Messages

extension HotWords {
    /// Characters of a phrase.
    private static let longest = 1000
    /// Numbers in the automaton's table, 4 bytes each.
    private static let largest = 64 << 20

    /// Reads phrases from a text file, one a line; after a colon or a tab the weight, `medium` where there is none:
    ///
    ///     turn on the lamp
    ///     zorblax: high
    ///     new york: 4.5
    ///
    /// Empty lines and lines that begin with `#` are passed over. A letter that the model knows only in the other case is
    /// taken for that. Of a phrase that stands there twice the greater weight counts.
    /// - Parameters:
    ///   - path: the file, plain or compressed; `-` is standard input.
    ///   - alphabet: what the acoustic model can spell.
    /// - Throws: ``DecodingError`` or `FileError`: the line, what is wrong with it and what to do.
    public init(path: String, alphabet: Alphabet) throws {
        let lines = try LineSource(path: path)
        try self.init(alphabet: alphabet, name: path) { try lines.text().map { (lines.number, $0) } }
    }

    /// Takes phrases written as a file's lines are.
    /// - Throws: ``DecodingError``, as from a file named `name`.
    package init(lines: [String], alphabet: Alphabet, name: String = "hot words") throws {
        var left = lines.enumerated().makeIterator()
        try self.init(alphabet: alphabet, name: name) { left.next().map { ($0.offset + 1, $0.element) } }
    }

    private init(alphabet: Alphabet, name path: String, next: () throws -> (number: Int, text: String)?) throws {
        var phrases: [Phrase] = []
        var unspellable = UnspellablePlaces()
        var size = 0
        while let (number, text) = try next() {
            let line = text.trimmingSpace()
            func problem(_ reason: String, _ mend: String) -> DecodingError {
                .badPlace(path: path, line: number, column: nil, reason: reason, mend: mend)
            }
            guard !line.hasPrefix("#") else { continue }
            let end = line.lastIndex { $0 == ":" || $0 == "\t" }
            var weight = HotWordWeight.medium
            if let end {
                let text = line[line.index(after: end)...].trimmingSpace()
                if let given = HotWordWeight(text) {
                    weight = given
                } else {
                    throw problem(
                        "\(OneLine.quoted(text)) is no weight",
                        "give low, medium, high or a number of nats from 0 to \(Int(HotWordWeight.greatest))")
                }
            }
            let phrase = String(line[..<(end ?? line.endIndex)])
            let words: [[CharacterCode]]
            do { words = try alphabet.words(ofTyped: phrase) } catch {
                unspellable.add(error, line: number)
                continue
            }
            if words.isEmpty {
                if end == nil { continue }
                throw problem("there is no phrase before the weight", "put one there or take the line out")
            }
            let letters = words.reduce(0) { $0 + $1.count }
            guard letters <= Self.longest else {
                throw problem("the phrase has \(letters) letters", "give at most \(Self.longest)")
            }
            size += (letters + words.count + 1) * alphabet.characters.count
            guard size <= Self.largest else {
                throw problem("there are too many phrases before it", "give fewer: those that recordings are about")
            }
            phrases.append(Phrase(words: words, weight: weight.value(letters: letters)))
        }
        if let error = unspellable.error(path: path) { throw error }
        self.init(phrases, codes: alphabet.characters.count)
    }

    /// Takes phrases with their weights.
    /// - Throws: ``DecodingError``, as from a file named `name` with a phrase a line.
    public init(
        _ phrases: [(text: String, weight: HotWordWeight)], alphabet: Alphabet, name: String = "hot words"
    ) throws(DecodingError) {
        var list: [Phrase] = []
        var unspellable = UnspellablePlaces()
        for (index, phrase) in phrases.enumerated() {
            do {
                let words = try alphabet.words(ofTyped: phrase.text)
                let letters = words.reduce(0) { $0 + $1.count }
                if letters > 0 { list.append(Phrase(words: words, weight: phrase.weight.value(letters: letters))) }
            } catch {
                unspellable.add(error, line: index + 1)
            }
        }
        if let error = unspellable.error(path: name) { throw error }
        self.init(list, codes: alphabet.characters.count)
    }
}
