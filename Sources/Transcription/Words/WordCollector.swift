import AcousticModel
import CTC
import Decoding

/// The words of a recording, segment after segment: each is decoded, and what was found is aligned to it.
///
/// Without a decoder the best path is the text. A decoder's search goes on from segment to segment, and decides at the end
/// of each; what it knows of the words before is not lost.
struct WordCollector {
    /// The words so far, with the steps of the recording in which they are.
    private(set) var words: [WordAligner.AlignedWord] = []

    private let model: AcousticModel
    /// Whether words are found by their phones, in the posteriors of all heads; else by the classes of the text alone.
    private let isByPhones: Bool
    private let vocabulary: Vocabulary
    private let space: Int?
    private let aligner: WordAligner
    private var cutter: SegmentCutter
    /// Whether the last label was a letter, so that one at the start of the next segment belongs to the same word.
    private var endsInWord = false
    private let decoder: Decoder?
    private let search: (any TextSearch)?
    /// What the search could not decide on yet.
    private var held: SegmentCutter.Segment?
    /// What the decoder found in all of the recording, once it has ended.
    private(set) var result: DecodingResult?
    /// A model that has one label for the whole recording, and what it says of its steps.
    private let classifier: AcousticModel?
    private var scores: LogProbabilities

    init(model: AcousticModel, decoder: Decoder? = nil) {
        (self.decoder, self.model) = (decoder, model)
        classifier = model.kind.labelsRecordings ? model : nil
        scores = LogProbabilities(classes: model.head.weight.rows)
        search = decoder?.makeTextSearch()
        isByPhones = decoder?.spokenWords != nil
        vocabulary = isByPhones ? model.vocabulary : model.textVocabulary
        space = Speller(vocabulary).label(of: " ")
        aligner = WordAligner(vocabulary: vocabulary, secondsPerStep: model.frontEnd.secondsPerStep)
        cutter = SegmentCutter(
            vocabulary: vocabulary, columns: isByPhones ? model.posteriorColumns : nil,
            secondsPerStep: model.frontEnd.secondsPerStep)
    }

    /// Takes the next posteriors of the recording.
    /// - Throws: `ForcedAlignmentError` where they are not numbers.
    mutating func accept(_ posteriors: LogProbabilities) throws {
        guard classifier == nil else { return scores.append(posteriors) }
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
        guard model.ngram != nil else { return Collapse.labels(of: segment.bestPath, blank: vocabulary.blank) }
        return model.textPath(of: segment.posteriors).labels(blank: vocabulary.blank)
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
                spoken, to: segment.posteriors.columns(model.headColumns), firstStep: segment.firstStep)
        }
    }

    private mutating func accept(_ segment: SegmentCutter.Segment, labels: [Int]) throws {
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
