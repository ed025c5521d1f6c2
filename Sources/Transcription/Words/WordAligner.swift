import AcousticModel
import CTC
import Decoding
import Foundation

/// Finds when the words of a text are said, and how probable each is, from the posteriors of the recording.
///
/// The text is aligned as a whole (see `ForcedAlignment`), so its words come in order and share no step, whatever found
/// the text.
public struct WordAligner: Sendable {
    /// Seconds on either side of a word's first and last letter that count in its confidence.
    public static let secondsAround = 0.15

    /// A word with the steps of the recording in which its letters are.
    public struct AlignedWord: Sendable, Equatable {
        /// The word, as the transcript writes it.
        public var text: String
        /// From the first step of its first letter to the last step of its last.
        public var steps: Range<Int>
        /// How probable it is, 0 to 1 (see ``Word/confidence``).
        public var confidence: Double
    }

    private let blank: Int
    private let space: Int?
    private let stepsAround: Int
    private let loss: CTCLoss

    /// Takes what the classes of the model's text (``AcousticModel/textColumns``) and its steps are.
    public init(model: AcousticModel) {
        self.init(vocabulary: model.textVocabulary, secondsPerStep: model.frontEnd.secondsPerStep)
    }

    package init(vocabulary: Vocabulary, secondsPerStep: Double) {
        blank = vocabulary.blank
        space = Speller(vocabulary).label(of: " ")
        stepsAround = max(1, Int((Self.secondsAround / secondsPerStep).rounded()))
        loss = CTCLoss(blank: vocabulary.blank)
    }

    /// Aligns words to the posteriors of a recording, or of a part of one.
    /// - Parameters:
    ///   - words: each as it is written, and the labels that spell it, one at least.
    ///   - posteriors: [steps, classes].
    ///   - firstStep: the step of the recording at which the posteriors begin.
    /// - Throws: `ForcedAlignmentError` where no path spells the words.
    public func align(
        _ words: [(text: String, labels: [Int])], to posteriors: LogProbabilities, firstStep: Int = 0
    ) throws(ForcedAlignmentError) -> [AlignedWord] {
        var labels: [Int] = []
        var places: [Range<Int>] = []
        for word in words {
            precondition(!word.labels.isEmpty, "a word without labels")
            if let space, !labels.isEmpty { labels.append(space) }
            places.append(labels.count..<labels.count + word.labels.count)
            labels += word.labels
        }
        let spans = try ForcedAlignment(of: labels, to: posteriors, blank: blank).spans
        return zip(words, places).map { word, place in
            let steps = spans[place.lowerBound].steps.lowerBound..<spans[place.upperBound - 1].steps.upperBound
            let before = place.lowerBound > 0 ? spans[place.lowerBound - 1].steps.upperBound : 0
            let after = place.upperBound < spans.count ? spans[place.upperBound].steps.lowerBound : posteriors.steps
            let around = max(before, steps.lowerBound - stepsAround)..<min(after, steps.upperBound + stepsAround)
            return AlignedWord(
                text: word.text, steps: steps.lowerBound + firstStep..<steps.upperBound + firstStep,
                confidence: probability(of: word.labels, in: posteriors, at: around))
        }
    }

    /// Aligns words that were found by their phones: a boundary between two of them may be there or not.
    /// - Parameters:
    ///   - posteriors: [steps, classes] of the phones.
    ///   - rivals: what the words' phones compete with, by an n-gram that the posteriors leave out; nil where a word's confidence is
    ///     by the posteriors alone, to be scaled by what a language model's weights say.
    /// - Throws: `ForcedAlignmentError` where no path spells the words.
    func align(
        _ words: [SpokenWord], to posteriors: LogProbabilities, firstStep: Int, rivals: WordRivals? = nil
    ) throws(ForcedAlignmentError) -> [AlignedWord] {
        guard !words.isEmpty else { return [] }
        guard let space, let spans = PhoneAlignment(blank: blank, space: space).steps(of: words, in: posteriors) else {
            throw .noPath
        }
        return words.indices.map { index in
            let steps = spans[index]
            let before = index > 0 ? spans[index - 1].upperBound : 0
            let after = index + 1 < spans.count ? spans[index + 1].lowerBound : posteriors.steps
            let around = max(before, steps.lowerBound - stepsAround)..<min(after, steps.upperBound + stepsAround)
            return AlignedWord(
                text: words[index].text, steps: steps.lowerBound + firstStep..<steps.upperBound + firstStep,
                confidence: fit(of: words[index].labels, as: index, of: words, in: posteriors, at: around, rivals))
        }
    }

