import CTC
import LanguageModel
import Messages

/// What can be said, fit to a head of phones: the words of a language model by their pronunciations, and how a word that has
/// none is spelled. It is shared; each search has a scorer.
///
/// ```swift
/// let words = try SpokenWords(lexicon, model: LanguageModelFile.open("english.lm"), name: "english.lm", vocabulary: phones)
/// let search = PronunciationSearch(words, weights: DecodingWeights(languageModelWeight: 1, wordBonus: 1))
/// ```
public final class SpokenWords: Sendable {
    /// A word that is to be allowed though the language model may not hold it.
    public struct Added: Sendable {
        /// The word as it is written.
        public var text: String
        /// Its phones, by their numbers in the ``PronunciationList``, and ln of how probable each pronunciation is.
        public var pronunciations: [(phones: [UInt8], logProbability: Float)]

        /// Takes a word and how it is said.
        public init(text: String, pronunciations: [(phones: [UInt8], logProbability: Float)]) {
            (self.text, self.pronunciations) = (text, pronunciations)
        }
    }

    /// The classes of the head.
    public let vocabulary: Vocabulary
    /// The class of the boundary between words.
    public let space: Int
    /// How words without a pronunciation are spelled; nil where they are not allowed.
    public let spelling: CharacterSpelling?
    /// Columns of the posteriors: the head's classes, and behind them those of the characters, where there are any.
    public let columns: Int
    /// How many words there are.
    public var count: Int { ids.count }

    let model: any LanguageModelQuery
    let tree: PronunciationTree
    /// The language model's number of each word; `<unk>` where it has none.
    let ids: [WordID]
    /// Words from this one on were added.
    let firstAdded: Int
    /// log10 of `<unk>` with no words before it.
    let unknown: Float
    /// log10, the least for an added word.
    let floor: Float
    /// Phrases to hear more readily; nil for none.
    let hotWords: SpokenHotWords?
    /// The codes of their words, by the numbers of the words.
    let hotCodes: [UInt32: CharacterCode]
    /// The phone of each class; -1 for the blank, the space and classes that no pronunciation has.
    let phoneOfLabel: [Int16]
    /// The class of each phone.
    let labelOfPhone: [Int]
    private let listText: @Sendable (Int) -> String
    private let addedTexts: [String]

    /// - Parameters:
    ///   - list: pronunciations.
    ///   - model: the language model, of words.
    ///   - name: what errors call it, its path.
    ///   - vocabulary: the classes of the head of phones: the blank, a space as the boundary of words, and the list's phones.
    ///   - characters: the classes of a head of characters whose columns stand behind those of the phones; nil for none.
    ///   - added: words that are allowed and no unknown ones, though the model may not hold them.
    ///   - hotWords: phrases to hear more readily, and the alphabet by which they were read. Their words are allowed as added ones
    ///     are; those that the list does not have are to be among these.
    ///   - isClosed: whether words without a pronunciation are forbidden, as they are without a head of characters.
    /// - Throws: ``DecodingError`` where the list is not sorted, its phones are not the head's, or none of the model's words is in it.
    public convenience init(
        _ list: PronunciationList, model: any LanguageModelQuery, name: String, vocabulary: Vocabulary,
        characters: Vocabulary? = nil, added: [Added] = [], hotWords: (HotWords, Alphabet)? = nil,
        isClosed: Bool = false
    ) throws(DecodingError) {
        guard let space = vocabulary.symbols.firstIndex(of: " "), space != vocabulary.blank else {
            throw .malformed(
                path: name, reason: "the acoustic model has no class for the boundary of words",
                mend: "train it with a space between the pronunciations of words")
        }
        let labels = list.symbols.map { symbol in vocabulary.symbols.firstIndex(of: symbol) ?? -1 }
        if let place = labels.firstIndex(where: { $0 < 0 || $0 == vocabulary.blank || $0 == space }) {
            throw .malformed(
                path: name,
                reason:
                    "the phone \(OneLine.quoted(list.symbols[place])) of the lexicon is no class of the acoustic model",
                mend: "use the lexicon that the model was trained with")
        }
        var phoneOfLabel = [Int16](repeating: -1, count: vocabulary.symbols.count)
        for (phone, label) in labels.enumerated() { phoneOfLabel[label] = Int16(truncatingIfNeeded: phone) }

        let hotWords = hotWords.map { SpokenHotWords($0, alphabet: $1) }
        let parts = Parts(list, model, added, hotWords)
        guard let tree = parts.tree(list, added) else {
            throw .malformed(
                path: name,
                reason: "the pronunciations of the lexicon are not in order, or are of no phones that it names",
                mend: "compile the lexicon anew")
        }
        guard !tree.endings.isEmpty else {
            throw .malformed(
                path: name, reason: "none of its words has a pronunciation in the lexicon",
                mend: "estimate it from text in the same language and case (utter lm estimate --lowercase)")
        }
        self.init(
            list, parts, tree, model: model, hotWords: hotWords, added: added.map(\.text),
            classes: (vocabulary, space, phoneOfLabel, labels),
            columns: vocabulary.symbols.count + (characters?.symbols.count ?? 0),
            spelling: isClosed ? nil : characters.map { CharacterSpelling($0, firstColumn: vocabulary.symbols.count) })
    }

