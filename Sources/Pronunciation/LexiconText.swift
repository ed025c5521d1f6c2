import Files
import Foundation
import LanguageModel
import Messages

/// How a lexicon's text is read.
public struct LexiconTextOptions: Sendable {
    /// The phones that pronunciations may have.
    public var alphabet = PhoneAlphabet.arpabet
    /// Whether a digit at the end of a phone (`AH0`) is dropped where the alphabet does not have the phone with it.
    public var dropsStress = true
    /// Whether words are brought to lower case.
    public var lowercases = false
    /// So many problems are named; all are counted.
    public var problemLimit = 20

    /// ARPAbet without stress, words as they are written.
    public init() {}
}

/// A lexicon as text: a word and its phones in each line, between spaces or tabs. Three forms are known:
///
///     lettuce(2)  L EH1 T AH0 S      CMUdict: further pronunciations have a number; `;;;` begins a comment, and so does ` #`
///     lettuce L EH T IH S            Kaldi's lexicon.txt: a word in several lines has several pronunciations
///     lettuce 0.7 L EH T IH S        Kaldi's lexiconp.txt: the same with probabilities, the largest of which may be 1
///
/// Where nothing is known of how often each is said, the nth pronunciation of a word gets a weight of 1 / n. Words like
/// `<unk>` and `!SIL` are passed over: they stand for no word.
public struct LexiconText: Sendable {
    /// The words in the order in which they come, with probabilities that sum up to 1.
    public private(set) var entries: [LexiconEntry] = []
    /// The first problems; the lines that have them are left out.
    public private(set) var problems: [LexiconProblem] = []
    /// How many problems there are in all.
    public private(set) var problemCount = 0
    /// The file, as it was named.
    public let path: String

    private let options: LexiconTextOptions

    /// A line with a word.
    private struct Line {
        let number: Int
        let word: String
        /// The number in parentheses; 0 where there is none.
        let mark: Int
        let fields: [Substring]
    }

    /// Reads a file, plain or compressed with gzip or xz; `-` is standard input.
    /// - Throws: `FileError` where it cannot be read. What is wrong in its lines is in ``problems``.
    public init(path: String, options: LexiconTextOptions = LexiconTextOptions()) throws {
        (self.path, self.options) = (path, options)
        var lines: [Line] = []
        let input = try LineSource(path: path)
        while let text = try input.next({ String(bytes: $0, encoding: .utf8) }) {
            guard let text else {
                note(
                    input.number, "", "it is not UTF-8",
                    "convert the file, for example with iconv -f LATIN1 -t UTF-8")
                continue
            }
            if let line = parse(text, number: input.number) { lines.append(line) }
        }
        collect(lines)
    }

    /// - Throws: ``PronunciationError/badText(path:problems:count:)`` where a line is wrong,
    ///   ``PronunciationError/noWords(names:)`` where there is none.
    public func checked() throws -> [LexiconEntry] {
        guard problemCount == 0 else {
            throw PronunciationError.badText(path: path, problems: problems, count: problemCount)
        }
        guard !entries.isEmpty else { throw PronunciationError.noWords(names: [path]) }
        return entries
    }

    private mutating func note(_ line: Int, _ word: String, _ reason: String, _ remedy: String) {
        problemCount += 1
        guard problems.count < options.problemLimit else { return }
        problems.append(LexiconProblem(path: path, line: line, word: word, reason: reason, remedy: remedy))
    }

