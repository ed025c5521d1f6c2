import CTC

/// When words are said, by the posteriors of phones.
///
/// The boundary between two words is optional: where none was heard, a blank stands for it.
package struct PhoneAlignment {
    let blank: Int
    let space: Int

    package init(blank: Int, space: Int) { (self.blank, self.space) = (blank, space) }

    /// The labels of a text with a boundary between any two words, and which of them are each word's.
    static func labels(of words: [SpokenWord], space: Int?) -> (labels: [Int], places: [Range<Int>]) {
        var labels: [Int] = []
        var places: [Range<Int>] = []
        for word in words {
            if let space, !labels.isEmpty { labels.append(space) }
            places.append(labels.count..<labels.count + word.labels.count)
            labels += word.labels
        }
        return (labels, places)
    }

    /// From the first step of each word's first phone to the last step of its last; nil where no path spells the words.
    /// - Parameter heard: [steps, columns], those of the phones first.
    package func steps(of words: [SpokenWord], in heard: LogProbabilities) -> [Range<Int>]? {
        let optional = withOptionalSpace(heard)
        for boundary in [space, nil] {
            let (labels, places) = Self.labels(of: words, space: boundary)
            guard let spans = try? ForcedAlignment(of: labels, to: optional, blank: blank).spans else { continue }
            return places.map { spans[$0.lowerBound].steps.lowerBound..<spans[$0.upperBound - 1].steps.upperBound }
        }
        return nil
    }

    /// The posteriors with the boundary at least as likely as the blank.
    private func withOptionalSpace(_ heard: LogProbabilities) -> LogProbabilities {
        var values = heard.values
        for start in stride(from: 0, to: values.count, by: heard.classes) {
            values[start + space] = max(values[start + space], values[start + blank])
        }
        return LogProbabilities(classes: heard.classes, values: values)
    }
}