    /// Takes what was made and checked.
    private init(
        _ list: PronunciationList, _ parts: Parts, _ tree: PronunciationTree, model: any LanguageModelQuery,
        hotWords: SpokenHotWords?, added: [String],
        classes: (vocabulary: Vocabulary, space: Int, phones: [Int16], labels: [Int]), columns: Int,
        spelling: CharacterSpelling?
    ) {
        (self.model, self.tree, self.hotWords, self.columns, self.spelling) = (model, tree, hotWords, columns, spelling)
        (vocabulary, space, phoneOfLabel, labelOfPhone) = classes
        (ids, unknown, floor) = (parts.ids, parts.unknown, parts.floor)
        hotCodes = parts.hot.mapValues(\.code)
        (listText, firstAdded, addedTexts) = (list.text, list.wordCount, added)
    }

    /// A word as it is written.
    func text(_ word: UInt32) -> String {
        Int(word) < firstAdded ? listText(Int(word)) : addedTexts[Int(word) - firstAdded]
    }

    /// What the language model makes of a word after some others: log10 of its probability.
    /// - Parameter given: log10 of the probability of `ids[word]`.
    @inline(__always)
    func log10(of word: UInt32, given: Float) -> Float {
        ids[Int(word)] == model.unknownWord ? max(given, floor) : given
    }
}

/// What the words weigh, before they become a tree.
fileprivate struct Parts {
    var ids: [WordID] = []
    /// log10, with no words before; -infinity for those of the lexicon that the model does not hold.
    var weights: [Float] = []
    /// The hot ones.
    var hot: [UInt32: (code: CharacterCode, gain: Float)] = [:]
    var unknown: Float
    var floor: Float

    init(
        _ list: PronunciationList, _ model: any LanguageModelQuery, _ added: [SpokenWords.Added],
        _ hotWords: SpokenHotWords?
    ) {
        unknown = model.unigram(model.unknownWord)
        floor = unknown
        var (ids, weights): ([WordID], [Float]) = ([], [])
        var hot: [UInt32: (code: CharacterCode, gain: Float)] = [:]
        ids.reserveCapacity(list.wordCount + added.count)
        weights.reserveCapacity(list.wordCount + added.count)
        var rarest: Float = 0
        let (unknownID, find) = (model.unknownWord, model.makeFinder())
        list.forEachWord { text in
            let id = find(text)
            if let hotWords, let word = hotWords.word(String(decoding: text, as: UTF8.self)) {
                hot[UInt32(truncatingIfNeeded: ids.count)] = word
            }
            ids.append(id)
            guard id != unknownID else { return weights.append(-.infinity) }
            let log10 = model.unigram(id)
            rarest = min(rarest, log10)
            weights.append(log10)
        }
        // A damaged lexicon has fewer.
        for _ in 0..<max(0, list.wordCount - ids.count) {
            ids.append(model.unknownWord)
            weights.append(-.infinity)
        }
        floor = max(unknown, rarest)
        for word in hot.keys where weights[Int(word)] == -.infinity { weights[Int(word)] = floor }
        for word in added {
            if let found = hotWords?.word(word.text) { hot[UInt32(truncatingIfNeeded: ids.count)] = found }
            let id = model.id(of: word.text)
            ids.append(id)
            weights.append(id == model.unknownWord ? floor : model.unigram(id))
        }
        (self.ids, self.weights, self.hot) = (ids, weights, hot)
    }

    /// The tree of the list's pronunciations and of the added words', merged; nil where the list is not in order.
    func tree(_ list: PronunciationList, _ added: [SpokenWords.Added]) -> PronunciationTree? {
        var extra: [(phones: [UInt8], ending: PronunciationTree.Ending)] = []
        for (index, word) in added.enumerated() {
            for spoken in word.pronunciations where !spoken.phones.isEmpty {
                guard spoken.phones.allSatisfy({ Int($0) < list.symbols.count }) else { return nil }
                let number = UInt32(list.wordCount + index)
                extra.append((spoken.phones, .init(word: number, logProbability: spoken.logProbability)))
            }
        }
        extra.sort { $0.phones.lexicographicallyPrecedes($1.phones) }
        var builder = PronunciationTree.Builder(
            phones: list.phones.count + extra.reduce(0) { $0 + $1.phones.count }, words: list.count + extra.count)
        var next = 0
        func addExtra(before phones: UnsafeBufferPointer<UInt8>?) -> Bool {
            while next < extra.count, phones.map({ extra[next].phones.lexicographicallyPrecedes($0) }) ?? true {
                let (spoken, ending) = extra[next]
                next += 1
                let isTaken = spoken.withUnsafeBufferPointer {
                    builder.add($0, ending, weight: weights[Int(ending.word)], gain: hot[ending.word]?.gain ?? 0)
                }
                guard isTaken else { return false }
            }
            return true
        }
        let isWhole = list.phones.withUnsafeBufferPointer { phones in
            for place in 0..<list.count {
                let (start, end, word) = (Int(list.starts[place]), Int(list.starts[place + 1]), Int(list.words[place]))
                guard start < end, end <= phones.count, word < list.wordCount else { return false }
                guard weights[word] > -.infinity else { continue }
                let spoken = UnsafeBufferPointer(rebasing: phones[start..<end])
                guard spoken.allSatisfy({ Int($0) < list.symbols.count }), addExtra(before: spoken) else {
                    return false
                }
                let ending = PronunciationTree.Ending(
                    word: UInt32(truncatingIfNeeded: word), logProbability: min(0, list.logProbabilities[place]))
                guard builder.add(spoken, ending, weight: weights[word], gain: hot[ending.word]?.gain ?? 0)
                else { return false }
            }
            return addExtra(before: nil)
        }
        return isWhole ? builder.tree() : nil
    }
}
