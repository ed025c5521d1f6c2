import Dispatch
import Foundation
import LanguageModel

/// How a lexicon is compiled.
public struct LexiconCompilerOptions: Sendable {
    /// Whether British variants are added to the words of the lexicon (see ``BritishVariants``).
    public var addsBritish = false
    /// How the pronunciation model is trained; nil leaves it out of the file.
    public var model: GraphoneOptions? = GraphoneOptions()
    /// At most so many guessed pronunciations are stored of a word that the lexicon lacks.
    public var guesses = 3
    /// Further guesses must be at least so probable, compared with the best.
    public var leastShare: Float = 0.2
    /// How many threads guess.
    public var threads = 1

    /// With a model, without British variants.
    public init() {}
}

/// What a lexicon was compiled from.
public struct LexiconCompilerReport: Sendable {
    /// Words of the lexicon.
    public var words = 0
    /// Words whose pronunciations were guessed.
    public var guessed = 0
    /// Words for which no pronunciation can be guessed; they are not in the file.
    public var unspeakable: [String] = []
    /// What the model was made of; nil where there is none.
    public var model: GraphoneReport?

    /// An empty report.
    public init() {}
}

/// Makes a lexicon of entries, a pronunciation model learned from them, and guesses for further words.
public enum LexiconCompiler {
    /// Entries of several lexicons together: a word of a later one takes the place of the word in an earlier one.
    /// - Returns: the entries, and how many words were replaced.
    public static func merged(_ lexicons: [[LexiconEntry]]) -> (entries: [LexiconEntry], replaced: Int) {
        var places: [String: Int] = [:]
        var entries: [LexiconEntry] = []
        var replaced = 0
        for entry in lexicons.joined() {
            if let place = places[entry.word] {
                entries[place] = entry
                replaced += 1
            } else {
                places[entry.word] = entries.count
                entries.append(entry)
            }
        }
        return (entries, replaced)
    }

    /// - Parameters:
    ///   - entries: each word once.
    ///   - words: further words, of which those that the entries lack get guessed pronunciations.
    /// - Throws: ``PronunciationError``.
    public static func compile(
        _ entries: [LexiconEntry], alphabet: PhoneAlphabet, words: some Sequence<String> = EmptyCollection<String>(),
        options: LexiconCompilerOptions = LexiconCompilerOptions(), report: inout LexiconCompilerReport
    ) throws -> PronunciationLexicon {
        report = LexiconCompilerReport()
        report.words = entries.count
        var model: GraphoneModel?
        if let settings = options.model {
            var trained = GraphoneReport()
            model = try GraphoneModel.train(on: entries, alphabet: alphabet, options: settings, report: &trained)
            report.model = trained
        }
        var all = entries
        if options.addsBritish, let british = BritishVariants(alphabet: alphabet) {
            for index in all.indices { british.extend(&all[index]) }
        }
        let base = try PronunciationLexicon(entries: all, alphabet: alphabet, model: model)
        let known = Set(all.lazy.map(\.word))
        var missing: [String] = []
        var seen: Set<String> = []
        for word in words {
            let word = word.precomposedStringWithCanonicalMapping
            if !word.isEmpty, !known.contains(word), seen.insert(word).inserted { missing.append(word) }
        }
        guard !missing.isEmpty else { return base }
        let guesses = inParallel(missing, threads: options.threads) { base.guess($0, count: max(1, options.guesses)) }
        for (word, guess) in zip(missing, guesses) {
            guard let best = guess.first, word.utf8.count <= LexiconLayout.longest else {
                report.unspeakable.append(word)
                continue
            }
            var entry = LexiconEntry(
                word: word, pronunciations: guess.filter { $0.probability >= options.leastShare * best.probability })
            entry.normalize()
            all.append(entry)
            report.guessed += 1
        }
        return try PronunciationLexicon(entries: all, alphabet: alphabet, model: model)
    }

    /// The results of a body for all words, in their order.
    private static func inParallel<Result: Sendable>(
        _ words: [String], threads: Int, _ body: @Sendable (String) -> Result
    ) -> [Result] {
        guard threads > 1, words.count > 64 else { return words.map(body) }
        let chunk = 64
        let chunks = (words.count + chunk - 1) / chunk
        let results = ChunkResults<Result>(count: chunks)
        DispatchQueue.concurrentPerform(iterations: min(threads, chunks)) { thread in
            for number in stride(from: thread, to: chunks, by: min(threads, chunks)) {
                let range = number * chunk..<min(words.count, (number + 1) * chunk)
                results.set(number, words[range].map(body))
            }
        }
        return results.all
    }

    /// Unchecked: a lock guards the list.
    private final class ChunkResults<Result: Sendable>: @unchecked Sendable {
        private let lock = NSLock()
        private var chunks: [[Result]]

        init(count: Int) { chunks = [[Result]](repeating: [], count: count) }

        func set(_ number: Int, _ results: [Result]) { lock.withLock { chunks[number] = results } }
        var all: [Result] { lock.withLock { Array(chunks.joined()) } }
    }
}
