/// Words as a trie of characters. The children of a node lie side by side, in the order of their characters.
///
/// A node also holds the most that any word below it weighs: the look-ahead of a search that is inside a word (Steinbiss,
/// Tran and Ney 1994, "Improvements in beam search").
struct Lexicon: Sendable {
    /// The node before any character.
    static let root: UInt32 = 0
    /// Stands at a node where no word ends.
    static let noWord: Int32 = -1

    /// The children of node n are those from `firstChild[n]` to before `firstChild[n + 1]`.
    private let firstChild: [UInt32]
    private let character: [CharacterCode]
    /// The number of the word that ends at a node.
    let word: [Int32]
    /// The greatest weight of a word at or below a node.
    let greatest: [Float]
    /// What letters cost that spell no word of these.
    let spelling: SpellingModel
    /// What the letters that lead to a node cost as such.
    let spelled: [Float]
    /// The last letters of those.
    let context: [SpellingModel.Context]

    /// Words under way to a lexicon.
    struct Words {
        fileprivate var codes: [CharacterCode] = []
        fileprivate var starts = [0]
        fileprivate var entries: [(number: Int32, weight: Float)] = []

        var count: Int { entries.count }

        fileprivate func spelling(_ word: Int) -> ArraySlice<CharacterCode> { codes[starts[word]..<starts[word + 1]] }

        /// - Parameters:
        ///   - spelling: one character or more.
        ///   - number: 0 or more; where two words have one spelling, the first one's holds.
        ///   - weight: for the look-ahead.
        mutating func add(_ spelling: some Sequence<CharacterCode>, number: Int32, weight: Float) {
            codes += spelling
            starts.append(codes.count)
            entries.append((number, weight))
        }
    }

    /// Builds the trie level by level from the sorted words.
    /// - Parameter letters: how many the alphabet has.
    init(_ words: Words, letters: Int) {
        var firstChild: [UInt32] = []
        var character: [CharacterCode] = [Alphabet.space]
        var word: [Int32] = []
        var greatest: [Float] = []
        let order = Self.sorted(words)
        let spelling = SpellingModel(letters: letters, words: (0..<words.count).lazy.map(words.spelling))
        var (spelled, context): ([Float], [SpellingModel.Context]) = ([0], [SpellingModel.start])
        // The words below each node, as a part of the order, and how many characters lead to it.
        var parts: [(range: Range<Int>, depth: Int)] = [(0..<order.count, 0)]
        var node = 0
        while node < parts.count {
            var (range, depth) = parts[node]
            firstChild.append(UInt32(parts.count))
            var ending: (number: Int32, weight: Float)?
            while let first = range.first, words.starts[order[first] + 1] - words.starts[order[first]] == depth {
                ending = ending ?? words.entries[order[first]]
                range.removeFirst()
            }
            word.append(ending?.number ?? Self.noWord)
            greatest.append(ending?.weight ?? -.infinity)
            while let first = range.first {
                let next = words.codes[words.starts[order[first]] + depth]
                var end = first + 1
                while end < range.upperBound, words.codes[words.starts[order[end]] + depth] == next { end += 1 }
                parts.append((first..<end, depth + 1))
                character.append(next)
                spelled.append(spelled[node] + spelling.cost(next, after: context[node]))
                context.append(SpellingModel.context(context[node], next))
                range = end..<range.upperBound
            }
            node += 1
        }
        firstChild.append(UInt32(parts.count))
        for node in stride(from: parts.count - 1, through: 0, by: -1) {
            for child in Int(firstChild[node])..<Int(firstChild[node + 1]) {
                greatest[node] = max(greatest[node], greatest[child])
            }
        }
        (self.firstChild, self.character, self.word, self.greatest) = (firstChild, character, word, greatest)
        (self.spelling, self.spelled, self.context) = (spelling, spelled, context)
    }

    /// The words in alphabetical order of their codes, equal ones as they came.
    private static func sorted(_ words: Words) -> [Int] {
        words.codes.withUnsafeBufferPointer { codes in
            words.starts.withUnsafeBufferPointer { starts in
                (0..<words.count).sorted { a, b in
                    var (x, y) = (starts[a], starts[b])
                    let (endX, endY) = (starts[a + 1], starts[b + 1])
                    while x < endX, y < endY {
                        if codes[x] != codes[y] { return codes[x] < codes[y] }
                        x += 1
                        y += 1
                    }
                    let (left, right) = (endX - x, endY - y)
                    return left != right ? left < right : a < b
                }
            }
        }
    }

    /// The node after one more character; nil where no word goes on so.
    func child(of node: UInt32, _ next: CharacterCode) -> UInt32? {
        var (lower, upper) = (Int(firstChild[Int(node)]), Int(firstChild[Int(node) + 1]))
        while lower < upper {
            let middle = (lower + upper) / 2
            if character[middle] == next { return UInt32(middle) }
            if character[middle] < next { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }
}
