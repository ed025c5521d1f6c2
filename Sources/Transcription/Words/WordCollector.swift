import AcousticModel
import CTC
import Decoding

/// The words of a recording, segment after segment: each is decoded, and what was found is aligned to it.
///
/// Without a decoder the best path is the text. A decoder's search goes on from segment to segment, and decides at the end
/// of each; what it knows of the words before is not lost.
package struct WordCollector {
    /// The words so far, with the steps of the recording in which they are.
    private(set) var words: [WordAligner.AlignedWord] = []

    /// How many of the words nothing can change that is yet to come: the last may go on in the next segment, and ends where the
    /// one after it begins.
    var settledCount: Int {
        // What does not fit a grammar as a whole was not said at all.
        let isWhole = decoder?.grammar != nil || decoder?.spokenGrammar != nil || classifier != nil
        return isWhole ? 0 : max(0, words.count - 1)
    }

    private let model: AcousticModel
    /// Whether words are found by their phones, in the posteriors of all heads; else by the classes of the text alone.
    private let isByPhones: Bool
    private let vocabulary: Vocabulary
    private let space: Int?
    private let aligner: WordAligner
    /// With a grammar, which leaves nothing else to be heard; in an open text the language model's weights scale the confidences.
    private let rivals: WordRivals?
    private var cutter: SegmentCutter
    /// Whether the last label was a letter, so that one at the start of the next segment belongs to the same word.
    private var endsInWord = false
    /// Steps of silence that part two words, whatever the best path has there.
    private let pauseSteps: Int
    /// Blanks at the end of the best path so far.
    private var blanksAtEnd = 0
    private let decoder: Decoder?
    private var search: (any TextSearch)?
    /// What the search could not decide on yet.
    private var held: SegmentCutter.Segment?
    /// What the decoder found in all of the recording, once it has ended.
    private(set) var result: DecodingResult?
    /// A model that has one label for the whole recording, and what it says of its steps.
    private let classifier: AcousticModel?
    private var scores: LogProbabilities

    init(model: AcousticModel, decoder: Decoder? = nil) {
        pauseSteps = BeamOptions.pauseSteps(secondsPerStep: model.frontEnd.secondsPerStep)
        var decoder = decoder
        decoder?.options.pauseSteps = pauseSteps
        (self.decoder, self.model) = (decoder, model)
        classifier = model.head.kind.labelsRecordings ? model : nil
        scores = LogProbabilities(classes: model.headColumns.count)
        isByPhones = decoder?.goesByPhones ?? false
        vocabulary = isByPhones ? model.vocabulary : model.textVocabulary
        space = Speller(vocabulary).label(of: " ")
        aligner = WordAligner(vocabulary: vocabulary, secondsPerStep: model.frontEnd.secondsPerStep)
        rivals = decoder?.spokenGrammar == nil ? nil : model.head.ngram.map(WordRivals.init)
        cutter = SegmentCutter(
            vocabulary: vocabulary, columns: isByPhones ? model.posteriorColumns : nil,
            secondsPerStep: model.frontEnd.secondsPerStep)
    }

    /// Makes the search, which may have to wait for its words: not before there is something to search in.
    private mutating func prepare() throws {
        guard search == nil, let decoder else { return }
        try decoder.prepare()
        search = decoder.makeTextSearch()
    }

    /// Takes the next posteriors of the recording.
    /// - Throws: `ForcedAlignmentError` where they are not numbers; what is wrong with the decoder's words.
    mutating func accept(_ posteriors: LogProbabilities) throws {
        guard classifier == nil else { return scores.append(posteriors) }
        try prepare()
        for segment in cutter.accept(isByPhones ? posteriors : model.textPosteriors(of: posteriors)) {
            search?.step(segment.posteriors)
            let whole = held.map { $0.joined(with: segment) } ?? segment
            if let search {
                let part = search.decide()
                held = part == nil ? whole : nil
                if let part { try accept(whole, part) }
            } else {
                try accept(whole, .labels(labels(of: whole)))
            }
        }
    }

    /// Says that the recording ends here.
    mutating func finish() throws {
        if let classifier {
            let found = classifier.classify(scores)
            words =
                found.text.map {
                    [WordAligner.AlignedWord(text: $0, steps: 0..<scores.steps, confidence: found.probability)]
                } ?? []
            return
        }
        try prepare()
        let last = cutter.finish()
        if let last { search?.step(last.posteriors) }
        let segment = held.map { held in last.map(held.joined(with:)) ?? held } ?? last
        var part = DecidedPart.labels(segment.map(labels(of:)) ?? [])
        if let decoder, let search {
            let result = decoder.end(search)
            self.result = result
            part = result.best.map(search.undecided) ?? .labels([])
            // Nothing of what was heard fits the grammar.
            if result.best == nil { words = [] }
        }
        if let segment { try accept(segment, part) }
    }

    /// What a segment spells: its best path, collapsed. Times and confidences below hold for any other text as well.
    private func labels(of segment: SegmentCutter.Segment) -> [Int] {
        let path = model.head.ngram == nil ? segment.bestPath : model.textPath(of: segment.posteriors).classes
        guard let space, !vocabulary.isOfWords else { return Collapse.labels(of: path, blank: vocabulary.blank) }
        return Self.labels(of: path, blank: vocabulary.blank, space: space, pause: pauseSteps)
    }

    /// What a path spells, with a space where so many blanks part two letters.
    package static func labels(of path: [Int], blank: Int, space: Int, pause: Int) -> [Int] {
        var labels: [Int] = []
        var (last, blanks) = (blank, 0)
        for label in path {
            defer { last = label }
            guard label != blank else {
                blanks += 1
                continue
            }
            if label != last {
                if blanks >= pause, label != space, let before = labels.last, before != space { labels.append(space) }
                labels.append(label)
            }
            blanks = 0
        }
        return labels
    }

    /// A word that two segments share.
    private func joined(_ begun: String, _ rest: String) -> String {
        begun + (vocabulary.unit == .phone ? String(Vocabulary.phoneSeparator) : "") + rest
    }

    private mutating func accept(_ segment: SegmentCutter.Segment, _ part: DecidedPart) throws {
        switch part {
        case .labels(let labels): try accept(segment, labels: labels)
        case .words(let spoken):
            words += try aligner.align(
                spoken, to: segment.posteriors.columns(model.headColumns), firstStep: segment.firstStep,
                rivals: rivals)
        }
    }

    private mutating func accept(_ segment: SegmentCutter.Segment, labels: [Int]) throws {
        let blanks = segment.bestPath.prefix { $0 == vocabulary.blank }.count
        if blanksAtEnd + blanks >= pauseSteps { endsInWord = false }
        let isAllBlank = blanks == segment.bestPath.count
        let after = segment.bestPath.reversed().prefix { $0 == vocabulary.blank }.count
        blanksAtEnd = isAllBlank ? blanksAtEnd + blanks : after
        guard let first = labels.first, let last = labels.last else { return }
        let spelled =
            vocabulary.isOfWords
            ? labels.map { (text: vocabulary.symbols[$0], labels: [$0]) }
            : labels.split { $0 == space }.map {
                (text: vocabulary.text(of: $0), labels: Array($0))
            }
        var found = try aligner.align(spelled, to: segment.posteriors, firstStep: segment.firstStep)
        if endsInWord, first != space, let begun = words.popLast(), let rest = found.first {
            found[0] = WordAligner.AlignedWord(
                text: joined(begun.text, rest.text), steps: begun.steps.lowerBound..<rest.steps.upperBound,
                confidence: begun.confidence * rest.confidence)
        }
        words += found
        endsInWord = last != space && !vocabulary.isOfWords
    }
}