    /// How probable a word is by these labels, as that of the words, in its place.
    private func fit(
        of labels: [Int], as index: Int, of words: [SpokenWord], in posteriors: LogProbabilities, at steps: Range<Int>,
        _ rivals: WordRivals?
    ) -> Double {
        guard let rivals, let space else { return probability(of: labels, in: posteriors, at: steps) }
        let before = index > 0 ? words[index - 1].labels : []
        return rivals.share(of: labels, after: before, boundary: space, in: posteriors, at: steps)
    }

    /// Aligns a known text: by characters, or by phones where its words have pronunciations.
    func align(
        _ text: KnownText, to posteriors: LogProbabilities, ngram: LabelNGram?
    ) throws(ForcedAlignmentError) -> [AlignedWord] {
        guard !text.pronunciations.isEmpty else { return try align(text.words, to: posteriors) }
        return try align(text.words.map(\.text), saidAs: text.pronunciations, to: posteriors, ngram: ngram)
    }

    /// Aligns words that may be said in several ways: with the most probable ones first, then each word with the one that fits best
    /// what is heard between the words around it.
    /// - Parameters:
    ///   - texts: the words as they are written.
    ///   - pronunciations: for each word the labels of each way to say it, one at least, the most probable first, and ln of how
    ///     probable it is.
    ///   - posteriors: [steps, classes] of the phones.
    ///   - ngram: what the posteriors leave out; nil where they stand by themselves.
    /// - Throws: `ForcedAlignmentError` where no path spells the words.
    func align(
        _ texts: [String], saidAs pronunciations: [[(labels: [Int], logProbability: Float)]],
        to posteriors: LogProbabilities, ngram: LabelNGram?
    ) throws(ForcedAlignmentError) -> [AlignedWord] {
        let rivals = ngram.map(WordRivals.init)
        var words = zip(texts, pronunciations).map { SpokenWord(text: $0, labels: $1[0].labels) }
        guard let space, pronunciations.contains(where: { $0.count > 1 }),
            let spans = PhoneAlignment(blank: blank, space: space).steps(of: words, in: posteriors)
        else { return try checked(words, posteriors, rivals) }
        for (index, ways) in pronunciations.enumerated() where ways.count > 1 {
            let before = index > 0 ? spans[index - 1].upperBound : 0
            let after = index + 1 < spans.count ? spans[index + 1].lowerBound : posteriors.steps
            let around =
                max(before, spans[index].lowerBound - stepsAround)..<min(after, spans[index].upperBound + stepsAround)
            let values = ways.map { way -> Double in
                let fit = fit(of: way.labels, as: index, of: words, in: posteriors, at: around, rivals)
                return log(max(1e-300, fit)) + Double(way.logProbability)
            }
            guard let best = values.indices.max(by: { values[$0] < values[$1] }) else { continue }
            words[index] = SpokenWord(text: texts[index], labels: ways[best].labels)
        }
        do { return try align(words, to: posteriors, firstStep: 0, rivals: rivals) } catch {
            // Longer pronunciations may not fit into the recording where shorter ones did.
            return try align(
                zip(texts, pronunciations).map { SpokenWord(text: $0, labels: $1[0].labels) }, to: posteriors,
                firstStep: 0, rivals: rivals)
        }
    }

    /// Aligns words by their phones; says how many steps they need where there are too few.
    private func checked(
        _ words: [SpokenWord], _ posteriors: LogProbabilities, _ rivals: WordRivals?
    ) throws(ForcedAlignmentError) -> [AlignedWord] {
        do { return try align(words, to: posteriors, firstStep: 0, rivals: rivals) } catch {
            // The alignment of phones does not tell why there is no path.
            _ = try ForcedAlignment(of: words.flatMap(\.labels), to: posteriors, blank: blank)
            throw error
        }
    }

    /// The probability that these steps spell these labels and nothing else: the sum over all paths.
    private func probability(of labels: [Int], in posteriors: LogProbabilities, at steps: Range<Int>) -> Double {
        let classes = posteriors.classes
        let nats = posteriors.values.withUnsafeBufferPointer { values in
            let part = UnsafeBufferPointer(rebasing: values[steps.lowerBound * classes..<steps.upperBound * classes])
            // The aligner has refused labels that are no classes.
            return part.baseAddress.flatMap {
                try? loss.forwardBackward(
                    logits: $0, frames: steps.count, classes: classes, targets: labels, gradient: nil)
            }
        }
        guard let nats, !nats.isNaN else { return 0 }
        return min(1, max(0, exp(-nats)))
    }
}
