import CTC
import TensorFiles
import TestSupport
import Testing

@Suite struct CollapseTests {
    @Test("repeats merge, then blanks go; a blank between keeps two of a letter apart")
    func rule() {
        #expect(Collapse.labels(of: [0, 1, 1, 0, 1, 2, 2, 0]) == [1, 1, 2])
        #expect(Collapse.labels(of: [1, 1, 1]) == [1])
        #expect(Collapse.labels(of: [0, 0, 0]) == [])
        #expect(Collapse.labels(of: []) == [])
    }

    @Test("the blank may be any class")
    func otherBlank() {
        #expect(Collapse.labels(of: [28, 0, 0, 28, 0], blank: 28) == [0, 0])
    }

    @Test("a path taken in pieces spells what the whole spells")
    func streaming() {
        var generator = SeededGenerator(seed: 3)
        let path = (0..<500).map { _ in Int.random(in: 0..<4, using: &generator) }
        var collapse = Collapse()
        for label in path { collapse.append(label) }
        #expect(collapse.labels == Collapse.labels(of: path))
    }
}

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct GreedyReferenceTests {
    @Test("labels, text and log-probability of the best path agree with the reference")
    func agrees() throws {
        let vectors = try Reference("decode")
        let json = try Reference.json("decode")
        let letters = try #require(json["labels"] as? [String])
        let blank = json["blank"] as? Int ?? 0
        let utterances = try #require(json["utterances"] as? [[String: Any]])
        try #require(!utterances.isEmpty)
        for (index, utterance) in utterances.enumerated() {
            let number = utterance["utt"] as? Int ?? index
            let key = number < 10 ? "utt0\(number)" : "utt\(number)"
            let tensor = try vectors.tensor(key + ".log_probs")
            let path = BestPath(LogProbabilities(classes: tensor.shape[1], values: tensor.values))
            let labels = path.labels(blank: blank)
            #expect(labels == utterance["greedy_labels"] as? [Int])
            #expect(labels.map { letters[$0] }.joined() == utterance["greedy_text"] as? String)
            let expected = try #require(utterance["greedy_path_logp"] as? Double)
            #expect(abs(path.logProbability - expected) < 1e-4)
        }
    }
}
