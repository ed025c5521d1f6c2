import AcousticModel
import CTC

/// The words of a recording, segment after segment: each is decoded, and what was found is aligned to it.
struct WordCollector {
    /// The words so far, with the steps of the recording in which they are.
    private(set) var words: [WordAligner.AlignedWord] = []

    private let vocabulary: Vocabulary
    private let space: Int?
    private let aligner: WordAligner
    private var cutter: SegmentCutter
    /// Whether the last label was a letter, so that one at the start of the next segment belongs to the same word.
    private var endsInWord = false

    init(model: AcousticModel) {
        vocabulary = model.vocabulary
        space = Speller(vocabulary).label(of: " ")
        aligner = WordAligner(model: model)
        cutter = SegmentCutter(vocabulary: vocabulary, secondsPerStep: model.frontEnd.secondsPerStep)
    }

    /// Takes the next posteriors of the recording.
    /// - Throws: `ForcedAlignmentError` where they are not numbers.
    mutating func accept(_ posteriors: LogProbabilities) throws {
        for segment in cutter.accept(posteriors) { try accept(segment) }
    }

    /// Says that the recording ends here.
    mutating func finish() throws {
        if let segment = cutter.finish() { try accept(segment) }
    }

    /// What a segment spells: its best path, collapsed. Times and confidences below hold for any other text as well.
    private func labels(of segment: SegmentCutter.Segment) -> [Int] {
        Collapse.labels(of: segment.bestPath, blank: vocabulary.blank)
    }

    private mutating func accept(_ segment: SegmentCutter.Segment) throws {
        let labels = labels(of: segment)
        guard let first = labels.first, let last = labels.last else { return }
        let spelled = labels.split { $0 == space }.map {
            (text: $0.map { vocabulary.symbols[$0] }.joined(), labels: Array($0))
        }
        var found = try aligner.align(spelled, to: segment.posteriors, firstStep: segment.firstStep)
        if endsInWord, first != space, let begun = words.popLast(), let rest = found.first {
            found[0] = WordAligner.AlignedWord(
                text: begun.text + rest.text, steps: begun.steps.lowerBound..<rest.steps.upperBound,
                confidence: begun.confidence * rest.confidence)
        }
        words += found
        endsInWord = last != space
    }
}
