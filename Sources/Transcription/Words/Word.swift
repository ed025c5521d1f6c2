/// A word and when it was said.
public struct Word: Sendable, Equatable {
    /// The word, as the transcript writes it; without white space.
    public let text: String
    /// Seconds into the recording at which it begins, in whole milliseconds.
    public let start: Double
    /// Seconds into the recording at which it ends, in whole milliseconds; not before it begins.
    public let end: Double
    /// How probable it is that just this word was said there, 0 to 1.
    ///
    /// It is the probability that the acoustic model gives to the word's letters in the word's steps and up to
    /// ``WordAligner/secondsAround`` on either side (not into the neighbouring words), all paths that spell it summed (Graves
    /// et al. 2006). docs/formats.md tells how well it agrees with the share of words that are right.
    public let confidence: Double

    /// Takes what is said of a word.
    public init(text: String, start: Double, end: Double, confidence: Double) {
        (self.text, self.start, self.end, self.confidence) = (text, start, end, confidence)
    }

    /// The word so many seconds later, in whole milliseconds.
    func moved(by seconds: Double) -> Word {
        guard seconds != 0 else { return self }
        func moved(_ time: Double) -> Double { ((time + seconds) * 1000).rounded() / 1000 }
        return Word(text: text, start: moved(start), end: moved(end), confidence: confidence)
    }
}