    /// The word and the other fields of a line; nil for a line without a word.
    private mutating func parse(_ text: String, number: Int) -> Line? {
        guard !text.hasPrefix(";;;") else { return nil }
        var fields = text.split(whereSeparator: \.isWhitespace)
        // A comment may stand after the phones; a word may well begin with the sign.
        if let comment = fields.dropFirst().firstIndex(where: { $0.hasPrefix("#") }) {
            fields.removeSubrange(comment...)
        }
        guard let first = fields.first, first != "#", !first.hasPrefix("##") else { return nil }
        guard !(first.hasPrefix("<") && first.hasSuffix(">")), first != "!SIL" else { return nil }
        var (word, mark) = (String(first), 0)
        if word.hasSuffix(")"), let open = word.lastIndex(of: "("), open > word.startIndex,
            let value = Int(word[word.index(after: open)...].dropLast()), value > 0
        {
            (word, mark) = (String(word[..<open]), value)
        }
        word = (options.lowercases ? word.lowercased() : word).precomposedStringWithCanonicalMapping
        return Line(number: number, word: word, mark: mark, fields: Array(fields.dropFirst()))
    }

    private mutating func collect(_ lines: [Line]) {
        let isCMUdict = lines.contains { $0.mark > 0 }
        let hasProbabilities = !lines.isEmpty && lines.allSatisfy { Self.probability($0) != nil }
        /// For each word its place among the entries, and where its lines are.
        var places: [String: Int] = [:]
        var unmarked: [String: Int] = [:]
        var seen: [[(line: Int, fields: ArraySlice<Substring>)]] = []
        for line in lines {
            let symbols = line.fields.dropFirst(hasProbabilities ? 1 : 0)
            let probability = hasProbabilities ? Self.probability(line) : nil
            if let probability, !(probability > 0 && probability <= 1) {
                note(line.number, line.word, "the probability is \(line.fields[0])", "give more than 0 and at most 1")
                continue
            }
            guard let phones = phones(symbols, of: line) else { continue }
            if isCMUdict, line.mark == 0 {
                if let first = unmarked[line.word] {
                    note(
                        line.number, line.word, "the word is there twice, first in line \(first)",
                        "mark another pronunciation as \(line.word)(2), or take the line out")
                    continue
                }
                unmarked[line.word] = line.number
            }
            let place = places[line.word] ?? entries.count
            if place == entries.count {
                places[line.word] = place
                entries.append(LexiconEntry(word: line.word, pronunciations: []))
                seen.append([])
            }
            if let same = seen[place].first(where: { $0.fields == symbols }) {
                note(
                    line.number, line.word, "the word has this pronunciation already, in line \(same.line)",
                    "take the line out")
                continue
            }
            guard entries[place].pronunciations.count < LexiconLayout.mostPronunciations else {
                note(line.number, line.word, "the word has more than 127 pronunciations", "take some out")
                continue
            }
            seen[place].append((line.number, symbols))
            let weight = probability ?? 1 / Float(entries[place].pronunciations.count + 1)
            entries[place].pronunciations.append(Pronunciation(phones: phones, probability: weight))
        }
        for index in entries.indices { entries[index].normalize() }
    }

    /// The number in the first field after the word.
    private static func probability(_ line: Line) -> Float? {
        line.fields.count > 1 ? line.fields.first.flatMap { Float($0) } : nil
    }

    /// The phones of a line; nil, and a problem, where they are none.
    private mutating func phones(_ symbols: ArraySlice<Substring>, of line: Line) -> [UInt8]? {
        guard !symbols.isEmpty else {
            note(line.number, line.word, "the word has no phones", "write them after it, or take the line out")
            return nil
        }
        guard line.word.utf8.count <= LexiconLayout.longest, symbols.count <= LexiconLayout.longest else {
            note(
                line.number, String(line.word.prefix(50)), "it has more than 255 bytes, or phones",
                "take the line out")
            return nil
        }
        var phones: [UInt8] = []
        for symbol in symbols {
            guard let phone = options.alphabet.number(of: symbol, droppingStress: options.dropsStress) else {
                let alphabet = options.alphabet.symbols
                note(
                    line.number, line.word, "the phone \(OneLine.quoted(String(symbol))) is unknown",
                    "use the \(alphabet.count) phones of the alphabet, \(alphabet[0]) to \(alphabet[alphabet.count - 1])"
                )
                return nil
            }
            phones.append(phone)
        }
        return phones
    }
}
