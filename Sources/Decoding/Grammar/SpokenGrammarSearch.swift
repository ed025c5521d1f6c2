import CTC

/// A search over phones for what a ``SpokenGrammar`` allows. The n-gram of phones is counted in, in what is searched for and in what
/// it is compared with. Nothing is decided before the end: the grammar holds for the recording as a whole.
///
/// Memory grows with the recording: the posteriors of the phones are kept, 20 MB an hour.
final class SpokenGrammarSearch: TextSearch {
    private let grammar: SpokenGrammar
    private let search: BeamSearch
    private var heard: LogProbabilities

    init(_ grammar: SpokenGrammar, options: BeamOptions) {
        self.grammar = grammar
        var scorers = [grammar.spoken.makeScorer()]
        if let ngram = grammar.ngram, LabelNGramScorer.fits(ngram, grammar.alphabet) {
            scorers.append(LabelNGramScorer(ngram, alphabet: grammar.alphabet))
        }
        search = BeamSearch(alphabet: grammar.alphabet, options: options, scorer: ScorerSum.joining(scorers))
        heard = LogProbabilities(classes: grammar.vocabulary.symbols.count)
    }

    func begin() {
        search.begin()
        heard = LogProbabilities(classes: heard.classes)
    }

    func step(_ posteriors: LogProbabilities) {
        let phones = posteriors.columns(0..<heard.classes)
        heard.append(phones)
        search.step(phones)
    }

    func decide() -> DecidedPart? { nil }

    func undecided(_ hypothesis: Hypothesis) -> DecidedPart { .words(hypothesis.words) }

    func end() -> [Hypothesis] {
        var texts: Set<String> = []
        return search.end().compactMap { found in
            let words = grammar.words(of: found.labels)
            let text = words.map(\.text).joined(separator: " ")
            guard texts.insert(text).inserted else { return nil }
            return Hypothesis(
                words: words, space: grammar.space, text: text, acoustic: found.acoustic, steering: found.steering,
                isComplete: found.isComplete)
        }
    }

    /// How well what was heard fits.
    /// - Parameter best: the first of what ``end()`` gave.
    func fit(_ best: Hypothesis?, threshold: Double) -> GrammarFit {
        guard let best, best.isComplete else { return GrammarFit(score: -.infinity, threshold: threshold) }
        let path = BestPath(heard, ngram: grammar.ngram)
        let labels = path.labels(blank: grammar.vocabulary.blank).count
        let own = best.acoustic + (grammar.ngram?.logProbability(of: best.labels) ?? 0)
        return GrammarFit(score: (own - path.logProbability) / Double(max(1, labels)), threshold: threshold)
    }
}
